"""The model that assigns account tiers and verification: a latent variable with a strength.

Every account holder has a score of age, country, traffic source and spend, by the weights below.
Scores are ranked separately among people whom the merchant knows and among the others, so that a
tier does not reveal which of the two a person is. The rank is transformed to a standard normal
``s``. Tier and verification each have an independent standard normal ``e`` and follow from

    strength * s + sqrt(1 - strength ** 2) * e

which is standard normal at every strength: its upper 15% are Business, the next 25% Premium; its
upper 70% are verified. At strength 0 neither depends on the score. The model that learns tiers from
the tables is in ``account_tier``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import accumulate
from statistics import NormalDist

import polars as pl

from synth_assets.domains.clean_room.provider.people import FIRST_UNKNOWN, provider_stream
from synth_assets.domains.clean_room.scenario import CleanRoomScenario

TIERS = {"Free": 0.60, "Premium": 0.25, "Business": 0.15}
VERIFIED = 0.70
# The age with the highest score, the years over which the score falls to 0, and its weight.
PRIME, REACH, AGE_WEIGHT = 45, 33, 1.6
# Weights of countries; all other countries and spellings have 0.
COUNTRIES = {
    "United States": 0.6, "United Kingdom": 0.5, "Australia": 0.5, "Germany": 0.5,
    "Deutschland": 0.5, "Japan": 0.4, "South Korea": 0.3, "France": 0.3, "Belgium": 0.2,
    "Poland": -0.1, "Brasil": -0.4, "Brazil": -0.4, "Colombia": -0.4, "China": -0.5,
}  # fmt: skip
TRAFFIC = {"Email": 0.6, "Organic": 0.3, "Facebook": -0.3, "Display": -0.5}
# Weight of the logarithm of spend, and the unit of spend in US dollars.
SPEND_WEIGHT, SPEND_UNIT = 0.25, 50.0
NORMAL = NormalDist()


def with_account_tier(people: pl.LazyFrame, scenario: CleanRoomScenario) -> pl.LazyFrame:
    """Add ``account_tier`` and ``is_verified_user`` to people.

    Args:
        people: The columns of ``account_holders.everyone``.
        scenario: The scenario, which has the strength.
    """
    unknown = pl.col("person") >= FIRST_UNKNOWN
    score = _score().rank("ordinal").over(unknown) / (pl.len().over(unknown) + 1)
    scored = people.with_columns(_s=score.map_batches(_normal, return_dtype=pl.Float64))
    tier, verified = _mixed(scenario, "tier"), _mixed(scenario, "verified")
    bounds = [NORMAL.inv_cdf(share) for share in list(accumulate(TIERS.values()))[:-1]]
    assigned = pl.lit(next(iter(TIERS)))
    for bound, name in zip(bounds, list(TIERS)[1:], strict=True):
        assigned = pl.when(tier >= bound).then(pl.lit(name)).otherwise(assigned)
    return scored.with_columns(
        account_tier=assigned, is_verified_user=verified >= NORMAL.inv_cdf(1 - VERIFIED)
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
    noise = provider_stream(scenario, name).normal(pl.col("person"))
    return strength * pl.col("_s") + math.sqrt(1 - strength**2) * noise
