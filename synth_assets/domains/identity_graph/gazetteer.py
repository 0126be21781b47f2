"""Where households live: real ZIP codes with their city and state.

ZIP codes are those of ``randomness.zip_codes``, of the fifty states and the District of Columbia. A
ZIP code counts to the largest city whose name is accepted in its addresses: those of South Boston
count to Boston. The population of a city is from GeoNames and is divided among the city's ZIP
codes, which differ in size by a lognormal factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.identity_graph import terms
from synth_assets.randomness import geonames
from synth_assets.randomness import zip_codes as listed_codes
from synth_assets.randomness.random_arrays import Ints, cdf_thresholds, high32, random_bits
from synth_assets.randomness.streams import RandomStream

STATE_NAMES = (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware",
    "District of Columbia", "Florida", "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa",
    "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan",
    "Minnesota", "Mississippi", "Missouri", "Montana", "Nebraska", "Nevada", "New Hampshire",
    "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota", "Ohio", "Oklahoma",
    "Oregon", "Pennsylvania", "Rhode Island", "South Carolina", "South Dakota", "Tennessee",
    "Texas", "Utah", "Vermont", "Virginia", "Washington", "West Virginia", "Wisconsin", "Wyoming",
)  # fmt: skip
# People in each of ``terms.STATES``, in thousands (2020 Census).
STATE_PEOPLE = (
    5_024, 733, 7_152, 3_012, 39_538, 5_774, 3_606, 990, 690, 21_538, 10_712, 1_455, 1_839, 12_813,
    6_786, 3_190, 2_938, 4_506, 4_658, 1_362, 6_177, 7_030, 10_077, 5_706, 2_961, 6_155, 1_084,
    1_962, 3_105, 1_378, 9_289, 2_118, 20_201, 10_439, 779, 11_799, 3_959, 4_237, 13_003, 1_097,
    5_118, 887, 6_911, 29_146, 3_272, 643, 8_631, 7_705, 1_794, 5_894, 577,
)  # fmt: skip
# Postal names of cities that GeoNames names otherwise.
POSTAL_NAMES = {
    # The boroughs of New York City have postal names of their own.
    "Manhattan": "New York",
    "The Bronx": "Bronx",
    "Washington, D.C.": "Washington",
    "St. Louis": "Saint Louis",
    "St. Petersburg": "Saint Petersburg",
}
# People in a city's ZIP code on average, at most: GeoNames gives some districts the population of
# the whole city. The most populous ZIP codes have some 130,000 people (2020 Census).
MOST_PEOPLE = 70_000


@dataclass(frozen=True)
class Places:
    """ZIP codes in order, and the upper end of each one's part of 2**32 equally likely draws."""

    city: pl.Series
    state: pl.Series
    zip_code: pl.Series
    thresholds: Ints

    def share_of(self, state: str) -> float:
        """Share of all households in a state.

        Args:
            state: The state's two letters.
        """
        sizes = np.diff(self.thresholds, prepend=0)
        return float(sizes[(self.state == state).to_numpy()].sum() / self.thresholds[-1])


@cache
def zip_codes() -> pl.DataFrame:
    """``zip_code``, ``city``, ``state`` and ``people`` of every ZIP code, in order.

    ``people`` is the average of the city's ZIP codes.
    """
    names = (
        listed_codes.zip_codes()
        .select("zip_code", "state", city=pl.concat_list("city", "acceptable_cities"))
        .explode("city")
        .filter(pl.col("state").is_in(terms.STATES))
    )
    known = geonames.places().filter(pl.col("country_code") == "US")
    codes = dict(zip(STATE_NAMES, terms.STATES, strict=True))
    known = (
        known.with_columns(
            pl.col("city").replace(POSTAL_NAMES),
            state=pl.col("state").replace_strict(codes, default=None),
        )
        .group_by("city", "state")
        .agg(pl.col("population").max())
        .filter(pl.col("population") > 0)
    )
    largest = (
        names.join(known, on=["city", "state"])
        .sort("zip_code", "population", "city", descending=[False, True, False])
        .unique("zip_code", keep="first", maintain_order=True)
    )
    people = (pl.col("population") / pl.len().over("city", "state")).clip(upper_bound=MOST_PEOPLE)
    return largest.select("zip_code", "city", "state", people=people).sort("zip_code")


@cache
def places(shares: tuple[tuple[str, float], ...] | None, spread: float) -> Places:
    """The ZIP codes that households are drawn from, by population.

    Args:
        shares: Share of households in each state; by the states' populations if None.
        spread: Standard deviation of the logarithm of the population of a city's ZIP codes.
    """
    found = zip_codes().with_columns(factor=_factors(zip_codes()["zip_code"], spread))
    weight = pl.col("people") * pl.col("factor") / pl.col("factor").mean().over("city", "state")
    of_states = dict(shares or zip(terms.STATES, STATE_PEOPLE, strict=True))
    found = found.filter(
        pl.col("state").is_in([name for name, share in of_states.items() if share])
    )
    of_state = pl.col("state").replace_strict(of_states, return_dtype=pl.Float64)
    weight = weight / weight.sum().over("state") * of_state
    weights = found.select(weight).to_series().to_numpy()
    return Places(found["city"], found["state"], found["zip_code"], cdf_thresholds(weights))


def _factors(codes: pl.Series, spread: float) -> pl.Series:
    """A lognormal factor of each ZIP code, always the same."""
    from scipy.special import ndtri

    bits = random_bits(RandomStream(0, "zip_codes", "people"), codes.cast(pl.Int64).to_numpy())
    return pl.Series(np.exp(spread * ndtri((high32(bits) + 0.5) / 2.0**32)).round(6))
