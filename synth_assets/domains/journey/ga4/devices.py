"""Devices and browsers of visitors, with the versions of their time.

Systems and browsers have about the shares of StatCounter Global Stats (November 2020, desktop and
mobile). Versions follow the release dates: Chrome and Firefox have a version every four to six
weeks, iOS and Android one each autumn. Models of phones are those of 2020 but for Google's.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from synth_assets.domains.journey.ga4.low_discrepancy import Numbers, categorical, low_discrepancy
from synth_assets.randomness.streams import RandomStream

# Shares of device categories among visitors who do not buy, and among those who do; they reproduce
# the sample's conversion rates.
CATEGORIES = ("desktop", "mobile", "tablet")
LOOKING, BUYING = (0.5805, 0.3975, 0.022), (0.563, 0.409, 0.028)
# Versions of browsers with their shares: the current one, the one before, and so on.
RECENT = {0: 0.52, 1: 0.28, 2: 0.09, 3: 0.05, 5: 0.04, 8: 0.02}
# System, version (behind the current one, or a name), share; browsers by share.
DESKTOPS: tuple[tuple[str, dict[str, float], dict[str, float]], ...] = (
    ("Windows", {"Windows 10": 0.44, "Windows 7": 0.07, "Windows 8.1": 0.02},
     {"Chrome": 0.76, "Edge": 0.13, "Firefox": 0.09, "Opera": 0.02}),
    ("Macintosh", {"Intel 10.15": 0.22, "Intel 10.14": 0.06, "Intel 10.13": 0.04},
     {"Chrome": 0.60, "Safari": 0.35, "Firefox": 0.05}),
    ("Chrome OS", {"13421.99": 0.05, "13310.93": 0.02}, {"Chrome": 1.0}),
    ("Linux", {"<Other>": 0.05}, {"Chrome": 0.6, "Firefox": 0.3, "<Other>": 0.1}),
)  # fmt: skip
# Brand and model of phones, and of tablets.
PHONES: dict[tuple[str, str], float] = {
    ("Apple", "iPhone"): 0.56, ("<Other>", "<Other>"): 0.08,
    ("Samsung", "SM-G960U"): 0.02, ("Samsung", "SM-G973U"): 0.02, ("Samsung", "SM-G981U"): 0.02,
    ("Samsung", "SM-G965F"): 0.015, ("Samsung", "SM-A515F"): 0.02, ("Samsung", "SM-A505FN"): 0.015,
    ("Samsung", "SM-N960U"): 0.015, ("Samsung", "SM-N975F"): 0.01, ("Samsung", "SM-J730F"): 0.005,
    ("Google", "Pixel {pixel-3}"): 0.015, ("Google", "Pixel {pixel-2}"): 0.025,
    ("Google", "Pixel {pixel-2}a"): 0.015, ("Google", "Pixel {pixel-1}"): 0.02,
    ("Google", "Pixel {pixel}"): 0.01, ("Huawei", "ANE-LX1"): 0.02, ("Huawei", "VOG-L29"): 0.01,
    ("Huawei", "MAR-LX1A"): 0.01, ("Xiaomi", "Redmi Note 8"): 0.025,
    ("Xiaomi", "Redmi Note 9 Pro"): 0.015, ("Xiaomi", "Mi 9T"): 0.01,
    ("OnePlus", "ONEPLUS A6013"): 0.01, ("Motorola", "moto g(7) power"): 0.01,
    ("LG", "LM-Q720"): 0.005, ("Oppo", "CPH1931"): 0.01, ("Vivo", "vivo 1904"): 0.01,
}  # fmt: skip
TABLETS: dict[tuple[str, str], float] = {
    ("Apple", "iPad"): 0.75, ("Samsung", "SM-T510"): 0.09, ("Samsung", "SM-T860"): 0.04,
    ("Amazon", "KFMAWI"): 0.04, ("Lenovo", "TB-X606F"): 0.03, ("<Other>", "<Other>"): 0.05,
}  # fmt: skip
APPLE, ANDROID = {"ios": 0.66, "ios-1": 0.22, "ios-2": 0.12}, {
    "android": 0.12, "android-1": 0.5, "android-2": 0.24, "android-3": 0.14,
}  # fmt: skip
LANGUAGES: dict[str | None, float] = {
    "en-us": 0.36, None: 0.38, "en-gb": 0.05, "en-ca": 0.03, "zh-cn": 0.03, "es-es": 0.025,
    "fr-fr": 0.025, "de-de": 0.02, "ko": 0.02, "en": 0.06,
}  # fmt: skip
# Versions on a day, and days between versions since then.
BROWSERS = {
    "Chrome": (date(2020, 10, 6), 86, 33), "Edge": (date(2020, 10, 6), 86, 33),
    "Firefox": (date(2020, 10, 20), 82, 29.5), "Opera": (date(2020, 10, 20), 72, 36),
}  # fmt: skip
# iOS and Safari: major versions by the year of the autumn; Apple has skipped from 18 to 26.
IOS_2020, SKIPPED_AFTER, SKIPPED = 14, 18, 7
ANDROID_2020, PIXEL_2020, AUTUMN = 11, 5, 10


@cache
def _machines(category: str) -> list[tuple[tuple[str, ...], float]]:
    """Brand, model, system, its version, browser, version (behind the current one), and share."""
    rows: list[tuple[tuple[str, ...], float]] = []
    if category == "desktop":
        for system, versions, browsers in DESKTOPS:
            for version, share in versions.items():
                for browser, part in browsers.items():
                    rows += _by_version(_maker(browser), browser, system, version, share * part)
        return rows
    for (brand, model), share in (PHONES if category == "mobile" else TABLETS).items():
        if model == "<Other>":
            rows.append(((brand, model, "<Other>", "<Other>", "<Other>", "<Other>"), share))
            continue
        apple = brand == "Apple"
        for version, part in (APPLE if apple else ANDROID).items():
            named = ("iOS", f"{{{version}}}") if apple else ("Android", f"Android {{{version}}}")
            if apple:
                rows.append(((brand, model, *named, "Safari", f"{{{version}}}"), share * part))
            else:
                webview = 0.1 if brand in ("Huawei", "Xiaomi") else 0.0
                own = (brand, model)
                rows += _by_version(own, "Chrome", *named, share * part * (1 - webview))
                if webview:
                    rows.append(((*own, *named, "Android Webview", "84.0"), share * part * webview))
    return rows


def _maker(browser: str) -> tuple[str, str]:
    makers = {"Safari": "Apple", "Edge": "Microsoft", "Firefox": "Mozilla", "Opera": "Opera"}
    return makers.get(browser, "Google" if browser == "Chrome" else browser), browser


def _by_version(
    own: tuple[str, str], browser: str, system: str, version: str, share: float
) -> list[tuple[tuple[str, ...], float]]:
    if browser == "<Other>":
        return [((*own, system, version, browser, "<Other>"), share)]
    if browser == "Safari":
        return [((*own, system, version, browser, f"{{{v}}}"), share * s) for v, s in APPLE.items()]
    few = dict(list(RECENT.items())[:2]) if system == "Android" else RECENT
    return [
        (
            (*own, system, version, browser, f"{{{browser}-{back}}}"),
            share * part / sum(few.values()),
        )
        for back, part in few.items()
    ]


def versions(day: date) -> dict[str, str]:
    """Versions of systems and browsers on a day, by their names in ``devices``.

    Args:
        day: The day.
    """
    found: dict[str, str] = {}
    for browser, (first, number, days) in BROWSERS.items():
        current = number + int((day - first).days / days)
        found |= {f"{browser}-{back}": f"{current - back}.0" for back in RECENT}
    autumns = day.year - (day.month < AUTUMN) - 2020
    for name, newest in (("android", ANDROID_2020), ("pixel", PIXEL_2020), ("ios", IOS_2020)):
        for back in range(4):
            number = max(newest + autumns - back, 1)
            if name == "ios" and number > SKIPPED_AFTER:
                number += SKIPPED
            text = f"{number}.2" if name == "ios" else f"{number}"
            found[f"{name}-{back}" if back else name] = text
    return found


@cache
def devices(day: date) -> pl.DataFrame:
    """Every combination of device and language, in the order that ``device_of`` numbers them.

    Args:
        day: Day whose versions are current.
    """
    current = versions(day)

    def named(text: str) -> str:
        for name, version in current.items():
            text = text.replace(f"{{{name}}}", version)
        return text

    rows = [
        (category, *map(named, machine), language)
        for category in CATEGORIES
        for machine, _ in _machines(category)
        for language in LANGUAGES
    ]
    names = ["category", "brand", "model", "system", "version", "browser", "edition", "language"]
    found = pl.DataFrame(rows, schema=names, orient="row")
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
        here, machines = category == number, _machines(name)
        machine = categorical(bits[here], tuple(share for _, share in machines))
        language = categorical(low_discrepancy(position[here], 2, draw), tuple(LANGUAGES.values()))
        device[here] = before + machine * len(LANGUAGES) + language
        before += len(machines) * len(LANGUAGES)
    return device
