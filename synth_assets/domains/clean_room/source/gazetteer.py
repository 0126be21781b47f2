"""Where people live: real cities with state, country, coordinates, and an invented postal code.

Names, states, coordinates and populations are those of ``randomness.geonames``. The weight of a
country is its share of the merchant's users, not of the world's population.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import numpy as np
import polars as pl

from synth_assets.randomness import geonames
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream

# Smaller towns are left out.
LEAST_PEOPLE = 10_000
# Share of people with the text `null` as city; only places with a share below SMALL have it.
NULL_CITY, NULL_SHARE, SMALL = "null", 0.01, 1e-4


@dataclass(frozen=True)
class Country:
    """A country as the merchant spells it.

    ``share`` is in percent of the users (measured on the public data set). In the postal code's
    ``pattern`` L is a leading digit that a whole state shares, # a digit and A a letter.
    ``usual`` is the spelling without the data defect of mixed spellings.
    """

    name: str
    code: str
    share: float
    pattern: str
    usual: str = ""


COUNTRIES = (
    Country("China", "CN", 33.92, "LL####"),
    Country("United States", "US", 22.53, "LL###"),
    Country("Brasil", "BR", 14.56, "L####-###"),
    Country("South Korea", "KR", 5.34, "LL###"),
    Country("France", "FR", 4.71, "LL###"),
    Country("United Kingdom", "GB", 4.61, "AA# #AA"),
    Country("Germany", "DE", 4.17, "L####"),
    Country("Spain", "ES", 4.02, "LL###"),
    Country("Japan", "JP", 2.45, "LL#-####"),
    Country("Australia", "AU", 2.18, "LL##"),
    Country("Belgium", "BE", 1.25, "L###"),
    Country("Poland", "PL", 0.24, "LL-###"),
    Country("Colombia", "CO", 0.01, "LL####"),
    Country("Austria", "AT", 0.005, "L###"),
    Country("España", "ES", 0.005, "LL###", usual="Spain"),
    Country("Deutschland", "DE", 0.005, "L####", usual="Germany"),
)
# Range of leading digits of a country's codes; other countries use all digits.
LEADS = {"FR": (1, 95), "ES": (1, 52), "KR": (1, 63), "CN": (1, 85), "BE": (1, 9), "AT": (1, 9)}
# Range of leading digits of each state, from the tables of USPS and Australia Post.
STATE_LEADS = {
    "AU": {
        "New South Wales": (20, 25), "Victoria": (30, 39), "Queensland": (40, 48),
        "South Australia": (50, 57), "Western Australia": (60, 67), "Tasmania": (70, 74),
        "Northern Territory": (8, 8), "Australian Capital Territory": (26, 26),
    },
    "US": {
        "Alabama": (35, 36), "Alaska": (99, 99), "Arizona": (85, 86), "Arkansas": (71, 72),
        "California": (90, 95), "Colorado": (80, 81), "Connecticut": (6, 6), "Delaware": (19, 19),
        "District of Columbia": (20, 20), "Florida": (32, 34), "Georgia": (30, 31),
        "Hawaii": (96, 96), "Idaho": (83, 83), "Illinois": (60, 62), "Indiana": (46, 47),
        "Iowa": (50, 52), "Kansas": (66, 67), "Kentucky": (40, 42), "Louisiana": (70, 71),
        "Maine": (4, 4), "Maryland": (21, 21), "Massachusetts": (1, 2), "Michigan": (48, 49),
        "Minnesota": (55, 56), "Mississippi": (38, 39), "Missouri": (63, 65),
        "Montana": (59, 59), "Nebraska": (68, 69), "Nevada": (89, 89), "New Hampshire": (3, 3),
        "New Jersey": (7, 8), "New Mexico": (87, 88), "New York": (10, 14),
        "North Carolina": (27, 28), "North Dakota": (58, 58), "Ohio": (43, 45),
        "Oklahoma": (73, 74), "Oregon": (97, 97), "Pennsylvania": (15, 19),
        "Rhode Island": (2, 2), "South Carolina": (29, 29), "South Dakota": (57, 57),
        "Tennessee": (37, 38), "Texas": (75, 79), "Utah": (84, 84), "Vermont": (5, 5),
        "Virginia": (22, 24), "Washington": (98, 99), "West Virginia": (25, 26),
        "Wisconsin": (53, 54), "Wyoming": (82, 83),
    },
}  # fmt: skip
LETTERS = "ABCDEFGHJKLMNPRSTUWXY"


@cache
def cities() -> pl.DataFrame:
    """The cities of these countries, largest first within each.

    ``country_code``, ``state``, ``city``, ``latitude``, ``longitude``, ``population``,
    ``postal_code`` (with leading zeros), ``code`` (64 bits that seed the city's random choices).
    """
    codes = list(dict.fromkeys(country.code for country in COUNTRIES))
    kept = geonames.places().filter(
        pl.col("country_code").is_in(codes)
        & pl.col("state").is_not_null()
        & (pl.col("population") >= LEAST_PEOPLE)
    )
    names = ["country_code", "state", "city"]
    kept = kept.sort(
        "country_code",
        "population",
        "state",
        "city",
        "latitude",
        descending=[False, True, *[False] * 3],
    ).unique(names, keep="first", maintain_order=True)
    patterns = {country.code: country.pattern for country in COUNTRIES}
    named = list(kept.select(names).iter_rows())
    postal = [_postal_code(patterns[code], code, state, city) for code, state, city in named]
    numbers = [_number(*words) for words in named]
    return kept.with_columns(
        postal_code=pl.Series(postal), code=pl.Series(numbers, dtype=pl.UInt64)
    )


def _number(*names: str) -> int:
    text = "\x1f".join(names)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _postal_code(pattern: str, country: str, state: str, city: str) -> str:
    chance = _number("postal code", country, state, city)
    leads = pattern.count("L")
    whole = (0, 10**leads - 1)
    first, last = LEADS.get(country, whole)
    if country in STATE_LEADS:
        first, last = STATE_LEADS[country].get(state, whole)
        lead = first + chance % (last - first + 1)
    else:
        lead = first + _number("state", country, state) % (last - first + 1)
    written, chance = iter(f"{lead:0{leads}d}"), chance // 100
    code = ""
    for sign in pattern:
        if sign == "L":
            code += next(written)
        elif sign in "A#":
            signs = LETTERS if sign == "A" else "0123456789"
            chance, drawn = divmod(chance, len(signs))
            code += signs[drawn]
        else:
            code += sign
    return code


class Gazetteer:
    """Places as the merchant writes them; a place is a row number of ``places``.

    Args:
        mixed_countries: Whether countries have several spellings.
        null_cities: Whether the city of some places is the text `null`.
        lost_zeros: Whether numeric postal codes have lost their leading zeros.
    """

    def __init__(self, *, mixed_countries: bool, null_cities: bool, lost_zeros: bool) -> None:
        parts = []
        for country in COUNTRIES:
            here = cities().filter(pl.col("country_code") == country.code)
            name = country.name if mixed_countries else country.usual or country.name
            weight = pl.col("population") / pl.col("population").sum() * country.share
            parts.append(here.with_columns(country=pl.lit(name), weight=weight))
        places = pl.concat(parts).with_columns(pl.col("weight") / pl.col("weight").sum())
        if null_cities:
            places = places.with_columns(city=_nameless(pl.col("weight")))
        if lost_zeros:
            digits = pl.col("postal_code").str.contains(r"^\d+$")
            short = pl.col("postal_code").str.strip_chars_start("0")
            places = places.with_columns(
                postal_code=pl.when(digits).then(short).otherwise("postal_code")
            )
        self.places = places.select(
            "country", "state", "city", "postal_code", "latitude", "longitude", "weight"
        )
        running = np.cumsum(places["weight"].to_numpy())
        self._running = pl.Series(running / running[-1])

    def place(self, draw: RandomStream, row: pl.Expr) -> pl.Expr:
        """A random place, weighted by population and the country's share.

        Args:
            draw: The random stream.
            row: The row's number.
        """
        unit = draw.uniform(row)
        return pl.lit(self._running).search_sorted(unit, side="right").cast(pl.Int64)

    def show(self, column: str, place: pl.Expr) -> pl.Expr:
        """A column of ``places`` for each place.

        Args:
            column: The column's name.
            place: The place's number.
        """
        return gather(self.places[column], place)


def _nameless(weight: pl.Expr) -> pl.Expr:
    """The city, or `null` for a share of the small places."""
    small = weight < SMALL
    needed = NULL_SHARE / weight.filter(small).sum()
    drawn = (pl.col("code") // 2**11).cast(pl.Float64) * 2.0**-53
    return pl.when(small & (drawn < needed)).then(pl.lit(NULL_CITY)).otherwise("city")
