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
# Kinds of places that Faker takes for streets.
NO_STREETS = (
    r"^(Favela|Aeroporto|Praia|Campo|Lagoa|Lago|Morro|Núcleo|Setor|Sítio|Viela|Esplanada)\b"
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
    # In no order, since some of them are more frequent than others.
    return sorted(known, key=lambda street: blake2b(street.encode(), digest_size=8).digest())


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
