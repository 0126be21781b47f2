"""Cities of every market, with their shares and their distance from UTC."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from synth_assets.domains.identity_resolution.asian_cities import ASIAN_CITIES
from synth_assets.domains.identity_resolution.locales import LOCALES, Locale
from synth_assets.randomness.geonames import places

# Cities of a market; smaller ones are left out.
MOST = 500
# Cities that GeoNames has by their English names.
LOCAL = {
    "Rome": "Roma", "Milan": "Milano", "Naples": "Napoli", "Turin": "Torino", "Genoa": "Genova",
    "Florence": "Firenze", "Venice": "Venezia", "Padua": "Padova", "Syracuse": "Siracusa",
    "Munich": "München", "Cologne": "Köln", "Nuremberg": "Nürnberg", "Hanover": "Hannover",
    "Hamburg-Mitte": "Hamburg", "Seville": "Sevilla", "Mexico City": "Ciudad de México",
}  # fmt: skip
AMERICAN = {"New York City": "New York"}
QUEBEC = "Quebec"
# Degrees of longitude an hour.
DEGREES = 15


@dataclass(frozen=True)
class Cities:
    """The cities of a market: names, shares of its people, and local time minus UTC in hours."""

    names: tuple[str, ...]
    shares: tuple[float, ...]
    clocks: tuple[float, ...]


@cache
def cities(place: int) -> Cities:
    """The largest cities of a market.

    Args:
        place: Index into ``LOCALES``.
    """
    locale = LOCALES[place]
    if people := ASIAN_CITIES.get(locale.code):
        names, total = tuple(people), sum(people.values())
        shares = tuple(people[name] / total for name in names)
        return Cities(names, shares, (locale.clock or 0.0,) * len(names))
    found = _largest(locale)
    known = AMERICAN if locale.country == "US" else LOCAL
    population = found["population"]
    clocks = tuple(
        round(longitude / DEGREES) if locale.clock is None else locale.clock
        for longitude in found["longitude"]
    )
    names = tuple(known.get(name, name) for name in found["city"])
    return Cities(names, tuple(population / population.sum()), clocks)


def _largest(locale: Locale) -> pl.DataFrame:
    found = _every().filter(country_code=locale.country)
    if locale.country == "CA":
        french = pl.col("state") == QUEBEC
        found = found.filter(french if locale.language == "fr" else ~french)
    ordered = found.sort("population", "city", "longitude", descending=[True, False, False])
    return ordered.unique("city", keep="first", maintain_order=True).head(MOST)


@cache
def _every() -> pl.DataFrame:
    return places().filter(pl.col("population") > 0)
