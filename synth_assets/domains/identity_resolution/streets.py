"""Streets of every market, with their shares, abbreviations and misspellings; and house numbers."""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b

from synth_assets.domains.identity_resolution.locales import LOCALES, Locale
from synth_assets.randomness.vocabulary import vocabulary

# Streets that are drawn from Faker where it lists real kinds of streets.
DRAWN = 400
# The most frequent street names of the US (National League of Cities, 1993), and others.
NUMBERS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th",
           "13th", "14th", "15th", "16th", "17th", "18th", "19th", "20th")  # fmt: skip
NAMES = (
    "Park", "Main", "Oak", "Pine", "Maple", "Cedar", "Elm", "View", "Washington", "Lake", "Hill",
    "Walnut", "Spring", "North", "Ridge", "Lincoln", "Church", "Willow", "Mill", "Sunset",
    "Railroad", "Jackson", "Cherry", "West", "South", "Center", "Highland", "Johnson", "Forest",
    "Jefferson", "Hickory", "Wilson", "River", "Meadow", "Valley", "Smith", "East", "Chestnut",
    "Franklin", "Adams", "Spruce", "Laurel", "Davis", "Birch", "Williams", "Lee", "Dogwood",
    "Green", "Poplar", "Locust", "Woodland", "Taylor", "Ash", "Madison", "Hillcrest", "Sycamore",
    "Broadway", "Miller", "Lakeview", "College", "Central", "Clark", "Fairview", "Grant", "Monroe",
    "Prospect", "Summit", "Magnolia", "Rose", "Liberty", "Colonial", "Orchard", "Brook", "Canyon",
    "Cottonwood", "Eagle", "Garden", "Hamilton", "Heritage", "Juniper", "Kings", "Market",
    "Mountain", "Ocean", "Old Mill", "Peach", "Pleasant", "Quail", "School", "Silver", "Stone",
    "Sunrise", "Timber", "Union", "Victoria", "Vine", "Vista", "Water", "Windsor", "Wood",
)  # fmt: skip
SUFFIXES = {"Street": 33, "Avenue": 18, "Drive": 15, "Road": 13, "Lane": 8, "Court": 5,
            "Boulevard": 3, "Way": 3, "Place": 2}  # fmt: skip
BRITISH = {"Road": 30, "Street": 20, "Avenue": 14, "Close": 14, "Lane": 10, "Drive": 7,
           "Way": 3, "Gardens": 2}  # fmt: skip
