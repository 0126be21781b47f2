"""Postal codes of cities outside the United States, by the areas of ``areas``.

A city has a code for every ``PEOPLE_A_CODE`` inhabitants. The first signs are those of the city's
postal area and the last ones are drawn, in the form that the country uses. Codes of the United
States are in ``zip_codes``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.clean_room.source.postal.areas import AREAS
from synth_assets.randomness import geonames
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.splitmix64 import mix

PEOPLE_A_CODE, MOST_CODES = 40_000, 40
# People in a square kilometre of a city, by which its codes are spread around its centre, and
# kilometres in a degree of latitude.
DENSITY, DEGREE = 4_000, 111.0
# Digits of a code, and the digit before which it has a hyphen.
DIGITS = {
    "CN": 6, "BR": 8, "KR": 5, "FR": 5, "DE": 5, "ES": 5, "JP": 7, "AU": 4, "BE": 4, "PL": 5,
    "CO": 6, "AT": 4,
}  # fmt: skip
HYPHENS = {"BR": 5, "JP": 3, "PL": 2}
# Last signs of codes of the city that an area is named after, and of other places in it: # is a
# digit, + one that is not 0 (but in the city's first code), A a letter, @@ counts the city's codes.
ENDINGS = {
    "CN": ("#0", "##0"), "BR": ("####0", "##000"), "KR": ("##", "##"), "FR": ("+00", "+#0"),
    "DE": ("###", "+##"), "ES": ("0@@", "+#0"), "JP": ("00##", "0###"), "AU": ("#", "#"),
    "BE": ("#0", "#0"), "PL": ("###", "+00"), "CO": ("@@", "+0"), "AT": ("0", "0"),
    "GB": (" #AA", " #AA"),
}  # fmt: skip
# First signs that all places of an area share, where these are fewer than those of its main city.
SHARED = {"CN": 3, "FR": 2, "DE": 2, "ES": 2}
SIGNS = {"#": "0123456789", "+": "123456789", "A": "ABDEFGHJLNPQRSTUWXYZ"}
# Areas that end with their city, and how far that is from its centre, in kilometres.
ALONE = {("FR", "Paris"): 4.3}
# Districts with one code, which ends with their number.
DISTRICT = r"^(?:Paris|Lyon|Marseille) (\d+)(?:e Arrondissement)?$"
ENTRY = re.compile(r"([A-Z]*)(\d+)(?:-(\d+))? (.+)")


class Area(NamedTuple):
    """The first signs of the codes around a city, in several ranges."""

    city: str
    state: str
    latitude: float
    longitude: float
    starts: tuple[str, ...]


@cache
def areas(country: str) -> list[Area]:
    """The postal areas of a country.

    Args:
        country: ISO 3166-1 alpha-2 code.

    Raises:
        KeyError: An area is named after a city that GeoNames does not know.
    """
    cities = geonames.places().filter(country_code=country).sort("population")
    starts: dict[str, list[str]] = {}
    for entry in AREAS[country].split(";"):
        match = ENTRY.fullmatch(" ".join(entry.split()))
        assert match, entry
        letters, first, last, city = match.groups()
        width = 0 if letters else len(first)
        numbers = range(int(first), int(last or first) + 1)
        starts.setdefault(city, []).extend(f"{letters}{number:0{width}d}" for number in numbers)
    named = cities.filter(pl.col("city").is_in(list(starts)))
    known = {row["city"]: row for row in named.iter_rows(named=True)}
    return [
        Area(city, row["state"], row["latitude"], row["longitude"], tuple(some))
        for city, some in starts.items()
        for row in [known[city]]
    ]


def codes(cities: pl.DataFrame) -> pl.DataFrame:
    """The postal codes of cities of one country, not the United States.

    Args:
        cities: Rows of ``gazetteer.cities``, with ``city_number``.

    Returns:
        ``city_number``, ``postal_code``, ``latitude`` and ``longitude``, the codes of a city in the
        order in which they were drawn.
    """
    country = cities["country_code"][0]
    people = pl.col("population").cast(pl.Float64)
    many = (people / PEOPLE_A_CODE).ceil().clip(upper_bound=MOST_CODES).cast(pl.Int64)
    district = pl.col("city").str.extract(DISTRICT)
    needed = pl.when(district.is_null()).then(many).otherwise(1)
    area, main = _nearest(country, cities)
    cities = cities.select(
        "city_number",
        "population",
        "latitude",
        "longitude",
        needed=needed,
        seed="code",
        area=area,
        main=main,
        district=district,
    )
    drawn = _drawn(country, cities, pl.col("needed"))
    # Where a code was drawn twice, more are drawn.
    counted = drawn.group_by("city_number").len()
    few = cities.join(counted, on="city_number").filter(pl.col("len") < pl.col("needed"))
    if few.height:
        more = _drawn(country, few.drop("len"), pl.lit(4 * MOST_CODES))
        drawn = pl.concat([drawn.join(few, on="city_number", how="anti"), more])
    return _around(drawn.sort("city_number", "number"))


def _drawn(country: str, cities: pl.DataFrame, tries: pl.Expr) -> pl.DataFrame:
    """The different codes among several drawn for each city, at most ``needed``."""
    rows = (
        cities.with_columns(number=pl.int_ranges(0, tries))
        .explode("number")
        .with_columns(bits=mix(pl.col("number").cast(pl.UInt64), pl.col("seed")))
    )
    parts = [_written(country, rows.filter(pl.col("main") == main), main) for main in (True, False)]
    return (
        pl.concat(parts)
        .unique(["city_number", "postal_code"], keep="first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("city_number") < pl.col("needed"))
    )


def _nearest(country: str, cities: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The number of each city's postal area, and whether that is named after it or around it."""
    listed = areas(country)
    here = cities.select("latitude", "longitude").to_numpy()
    there = np.array([(area.latitude, area.longitude) for area in listed])
    scale = np.cos(np.radians(here[:, :1]))
    away = (there[:, 0] - here[:, :1]) ** 2 + ((there[:, 1] - here[:, 1:]) * scale) ** 2
    states = np.array([area.state for area in listed])
    elsewhere = states != cities["state"].to_numpy()[:, None]
    # A state without an area has the codes of any.
    elsewhere &= ~elsewhere.all(axis=1, keepdims=True)
    reach = np.array([ALONE.get((country, area.city), np.inf) for area in listed])
    elsewhere |= np.sqrt(away) * DEGREE > reach
    nearest = np.where(elsewhere, np.inf, away).argmin(axis=1)
    inside = (there[nearest] == here).all(axis=1) | np.isfinite(reach[nearest])
    return pl.Series(nearest), pl.Series(inside)


