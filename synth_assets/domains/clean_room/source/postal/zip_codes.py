"""Postal codes of cities of the United States: the real ones of ``randomness.zip_codes``."""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.domains.clean_room.source.postal.areas import STATES
from synth_assets.randomness import zip_codes as listed_codes


def zip_codes(cities: pl.DataFrame) -> pl.DataFrame:
    """The ZIP codes of cities of the United States; the nearest one where none has the name.

    Args:
        cities: Rows of ``gazetteer.cities``, with ``city_number``.

    Returns:
        ``city_number``, ``postal_code``, ``latitude``, ``longitude`` and ``zone``.
    """
    known = (
        listed_codes.zip_codes()
        .drop_nulls("latitude")
        .rename({"city": "name", "zip_code": "postal_code", "time_zone": "zone"})
    )
    cities = cities.select(
        "city_number",
        pl.col("state").replace_strict(STATES),
        "latitude",
        "longitude",
        name=pl.col("city").str.replace("St. ", "Saint ", literal=True, n=-1),
    )
    columns = ["city_number", "postal_code", "latitude", "longitude", "zone"]
    places = cities.select("city_number", "state", "name")
    named = places.join(known, on=["state", "name"], maintain_order="left_right").select(columns)
    others = []
    of_state = known.partition_by("state", as_dict=True)
    for (state,), some in (
        cities.join(named, on="city_number", how="anti").partition_by("state", as_dict=True).items()
    ):
        listed = of_state[state,]
        points = listed.select("latitude", "longitude").to_numpy()
        here = some.select("latitude", "longitude").to_numpy()
        scale = np.cos(np.radians(here[:, :1])) ** 2
        away = (points[:, 0] - here[:, :1]) ** 2 + scale * (points[:, 1] - here[:, 1:]) ** 2
        nearest = listed[away.argmin(axis=1)].select(columns[1:])
        others.append(some.select("city_number").hstack(nearest))
    return pl.concat([named, *others]).sort("city_number", maintain_order=True)
