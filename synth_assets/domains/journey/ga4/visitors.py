"""Attributes of visitors: device, location, and first traffic source.

Values are spread evenly over the visitors of a tier, ordered from few events to many, so that every
channel has visitors of similar activity.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.low_discrepancy import Numbers, categorical, low_discrepancy
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.streams import RandomStream

# Shares of device categories among visitors who do not buy, and among those who do; they reproduce
# the sample's conversion rates.
CATEGORIES = ("desktop", "mobile", "tablet")
LOOKING, BUYING = (0.5805, 0.3975, 0.022), (0.563, 0.409, 0.028)

# Brand, model, system, its version, browser, its version; share within the category.
MACHINES: dict[str, tuple[tuple[tuple[str | None, ...], float], ...]] = {
    "desktop": (
        (("Google", "Chrome", "Windows", "Windows 10", "Chrome", "86.0"), 0.30),
        (("Google", "Chrome", "Windows", "Windows 7", "Chrome", "87.0"), 0.10),
        (("Google", "Chrome", "Macintosh", "Intel 10.15", "Chrome", "87.0"), 0.24),
        (("Google", "ChromeBook", "Chrome OS", "13421.99", "Chrome", "86.0"), 0.06),
        (("Apple", "Safari", "Macintosh", "Intel 10.15", "Safari", "13.1"), 0.13),
        (("Mozilla", "Firefox", "Windows", "Windows 10", "Firefox", "82.0"), 0.06),
        (("Microsoft", "Edge", "Windows", "Windows 10", "Edge", "86.0"), 0.06),
        (("<Other>", "<Other>", "Linux", "<Other>", "<Other>", "<Other>"), 0.05),
    ),
    "mobile": (
        (("Apple", "iPhone", "iOS", "14.2", "Safari", "14.0"), 0.46),
        (("Apple", "iPhone", "iOS", "13.7", "Safari", "13.1"), 0.10),
        (("Samsung", "SM-G960U", "Android", "Android 10", "Chrome", "86.0"), 0.11),
        (("Google", "Pixel 3", "Android", "Android 11", "Chrome", "87.0"), 0.08),
        (("Huawei", "ANE-LX1", "Android", "Android 9", "Android Webview", "84.0"), 0.06),
        (("Xiaomi", "Redmi Note 8", "Android", "Android 10", "Chrome", "86.0"), 0.08),
        (("<Other>", "<Other>", "<Other>", "<Other>", "<Other>", "<Other>"), 0.11),
    ),
    "tablet": (
        (("Apple", "iPad", "iOS", "13.7", "Safari", "13.1"), 0.75),
        (("Samsung", "SM-T510", "Android", "Android 10", "Chrome", "86.0"), 0.15),
        (("<Other>", "<Other>", "<Other>", "<Other>", "<Other>", "<Other>"), 0.10),
    ),
}
LANGUAGES: dict[str | None, float] = {
    "en-us": 0.36, None: 0.38, "en-gb": 0.05, "en-ca": 0.03, "zh-cn": 0.03, "es-es": 0.025,
    "fr-fr": 0.025, "de-de": 0.02, "ko": 0.02, "en": 0.06,
}  # fmt: skip

# Continent, sub-continent, country, region, city; share.
PLACES: tuple[tuple[tuple[str, str, str, str, str], float], ...] = (
    (("Americas", "Northern America", "United States", "California", "Mountain View"), 3.2),
    (("Americas", "Northern America", "United States", "California", "San Francisco"), 3.0),
    (("Americas", "Northern America", "United States", "California", "Los Angeles"), 3.0),
    (("Americas", "Northern America", "United States", "California", "San Jose"), 2.6),
    (("Americas", "Northern America", "United States", "California", "(not set)"), 6.0),
    (("Americas", "Northern America", "United States", "New York", "New York"), 4.4),
    (("Americas", "Northern America", "United States", "New York", "(not set)"), 1.6),
    (("Americas", "Northern America", "United States", "Illinois", "Chicago"), 1.6),
    (("Americas", "Northern America", "United States", "Texas", "Austin"), 1.2),
    (("Americas", "Northern America", "United States", "Texas", "Houston"), 1.0),
    (("Americas", "Northern America", "United States", "Washington", "Seattle"), 1.6),
    (("Americas", "Northern America", "United States", "Massachusetts", "(not set)"), 1.3),
    (("Americas", "Northern America", "United States", "Georgia", "Atlanta"), 1.0),
    (("Americas", "Northern America", "United States", "(not set)", "(not set)"), 12.5),
    (("Americas", "Northern America", "Canada", "Ontario", "Toronto"), 2.4),
    (("Americas", "Northern America", "Canada", "Ontario", "(not set)"), 2.2),
    (("Americas", "Northern America", "Canada", "Quebec", "Montreal"), 1.4),
    (("Americas", "Northern America", "Canada", "British Columbia", "Vancouver"), 1.4),
    (("Americas", "South America", "Brazil", "State of Sao Paulo", "Sao Paulo"), 1.7),
    (("Americas", "Central America", "Mexico", "Mexico City", "Mexico City"), 1.2),
    (("Asia", "Southern Asia", "India", "Karnataka", "Bengaluru"), 2.4),
    (("Asia", "Southern Asia", "India", "Maharashtra", "Mumbai"), 2.0),
    (("Asia", "Southern Asia", "India", "Delhi", "New Delhi"), 1.6),
    (("Asia", "Southern Asia", "India", "(not set)", "(not set)"), 3.4),
    (("Asia", "Eastern Asia", "Japan", "Tokyo", "(not set)"), 1.8),
    (("Asia", "Eastern Asia", "South Korea", "Seoul", "(not set)"), 1.5),
    (("Asia", "Eastern Asia", "Taiwan", "(not set)", "(not set)"), 1.9),
    (("Asia", "Eastern Asia", "China", "(not set)", "(not set)"), 1.8),
    (("Asia", "Southeast Asia", "Singapore", "(not set)", "Singapore"), 1.5),
    (("Asia", "Western Asia", "Turkey", "Istanbul", "Istanbul"), 1.5),
    (("Europe", "Northern Europe", "United Kingdom", "England", "London"), 2.0),
    (("Europe", "Northern Europe", "United Kingdom", "England", "(not set)"), 1.3),
    (("Europe", "Western Europe", "France", "Ile-de-France", "Paris"), 1.1),
    (("Europe", "Western Europe", "France", "(not set)", "(not set)"), 1.0),
    (("Europe", "Western Europe", "Germany", "(not set)", "(not set)"), 1.9),
    (("Europe", "Western Europe", "Netherlands", "North Holland", "Amsterdam"), 1.0),
    (("Europe", "Southern Europe", "Spain", "Community of Madrid", "Madrid"), 1.0),
    (("Europe", "Southern Europe", "Spain", "(not set)", "(not set)"), 1.0),
    (("Europe", "Southern Europe", "Italy", "(not set)", "(not set)"), 1.6),
    (("Europe", "Eastern Europe", "Poland", "(not set)", "(not set)"), 1.0),
    (("Oceania", "Australasia", "Australia", "New South Wales", "Sydney"), 1.3),
    (("Africa", "Northern Africa", "Egypt", "(not set)", "(not set)"), 0.6),
    (("(not set)", "(not set)", "(not set)", "(not set)", "(not set)"), 0.7),
)

SHOP = "shop.googlemerchandisestore.com"
OTHER, DELETED = "<Other>", "(data deleted)"
# Medium, campaign name, source; share of visitors who view no item, and of those who do. Those of
# organic search and direct visits follow from the sample; the others are assumptions.
CHANNELS: tuple[tuple[tuple[str, str, str], float, float], ...] = (
    (("organic", "(organic)", "google"), 0.4383, 0.1946),
    (("(none)", "(direct)", "(direct)"), 0.2335, 0.2280),
    ((OTHER, OTHER, OTHER), 0.1410, 0.2040),
    (("referral", "(referral)", SHOP), 0.0650, 0.1700),
    ((DELETED, DELETED, DELETED), 0.0562, 0.0970),
    (("cpc", OTHER, "google"), 0.0420, 0.0600),
    (("referral", "(referral)", OTHER), 0.0240, 0.0464),
)
# The sources behind the placeholders, for an export without this defect.
ACTUAL_SOURCES = {
    2: ("email", "newsletter", "newsletter"),
    3: ("referral", "(referral)", "blog.example.com"),
    4: ("affiliate", "partners", "partner.example.net"),
    5: ("cpc", "brand", "google"),
    6: ("referral", "(referral)", "forum.example.org"),
}
ORGANIC, DIRECT, PAID = 0, 1, 5


@cache
def devices() -> pl.DataFrame:
    """Every combination of device and language, in the order that ``device_of`` numbers them."""
    rows = [
        (category, brand, model, system, version, language, browser, browser_version)
        for category in CATEGORIES
        for (brand, model, system, version, browser, browser_version), _ in MACHINES[category]
        for language in LANGUAGES
    ]
    found = pl.DataFrame(
        rows,
        schema=[
            "category",
            "brand",
            "model",
            "system",
            "version",
            "language",
            "browser",
            "edition",
        ],
        orient="row",
    )
    return found.cast(pl.String).select(
        "category",
        mobile_brand_name="brand",
        mobile_model_name="model",
        mobile_marketing_name=pl.when(pl.col("category") != "desktop").then("model"),
        mobile_os_hardware_model=pl.lit(None, pl.String),
        operating_system="system",
        operating_system_version="version",
        vendor_id=pl.lit(None, pl.String),
        advertising_id=pl.lit(None, pl.String),
        language="language",
        is_limited_ad_tracking=pl.lit("No"),
        time_zone_offset_seconds=pl.lit(None, pl.Int64),
        web_info=pl.struct(browser="browser", browser_version="edition"),
    )


@cache
def places() -> pl.DataFrame:
    """Every location, in the order of ``PLACES``."""
    names = ["continent", "sub_continent", "country", "region", "city"]
    found = pl.DataFrame([place for place, _ in PLACES], schema=names, orient="row")
    return found.with_columns(metro=pl.lit("(not set)"))


def channels(scenario: JourneyScenario) -> pl.DataFrame:
    """Every channel as it is in the export, in the order of ``CHANNELS``.

    Args:
        scenario: Whether sources are placeholders.
    """
    rows = [channel for channel, *_ in CHANNELS]
    if not scenario.placeholder_sources:
        rows = [ACTUAL_SOURCES.get(number, channel) for number, channel in enumerate(rows)]
    return pl.DataFrame(rows, schema=["medium", "name", "source"], orient="row")


def device_of(position: Numbers, buys: Numbers, draw: RandomStream) -> Numbers:
    """The device of each visitor.

    Args:
        position: Index of each visitor among those of the tier.
        buys: 1 for visitors who buy, else 0.
        draw: The random stream.

    Returns:
        Row numbers of ``devices``.
    """
    category_bits, bits = low_discrepancy(position, 0, draw), low_discrepancy(position, 1, draw)
    category = np.where(
        buys == 1, categorical(category_bits, BUYING), categorical(category_bits, LOOKING)
    )
    device = np.zeros(len(position), dtype=np.int64)
    before = 0
    for number, name in enumerate(CATEGORIES):
        here = category == number
        machine = categorical(bits[here], tuple(share for _, share in MACHINES[name]))
        language = categorical(low_discrepancy(position[here], 2, draw), tuple(LANGUAGES.values()))
        device[here] = before + machine * len(LANGUAGES) + language
        before += len(MACHINES[name]) * len(LANGUAGES)
    return device


def place_of(position: Numbers, draw: RandomStream) -> Numbers:
    """The location of each visitor.

    Args:
        position: Index of each visitor among those of the tier.
        draw: The random stream.

    Returns:
        Row numbers of ``places``.
    """
    return categorical(low_discrepancy(position, 3, draw), tuple(share for _, share in PLACES))


def channel_of(position: Numbers, views: Numbers, draw: RandomStream) -> Numbers:
    """The channel of each visitor.

    Args:
        position: Index of each visitor among those of the tier.
        views: 1 for visitors who view an item, else 0.
        draw: The random stream.

    Returns:
        Row numbers of ``channels``.
    """
    bits = low_discrepancy(position, 4, draw)
    around, closer = (tuple(shares[n] for _, *shares in CHANNELS) for n in (0, 1))
    return np.where(views == 1, categorical(bits, closer), categorical(bits, around))