def _written(country: str, rows: pl.DataFrame, main: bool) -> pl.DataFrame:
    """Add ``postal_code``: a start of the area and the last signs.

    Args:
        country: ISO 3166-1 alpha-2 code.
        rows: Cities with their ``area``, the ``number`` of the code, and ``bits``.
        main: Whether the areas are named after the cities.
    """
    starts = [area.starts for area in areas(country)]
    if not main and country in SHARED:
        shared = SHARED[country]
        starts = [tuple(dict.fromkeys(start[:shared] for start in some)) for some in starts]
    sizes = [len(some) for some in starts]
    size = gather(pl.Series(sizes, dtype=pl.UInt64), pl.col("area"))
    first = gather(offsets(sizes), pl.col("area"))
    place = first + (pl.col("bits") % size).cast(pl.Int64)
    flat = [start for some in starts for start in some]
    start, number = gather(flat, place), pl.col("district").str.zfill(3)
    start = pl.coalesce(start.str.slice(0, 2) + number, start)
    rows = rows.with_columns(postal_code=start, left=pl.col("bits") // size)
    ending = ENDINGS[country][0 if main else 1]
    # Long starts leave no room for the first signs of the ending.
    room = pl.lit(len(ending))
    if country in DIGITS:
        room = DIGITS[country] - pl.col("postal_code").str.len_chars().cast(pl.Int64)
    rows = rows.with_columns(room=room)
    for place_left, sign in zip(range(len(ending), 0, -1), ending, strict=True):
        shown = pl.col("room") >= place_left
        written, left = _sign(sign, ending[-place_left:], main)
        rows = rows.with_columns(
            postal_code=pl.col("postal_code") + pl.when(shown).then(written).otherwise(pl.lit("")),
            left=pl.when(shown).then(left).otherwise("left"),
        )
    before = HYPHENS.get(country)
    if before:
        code = pl.col("postal_code").str
        rows = rows.with_columns(
            postal_code=code.slice(0, before) + pl.lit("-") + code.slice(before)
        )
    return rows.drop("left", "room")


def _sign(sign: str, rest: str, main: bool) -> tuple[pl.Expr, pl.Expr]:
    """A sign of a code's ending, and the random bits that are left after it.

    Args:
        sign: A sign of ``ENDINGS``.
        rest: The ending from this sign on.
        main: Whether the area is named after the city.
    """
    left = pl.col("left")
    if sign == "@":
        counted = (pl.col("number") + 1).cast(pl.String).str.zfill(2)
        return counted.str.slice(2 - rest.count("@"), 1), left
    if sign not in SIGNS:
        return pl.lit(sign), left
    signs, size = SIGNS[sign], len(SIGNS[sign])
    drawn = gather(list(signs), (left % size).cast(pl.Int64))
    if sign == "+" and main:
        centre = pl.col("number") == 0
        return pl.when(centre).then(pl.lit("0")).otherwise(drawn), pl.when(centre).then(
            left
        ).otherwise(left // size)
    return drawn, left // size


def _around(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with points in the square around the city's centre that its people fill.

    The first code of a city is that of its centre.
    """
    latitude, longitude = rows["latitude"].to_numpy(), rows["longitude"].to_numpy()
    bits = rows["bits"].to_numpy()
    reach = np.sqrt(rows["population"].to_numpy() / DENSITY) / DEGREE / 2
    north, east = ((bits >> np.uint64(shift)) % np.uint64(2**16) / 2**15 - 1 for shift in (16, 40))
    centre = rows["number"].to_numpy() == 0
    return rows.select(
        "city_number",
        "postal_code",
        latitude=_rounded(np.where(centre, latitude, latitude + reach * north)),
        longitude=_rounded(
            np.where(centre, longitude, longitude + reach * east / np.cos(np.radians(latitude)))
        ),
    )


def _rounded(values: npt.NDArray[np.float64]) -> pl.Series:
    """Values with five digits after the point; the nearest ones, as Python rounds."""
    return pl.Series([round(value, 5) for value in values.tolist()])
