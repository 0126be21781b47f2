"""Where visitors are: countries with their shares, and their cities by population.

Cities and states are from GeoNames. Regions of the world have the names of the United Nations
(M49), as in GA4. Shares of countries are assumptions around those that audits of the public sample
report: United States 44%, India 9%, Canada 7 to 8%.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.low_discrepancy import Numbers, low_discrepancy
from synth_assets.randomness import geonames
from synth_assets.randomness.random_arrays import cdf_thresholds, high32
from synth_assets.randomness.streams import RandomStream

NOT_SET = "(not set)"
# Country code, name and weight, by continent and sub-continent.
COUNTRIES: dict[tuple[str, str], str] = {
    ("Americas", "Northern America"): "US United States 55.0, CA Canada 9.0",
    (
        "Americas",
        "South America",
    ): "BR Brazil 1.7, AR Argentina 0.6, CO Colombia 0.6, CL Chile 0.5, "
    "PE Peru 0.4, EC Ecuador 0.2, VE Venezuela 0.2, UY Uruguay 0.1",
    ("Americas", "Central America"): "MX Mexico 1.2, CR Costa Rica 0.1, PA Panama 0.1, "
    "GT Guatemala 0.1",
    ("Americas", "Caribbean"): "PR Puerto Rico 0.2, DO Dominican Republic 0.2, JM Jamaica 0.1",
    (
        "Asia",
        "Southern Asia",
    ): "IN India 11.0, PK Pakistan 0.7, BD Bangladesh 0.5, LK Sri Lanka 0.3, "
    "NP Nepal 0.1, IR Iran 0.1",
    ("Asia", "Eastern Asia"): "JP Japan 1.8, KR South Korea 1.5, TW Taiwan 1.9, CN China 1.8, "
    "HK Hong Kong 1.0",
    ("Asia", "Southeast Asia"): "SG Singapore 1.4, ID Indonesia 0.9, PH Philippines 0.8, "
    "TH Thailand 0.7, MY Malaysia 0.6, VN Vietnam 0.7, MM Myanmar 0.1, KH Cambodia 0.1",
    ("Asia", "Western Asia"): "TR Turkey 1.5, IL Israel 0.8, AE United Arab Emirates 0.6, "
    "SA Saudi Arabia 0.5, JO Jordan 0.1, KW Kuwait 0.1, QA Qatar 0.1, LB Lebanon 0.1",
    ("Asia", "Central Asia"): "KZ Kazakhstan 0.2, UZ Uzbekistan 0.1",
    ("Europe", "Northern Europe"): "GB United Kingdom 3.3, SE Sweden 0.6, DK Denmark 0.4, "
    "NO Norway 0.4, FI Finland 0.3, IE Ireland 0.8, LT Lithuania 0.2, "
    "LV Latvia 0.1, EE Estonia 0.1",
    ("Europe", "Western Europe"): "FR France 2.1, DE Germany 1.9, NL Netherlands 1.2, "
    "BE Belgium 0.5, CH Switzerland 0.6, AT Austria 0.3",
    ("Europe", "Southern Europe"): "ES Spain 2.0, IT Italy 1.6, PT Portugal 0.5, GR Greece 0.4, "
    "HR Croatia 0.2, RS Serbia 0.2",
    ("Europe", "Eastern Europe"): "PL Poland 1.0, RU Russia 0.7, UA Ukraine 0.5, RO Romania 0.5, "
    "CZ Czechia 0.4, HU Hungary 0.3, BG Bulgaria 0.2, SK Slovakia 0.1",
    ("Oceania", "Australasia"): "AU Australia 1.4, NZ New Zealand 0.4",
    ("Africa", "Northern Africa"): "EG Egypt 0.4, MA Morocco 0.3, DZ Algeria 0.2, TN Tunisia 0.1",
    ("Africa", "Western Africa"): "NG Nigeria 0.4, GH Ghana 0.1",
    ("Africa", "Eastern Africa"): "KE Kenya 0.2, ET Ethiopia 0.1",
    ("Africa", "Southern Africa"): "ZA South Africa 0.4",
}
UNKNOWN_SHARE = 0.7
# Most cities of a country, and of the United States.
CITIES, OF_US = 12, 150
# Shares of visitors without a city, and without a region.
NO_CITY, NO_REGION = 0.22, 0.20
# The browser's owner has offices in these cities; their populations count so many times.
OFFICES = {
    "Mountain View": 30.0, "Sunnyvale": 8.0, "San Francisco": 3.5, "San Jose": 2.5,
    "Palo Alto": 8.0, "New York City": 1.3, "Seattle": 2.5, "Austin": 1.5, "Kirkland": 8.0,
}  # fmt: skip
# Weights of cities rise more slowly than the population: smaller cities shop more on the web.
EXPONENT = 0.7


@cache
def _known() -> pl.DataFrame:
    """Locations in GA4's columns, with ``weight``."""
    shares = [
        (*region, *entry.split(" ", 1))
        for region, entries in COUNTRIES.items()
        for entry in entries.split(", ")
    ]
    countries = pl.DataFrame(
        [(c, s, code, *rest.rsplit(" ", 1)) for c, s, code, rest in shares],
        schema=["continent", "sub_continent", "country_code", "country", "share"],
        orient="row",
    ).with_columns(pl.col("share").cast(pl.Float64))
    office = pl.col("city").replace_strict(OFFICES, default=1.0, return_dtype=pl.Float64)
    in_us = pl.col("country_code") == "US"
    size = pl.col("population").cast(pl.Float64) ** EXPONENT * pl.when(in_us).then(
        office
    ).otherwise(1)
    cities = (
        geonames.places()
        .filter(pl.col("population") > 0)
        .with_columns(size=size.round(3))
        .sort("size", "city", "state", descending=[True, False, False])
        .unique(["country_code", "state", "city"], keep="first", maintain_order=True)
        .with_columns(nth=pl.int_range(pl.len()).over("country_code"))
        .filter(pl.col("nth") < pl.when(in_us).then(OF_US).otherwise(CITIES))
    )
    named = countries.join(cities, on="country_code", maintain_order="left_right")
    of_country = (pl.col("size") / pl.col("size").sum().over("country_code")) * pl.col("share")
    rows = named.with_columns(
        weight=of_country * (1 - NO_CITY - NO_REGION),
        region=pl.col("state").fill_null(NOT_SET).replace("", NOT_SET),
        city=pl.col("city").replace("New York City", "New York"),
    )
    keys = ["continent", "sub_continent", "country", "region"]
    regions = rows.group_by(keys, maintain_order=True).agg(
        weight=pl.col("weight").sum() * NO_CITY / (1 - NO_CITY - NO_REGION)
    )
    whole = countries.with_columns(weight=pl.col("share") * NO_REGION)
    nowhere = pl.DataFrame({"weight": [UNKNOWN_SHARE]})
    parts = [
        rows.select(*keys, "city", "weight"),
        regions,
        whole.drop("country_code", "share"),
        nowhere,
    ]
    found = pl.concat(parts, how="diagonal")
    return found.with_columns(pl.col(*keys, "city").fill_null(NOT_SET))


@cache
def places() -> pl.DataFrame:
    """Every location, in the order that ``place_of`` numbers them."""
    return _known().drop("weight").with_columns(metro=pl.lit(NOT_SET))


@cache
def _thresholds() -> Numbers:
    return cdf_thresholds(_known()["weight"].round(9).to_list())


def place_of(position: Numbers, draw: RandomStream) -> Numbers:
    """The location of each visitor.

    Args:
        position: Index of each visitor among those of the tier.
        draw: The random stream.

    Returns:
        Row numbers of ``places``.
    """
    bits = high32(low_discrepancy(position, 3, draw))
    found: Numbers = np.searchsorted(_thresholds(), bits, side="right")
    return found