BRITISH_NAMES = (
    "High", "Station", "Church", "Victoria", "Park", "Green", "Manor", "Kings", "Queens",
    "New", "Grange", "Mill", "York", "London", "Springfield", "George", "School", "Albert",
    "Windsor", "Richmond", "Stanley", "Alexandra", "Chapel", "Grove", "Highfield", "Broad",
    "Queensway", "West", "North", "South", "Main", "Orchard", "Woodland", "Meadow", "Oak", "Ash",
    "Beech", "Elm", "Hawthorn", "Holly", "Birch", "Cedar", "Chestnut", "Willow", "Laburnum",
    "Hillside", "Bridge", "Castle", "Market", "Mount", "Priory", "Rectory", "Abbey", "Warwick",
)  # fmt: skip
# Usual streets of Chinese and Korean cities; Faker has streets of last names and of Seoul.
CHINESE_NAMES = (
    "人民路", "解放路", "中山路", "建设路", "和平路", "文化路", "新华路", "胜利路", "光明路",
    "长江路", "黄河路", "友谊路", "朝阳路", "迎宾路", "幸福路", "工业路", "学府路", "湖滨路",
    "滨江路", "东风路", "青年路", "公园路", "站前路", "民主路", "团结路", "振兴路", "花园路",
    "北大街", "南大街", "东大街", "西大街",
)  # fmt: skip
KOREAN_NAMES = (
    "중앙로", "중앙대로", "시청로", "역전로", "번영로", "평화로", "문화로", "공원로", "대학로",
    "강변로", "해안로", "산업로", "무궁화로", "동부로", "서부로", "남부로", "북부로", "장미로",
    "은행나무로", "벚꽃로", "호수로", "시민대로", "충무로", "충장로", "세종로", "경인로", "신흥로",
    "태평로", "성산로", "신촌로", "월드컵로", "올림픽로", "가람로", "한빛로", "소나무길", "향교길",
)  # fmt: skip
USUAL = {"zh_CN": CHINESE_NAMES, "ko_KR": KOREAN_NAMES}
# What Faker's Korean streets lack.
KOREAN_ROAD = "로"
# What is usually shortened, by language of the market, and how.
SHORT = {
    "en": {"Street": "St", "Avenue": "Ave", "Drive": "Dr", "Road": "Rd", "Lane": "Ln",
           "Court": "Ct", "Boulevard": "Blvd", "Place": "Pl", "Close": "Cl", "Gardens": "Gdns",
           "Way": "Wy", "Nagar": "Ngr", "Marg": "Mg"},
    "de": {"straße": "str.", "Straße": "Str.", "platz": "pl.", "Platz": "Pl.", "gasse": "g.",
           "Gasse": "G."},
    "fr": {"rue": "r.", "avenue": "av.", "boulevard": "bd", "chemin": "ch.", "place": "pl.",
           "rang": "rg", "allé": "al."},
    "es": {"Calle": "C/", "Avenida": "Av.", "Plaza": "Pza.", "Paseo": "Pº", "Boulevard": "Blvd.",
           "Calzada": "Calz.", "Camino": "Cno.", "Prolongación": "Prol.", "Urbanización": "Urb.",
           "Glorieta": "Gta.", "Ronda": "Rda.", "Pasaje": "Pje.", "Privada": "Priv.",
           "Cerrada": "Cda."},
    "it": {"Viale": "V.le", "Piazza": "P.zza", "Via": "V.", "Corso": "C.so", "Vicolo": "Vic.",
           "Strada": "Str.", "Contrada": "C.da", "Borgo": "B.go"},
    "pt": {"Rua": "R.", "Avenida": "Av.", "Travessa": "Tv.", "Praça": "Pç.", "Estrada": "Estr.",
           "Rodovia": "Rod.", "Alameda": "Al.", "Parque": "Pq.", "Jardim": "Jd.",
           "Residencial": "Res.", "Conjunto": "Cj."},
}  # fmt: skip
# Kinds of places that Faker takes for streets, and streets of nothing but a last name.
NO_STREETS = (
    r"^(Favela|Aeroporto|Praia|Campo|Lagoa|Lago|Morro|Núcleo|Setor|Sítio|Viela|Esplanada)\b"
    r"|auch |^.[路街]$"
)
# Share of a street falls with its rank: 1 / (rank + FLATNESS).
FLATNESS = 20.0


@cache
def streets(place: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Streets of a market, and their shares.

    Args:
        place: Index into ``LOCALES``.
    """
    locale = LOCALES[place]
    if locale.language == "en" and locale.country != "IN":
        named: tuple[str, ...] = NAMES
        kinds = SUFFIXES
        if locale.country == "GB":
            named, kinds = BRITISH_NAMES, BRITISH
        elif locale.country == "US":
            named = (*NUMBERS, *NAMES)
        weighed = {
            f"{name} {kind}": weight / (rank + FLATNESS)
            for rank, name in enumerate(named)
            for kind, weight in kinds.items()
        }
    else:
        weighed = {street: 1 / (rank + FLATNESS) for rank, street in enumerate(_drawn(locale))}
    total = sum(weighed.values())
    return tuple(weighed), tuple(weight / total for weight in weighed.values())


def _drawn(locale: Locale) -> list[str]:
    provider = "town" if locale.code == "ja_JP" else "street_name"
    drawn = vocabulary(provider, locale.code, DRAWN).categories
    known = [street for street in drawn if not re.search(NO_STREETS, street)]
    if locale.code == "ko_KR":
        known = [street + KOREAN_ROAD for street in known]
    # In no order, since some of them are more frequent than others.
    known.sort(key=lambda street: blake2b(street.encode(), digest_size=8).digest())
    return list(dict.fromkeys([*USUAL.get(locale.code, ()), *known]))


def abbreviated(street: str, language: str) -> str | None:
    """A street as people shorten it; None if nothing in it is usually shortened.

    Args:
        street: The street.
        language: The market's language.
    """
    for word, short in SHORT.get(language, {}).items():
        bound = r"\b" if language != "de" or word[0].isupper() else ""
        found = re.sub(f"{bound}{word}(?![^\\W\\d_])", short, street)
        if found != street:
            return found
    return None
