"""Postal codes of cities, by the areas of ``areas``; those of the United States by ``zipcodes``.

A city has a code for every ``PEOPLE_A_CODE`` inhabitants. Codes of the United States are real, each
with its city, coordinates and time zone. Elsewhere the first signs are those of the city's postal
area and the last ones are drawn, in the form that the country uses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.clean_room.source.postal.areas import AREAS, STATES
from synth_assets.randomness import geonames
from synth_assets.randomness.splitmix64 import mix_one

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
ENTRY = re.compile(r"([A-Z]*)(\d+)(?:-(\d+))? (.+)")


class Code(NamedTuple):
    """A postal code; ``zone`` is the IANA time zone where it is known."""

    code: str
    latitude: float
    longitude: float
    zone: str | None = None


class Area(NamedTuple):
    """The first signs of the codes around a city, in several ranges."""

    city: str
    state: str
    latitude: float
    longitude: float
    starts: tuple[str, ...]


@cache
def _places() -> pl.DataFrame:
    return geonames.places().filter(pl.col("country_code").is_in(list(AREAS)))


@cache
def areas(country: str) -> list[Area]:
    """The postal areas of a country.

    Args:
        country: ISO 3166-1 alpha-2 code.

    Raises:
        KeyError: An area is named after a city that GeoNames does not know.
    """
    cities = _places().filter(country_code=country).sort("population")
    known = {row["city"]: row for row in cities.iter_rows(named=True)}
    starts: dict[str, list[str]] = {}
    for entry in AREAS[country].split(";"):
        match = ENTRY.fullmatch(" ".join(entry.split()))
        assert match, entry
        letters, first, last, city = match.groups()
        width = 0 if letters else len(first)
        numbers = range(int(first), int(last or first) + 1)
        starts.setdefault(city, []).extend(f"{letters}{number:0{width}d}" for number in numbers)
    return [
        Area(city, row["state"], row["latitude"], row["longitude"], tuple(some))
        for city, some in starts.items()
        for row in [known[city]]
    ]


def codes(city: dict[str, Any]) -> list[Code]:
    """The postal codes of a city of any country but the United States.

    Args:
        city: A row of ``gazetteer.cities``.
    """
    country, people, seed = city["country_code"], city["population"], city["code"]
    here = (city["latitude"], city["longitude"])
    area = _nearest(country, city["state"], here)
    main = (area.latitude, area.longitude) == here
    starts = area.starts
    if not main and country in SHARED:
        starts = tuple(dict.fromkeys(start[: SHARED[country]] for start in starts))
    chance = (mix_one(number, seed) for number in range(4 * MOST_CODES))
    found: dict[str, Code] = {}
    for bits in chance:
        if len(found) >= min(math.ceil(people / PEOPLE_A_CODE), MOST_CODES):
            break
        ending = ENDINGS[country][0 if main else 1]
        if main and not found:
            ending = ending.replace("+", "0")
        code = _written(country, starts, ending, len(found), bits)
        # The first code is that of the centre.
        place = _around(here, people, bits) if found else here
        found.setdefault(code, Code(code, *place))
    return list(found.values())


def _nearest(country: str, state: str, here: tuple[float, float]) -> Area:
    listed = areas(country)
    of_state = [area for area in listed if area.state == state] or listed
    scale = math.cos(math.radians(here[0]))
    return min(
        of_state,
        key=lambda area: (area.latitude - here[0]) ** 2 + ((area.longitude - here[1]) * scale) ** 2,
    )


def _written(country: str, starts: Sequence[str], ending: str, number: int, bits: int) -> str:
    bits, place = divmod(bits, len(starts))
    code = starts[place]
    if country in DIGITS:
        ending = ending[len(ending) - (DIGITS[country] - len(code)) :]
    counted = iter(f"{number + 1:02d}")
    for sign in ending:
        if sign == "@":
            code += next(counted)
        elif sign in SIGNS:
            bits, drawn = divmod(bits, len(SIGNS[sign]))
            code += SIGNS[sign][drawn]
        else:
            code += sign
    before = HYPHENS.get(country)
    return f"{code[:before]}-{code[before:]}" if before else code


def _around(centre: tuple[float, float], people: int, bits: int) -> tuple[float, float]:
    """A point in the square around a city's centre that its people fill."""
    reach = math.sqrt(people / DENSITY) / DEGREE / 2
    north, east = ((bits >> shift) % 2**16 / 2**15 - 1 for shift in (16, 40))
    latitude = centre[0] + reach * north
    longitude = centre[1] + reach * east / math.cos(math.radians(centre[0]))
    return round(latitude, 5), round(longitude, 5)


@cache
def american() -> dict[str, dict[str, list[Code]]]:
    """The ZIP codes of each city of the United States, by state (two letters) and city.

    Standard ones in use; those of the military and of post-office boxes are left out.
    """
    # Reading the package's list takes a second.
    import zipcodes

    found: dict[str, dict[str, list[Code]]] = {}
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]
        if row["zip_code_type"] == "STANDARD" and row["active"] and row["lat"]:
            code = Code(row["zip_code"], float(row["lat"]), float(row["long"]), row["timezone"])
            found.setdefault(row["state"], {}).setdefault(row["city"], []).append(code)
    return found


@cache
def _all_of(state: str) -> tuple[list[Code], npt.NDArray[np.float64]]:
    """All ZIP codes of a state, with their coordinates."""
    listed = [code for some in american()[state].values() for code in some]
    return listed, np.array([(code.latitude, code.longitude) for code in listed])


def zip_codes(city: dict[str, Any]) -> list[Code]:
    """The ZIP codes of a city of the United States; the nearest one if none has its name.

    Args:
        city: A row of ``gazetteer.cities``.
    """
    state = STATES[city["state"]]
    named = american()[state].get(city["city"].replace("St. ", "Saint "))
    if named:
        return named
    listed, points = _all_of(state)
    away = (points - (city["latitude"], city["longitude"])) ** 2
    scale = math.cos(math.radians(city["latitude"])) ** 2
    return [listed[int((away[:, 0] + scale * away[:, 1]).argmin())]]
