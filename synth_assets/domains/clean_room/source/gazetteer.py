"""Where people live: real cities with state and country, each with the postal codes of its place.

Names, states, coordinates and populations are those of ``randomness.geonames``, postal codes those
of ``postal``. The weight of a country is its share of the merchant's users, not of the world's
population; a city's people are spread evenly over its postal codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import numpy as np
import polars as pl

from synth_assets.domains.clean_room.source.networks import COUNTRY_CODES
from synth_assets.domains.clean_room.source.people.names import (
    ALL_CULTURES,
    ORIGINAL,
    culture_of,
)
from synth_assets.domains.clean_room.source.postal.codes import codes
from synth_assets.domains.clean_room.source.postal.zip_codes import zip_codes
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

    ``share`` is in percent of the users (measured on the public data set), ``zone`` the IANA time
    zone of most of its people. ``usual`` is the spelling without the data defect of mixed
    spellings.
    """

    name: str
    code: str
    share: float
    zone: str
    usual: str = ""


COUNTRIES = (
    Country("China", "CN", 33.92, "Asia/Shanghai"),
    Country("United States", "US", 22.53, "America/New_York"),
    Country("Brasil", "BR", 14.56, "America/Sao_Paulo"),
    Country("South Korea", "KR", 5.34, "Asia/Seoul"),
    Country("France", "FR", 4.71, "Europe/Paris"),
    Country("United Kingdom", "GB", 4.61, "Europe/London"),
    Country("Germany", "DE", 4.17, "Europe/Berlin"),
    Country("Spain", "ES", 4.02, "Europe/Madrid"),
    Country("Japan", "JP", 2.45, "Asia/Tokyo"),
    Country("Australia", "AU", 2.18, "Australia/Sydney"),
    Country("Belgium", "BE", 1.25, "Europe/Brussels"),
    Country("Poland", "PL", 0.24, "Europe/Warsaw"),
    Country("Colombia", "CO", 0.01, "America/Bogota"),
    Country("Austria", "AT", 0.005, "Europe/Vienna"),
    Country("España", "ES", 0.005, "Europe/Madrid", usual="Spain"),
    Country("Deutschland", "DE", 0.005, "Europe/Berlin", usual="Germany"),
)
# Time zones of states that differ from their country's; those of the United States are the codes'.
STATE_ZONES = {
    ("BR", "Acre"): "America/Rio_Branco", ("BR", "Amazonas"): "America/Manaus",
    ("BR", "Rondônia"): "America/Porto_Velho", ("BR", "Roraima"): "America/Boa_Vista",
    ("BR", "Mato Grosso"): "America/Cuiaba",
    ("BR", "Mato Grosso do Sul"): "America/Campo_Grande",
    ("ES", "Canary Islands"): "Atlantic/Canary",
    ("AU", "Queensland"): "Australia/Brisbane", ("AU", "South Australia"): "Australia/Adelaide",
    ("AU", "Western Australia"): "Australia/Perth",
    ("AU", "Northern Territory"): "Australia/Darwin",
}  # fmt: skip
# Places that are listed under other names or twice: the whole of New York City beside its boroughs,
# quarters with the population of their city.
LEFT_OUT = {("US", "New York City"), ("DE", "Großzschocher"), ("DE", "Kleinzschocher")}
RENAMED = {
    "Manhattan": "New York", "The Bronx": "Bronx", "State of Berlin": "Berlin",
    "City state Bremen": "Bremen", "Baden-Wurttemberg": "Baden-Württemberg",
}  # fmt: skip


