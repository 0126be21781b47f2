"""Which tier someone is on, and whether they are verified: a latent model with a strength.

Everyone has a score of who they are: age, country, how they came to the merchant and what they
spent there, by the weights below. It is ranked among those whom the merchant knows, or among the
others, so that a tier does not tell which of them someone is. The rank is turned into a standard
normal ``s``. Tier and verification each have a normal of their own ``e`` (pure chance) and follow
from

    strength * s + sqrt(1 - strength ** 2) * e

which is standard normal at every strength: its upper 15% are Business, the next 25% Premium;
its upper 70% are verified. At strength 0 neither has anything to do with who someone is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import accumulate
from statistics import NormalDist

import polars as pl

from synth_assets.domains.clean_room.provider.holders import STRANGERS, draw
from synth_assets.domains.clean_room.scenario import CleanRoomScenario

TIERS = {"Free": 0.60, "Premium": 0.25, "Business": 0.15}
VERIFIED = 0.70
# People of this age have the most; a weight falls off to nothing over so many years.
PRIME, REACH, AGE_WEIGHT = 45, 33, 1.6
# Weights of countries; those left out, and other spellings of these, are in the middle.
COUNTRIES = {
    "United States": 0.6, "United Kingdom": 0.5, "Australia": 0.5, "Germany": 0.5,
    "Deutschland": 0.5, "Japan": 0.4, "South Korea": 0.3, "France": 0.3, "Belgium": 0.2,
    "Poland": -0.1, "Brasil": -0.4, "Brazil": -0.4, "Colombia": -0.4, "China": -0.5,
}  # fmt: skip
TRAFFIC = {"Email": 0.6, "Organic": 0.3, "Facebook": -0.3, "Display": -0.5}
# Weight of what was spent: its logarithm, in units of so many dollars.
SPEND_WEIGHT, SPEND_UNIT = 0.25, 50.0
NORMAL = NormalDist()


def standing(people: pl.LazyFrame, scenario: CleanRoomScenario) -> pl.LazyFrame:
    """Adds ``account_tier`` and ``is_verified_user`` to ``everyone``."""
    stranger = pl.col("person") >= STRANGERS
    score = _score().rank("ordinal").over(stranger) / (pl.len().over(stranger) + 1)
    scored = people.with_columns(_s=score.map_batches(_normal, return_dtype=pl.Float64))
    tier, verified = _mixed(scenario, "tier"), _mixed(scenario, "verified")
    bounds = [NORMAL.inv_cdf(share) for share in list(accumulate(TIERS.values()))[:-1]]
    made = pl.lit(next(iter(TIERS)))
    for bound, name in zip(bounds, list(TIERS)[1:], strict=True):
        made = pl.when(tier >= bound).then(pl.lit(name)).otherwise(made)
    return scored.with_columns(
        account_tier=made, is_verified_user=verified >= NORMAL.inv_cdf(1 - VERIFIED)
    ).drop("_s")


def _score() -> pl.Expr:
    prime = 1 - (pl.col("age") - PRIME).abs() / REACH
    country = _weight("country", COUNTRIES)
    traffic = _weight("traffic_source", TRAFFIC)
    spent = SPEND_WEIGHT * (pl.col("spend") / SPEND_UNIT).log1p()
    return AGE_WEIGHT * prime + country + traffic + spent


def _weight(column: str, weights: Mapping[str, float]) -> pl.Expr:
    return pl.col(column).replace_strict(weights, default=0.0, return_dtype=pl.Float64)


def _normal(shares: pl.Series) -> pl.Series:
    return pl.Series([NORMAL.inv_cdf(share) for share in shares], dtype=pl.Float64)


def _mixed(scenario: CleanRoomScenario, name: str) -> pl.Expr:
    strength = scenario.tier_strength
    noise = draw(scenario, name).normal(pl.col("person"))
    return strength * pl.col("_s") + math.sqrt(1 - strength**2) * noise
