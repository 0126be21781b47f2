"""Where households live: real ZIP codes with their city and state.

ZIP codes are from the package ``zipcodes`` (standard ones in use, of the fifty states and the
District of Columbia). The population of a city is from GeoNames, divided evenly among the city's
ZIP codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.identity_graph import terms
from synth_assets.randomness import geonames
from synth_assets.randomness.random_arrays import Ints, cdf_thresholds

STATE_NAMES = (
    "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware",
    "District of Columbia", "Florida", "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa",
    "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan",
    "Minnesota", "Mississippi", "Missouri", "Montana", "Nebraska", "Nevada", "New Hampshire",
    "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota", "Ohio", "Oklahoma",
    "Oregon", "Pennsylvania", "Rhode Island", "South Carolina", "South Dakota", "Tennessee",
    "Texas", "Utah", "Vermont", "Virginia", "Washington", "West Virginia", "Wisconsin", "Wyoming",
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
    """``zip_code``, ``city``, ``state`` and ``people`` of every ZIP code, in order."""
    # Imported where it is needed: reading its list takes a second.
    import zipcodes

    listed = pl.DataFrame(
        [
            (code["zip_code"], code["city"], code["state"])
            for code in zipcodes.list_all()  # type: ignore[no-untyped-call]
            if code["active"] and code["zip_code_type"] == "STANDARD"
        ],
        schema=["zip_code", "city", "state"],
        orient="row",
    ).filter(pl.col("state").is_in(terms.STATES))
    known = geonames.places().filter(pl.col("country_code") == "US")
    codes = dict(zip(STATE_NAMES, terms.STATES, strict=True))
    known = (
        known.with_columns(
            pl.col("city").replace(POSTAL_NAMES),
            state=pl.col("state").replace_strict(codes, default=None),
        )
        .group_by("city", "state")
        .agg(pl.col("population").max())
    )
    joined = listed.unique("zip_code").join(known, on=["city", "state"])
    people = pl.col("population") / pl.len().over("city", "state")
    return (
        joined.filter(pl.col("population") > 0)
        .select("zip_code", "city", "state", people=people)
        .sort("zip_code")
    )


@cache
def places(shares: tuple[tuple[str, float], ...] | None) -> Places:
    """The ZIP codes that households are drawn from, by population.

    Args:
        shares: Share of households in each state; by population if None.
    """
    found = zip_codes()
    weight = pl.col("people")
    if shares is not None:
        found = found.filter(pl.col("state").is_in([state for state, share in shares if share]))
        of_state = pl.col("state").replace_strict(dict(shares), return_dtype=pl.Float64)
        weight = weight / weight.sum().over("state") * of_state
    weights = found.select(weight).to_series().to_numpy()
    return Places(found["city"], found["state"], found["zip_code"], cdf_thresholds(weights))