@cache
def cities() -> pl.DataFrame:
    """The cities of these countries, largest first within each.

    ``country_code``, ``state``, ``city``, ``latitude``, ``longitude``, ``population``, ``code`` (64
    bits that seed the city's random choices).
    """
    listed = list(dict.fromkeys(country.code for country in COUNTRIES))
    left_out = pl.DataFrame(list(LEFT_OUT), ["country_code", "city"], orient="row")
    kept = (
        geonames.places()
        .filter(
            pl.col("country_code").is_in(listed)
            & pl.col("state").is_not_null()
            & (pl.col("population") >= LEAST_PEOPLE)
        )
        .join(left_out, on=["country_code", "city"], how="anti", maintain_order="left")
        .with_columns(
            pl.col("city").replace(RENAMED),
            pl.col("state").replace(RENAMED).str.replace(" (Voivodeship|Department)$", ""),
        )
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
    numbers = [_number(*words) for words in kept.select(names).iter_rows()]
    return kept.with_columns(code=pl.Series(numbers, dtype=pl.UInt64))


def _number(*names: str) -> int:
    text = "\x1f".join(names)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


@cache
def cities_with_codes() -> pl.DataFrame:
    """The cities, a row for each postal code, with ``zone``; ``population`` is the code's part."""
    numbered = cities().with_row_index("city_number")
    found = [
        zip_codes(some) if country == "US" else codes(some)
        for (country,), some in numbered.partition_by("country_code", as_dict=True).items()
    ]
    usual = pl.col("country_code").replace_strict({each.code: each.zone for each in COUNTRIES})
    zones = [(*of, zone) for of, zone in STATE_ZONES.items()]
    of_state = pl.DataFrame(zones, ["country_code", "state", "of_state"], orient="row")
    return (
        numbered.drop("latitude", "longitude")
        .join(of_state, on=["country_code", "state"], how="left")
        .join(pl.concat(found, how="diagonal"), on="city_number", maintain_order="left_right")
        .select(
            "country_code",
            "state",
            "city",
            "latitude",
            "longitude",
            pl.col("population") / pl.len().over("city_number"),
            "code",
            "postal_code",
            pl.coalesce("zone", "of_state", usual),
        )
    )


class Gazetteer:
    """Places as the merchant writes them; a place is a row number of ``places``.

    Args:
        mixed_countries: Whether countries have several spellings.
        null_cities: Whether the city of some places is the text `null`.
        lost_zeros: Whether numeric postal codes have lost their leading zeros.
        native_names: Whether people have names of their country.
    """

    def __init__(
        self, *, mixed_countries: bool, null_cities: bool, lost_zeros: bool, native_names: bool
    ) -> None:
        parts = []
        for country in COUNTRIES:
            here = cities_with_codes().filter(pl.col("country_code") == country.code)
            name = country.name if mixed_countries else country.usual or country.name
            weight = pl.col("population") / pl.col("population").sum() * country.share
            parts.append(here.with_columns(country=pl.lit(name), weight=weight))
        places = pl.concat(parts).with_columns(pl.col("weight") / pl.col("weight").sum())
        if null_cities:
            places = places.with_columns(city=_nameless())
        if lost_zeros:
            digits = pl.col("postal_code").str.contains(r"^\d+$")
            short = pl.col("postal_code").str.strip_chars_start("0")
            places = places.with_columns(
                postal_code=pl.when(digits).then(short).otherwise("postal_code")
            )
        self.zones = places["zone"].unique().sort().to_list()
        countries, states = places["country_code"], places["state"]
        cultures = [
            culture_of(*of) if native_names else ORIGINAL
            for of in zip(countries, states, strict=True)
        ]
        self.places = places.select(
            "country", "state", "city", "postal_code", "latitude", "longitude", "weight",
            zone=pl.col("zone").replace_strict(self.zones, range(len(self.zones))),
            culture=pl.Series(cultures).replace_strict(ALL_CULTURES, range(len(ALL_CULTURES))),
            network=pl.col("country_code").replace_strict(COUNTRY_CODES, range(len(COUNTRY_CODES))),
        )  # fmt: skip
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


def _nameless() -> pl.Expr:
    """The city, or `null` for a share of the small ones; all codes of a city are alike."""
    weight = pl.col("weight").sum().over("country", "code")
    small = weight < SMALL
    needed = NULL_SHARE / pl.col("weight").filter(small).sum()
    drawn = (pl.col("code") // 2**11).cast(pl.Float64) * 2.0**-53
    return pl.when(small & (drawn < needed)).then(pl.lit(NULL_CITY)).otherwise("city")
