"""Names of every market with their shares of the population.

Shares of frequent last names are published figures; Faker's own frequencies and a Zipf-Mandelbrot
distribution (a share falls with the rank) divide what is left among the names that Faker lists.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.randomness.vocabulary import listed_names

# Most frequent last names, percent of the population. US: Census Bureau, surnames of 2010. GB: as
# Faker. DE: telephone directories, order of magnitude. FR: INSEE, births 1891-2000. CA, French:
# Institut de la statistique du Quebec, 2006. ES: INE, first surname, 2023. IT, IN, MX: order of
# magnitude. BR: IBGE, 2022, halved, since most people have two. KR: Statistics Korea, 2015. CN:
# Ministry of Public Security, 2020. JP: as Faker.
FREQUENT: Mapping[str, Mapping[str, float]] = {
    "en_US": {
        "Smith": 0.83, "Johnson": 0.66, "Williams": 0.55, "Brown": 0.49, "Jones": 0.48,
        "Garcia": 0.40, "Miller": 0.39, "Davis": 0.38, "Rodriguez": 0.37, "Martinez": 0.36,
        "Hernandez": 0.35, "Lopez": 0.30, "Gonzalez": 0.29, "Wilson": 0.27, "Anderson": 0.27,
    },
    "fr_FR": {
        "Martin": 0.35, "Bernard": 0.18, "Thomas": 0.17, "Petit": 0.16, "Robert": 0.16,
        "Richard": 0.16, "Durand": 0.14, "Dubois": 0.15, "Moreau": 0.15, "Laurent": 0.14,
    },
    "fr_CA": {
        "Tremblay": 1.08, "Gagnon": 0.79, "Roy": 0.75, "Côté": 0.69, "Bouchard": 0.53,
        "Gauthier": 0.52, "Morin": 0.50, "Lavoie": 0.46, "Fortin": 0.45, "Gagné": 0.45,
    },
    "de_DE": {
        "Müller": 0.95, "Schmidt": 0.69, "Schneider": 0.40, "Fischer": 0.35, "Weber": 0.30,
        "Meyer": 0.29, "Wagner": 0.27, "Becker": 0.26, "Schulz": 0.26, "Hoffmann": 0.25,
    },
    "es_ES": {
        "García": 3.06, "Rodríguez": 1.95, "González": 1.95, "Fernández": 1.90, "López": 1.83,
        "Martínez": 1.75, "Sánchez": 1.72, "Pérez": 1.63, "Gómez": 1.03, "Martín": 1.02,
    },
    "it_IT": {
        "Rossi": 0.30, "Russo": 0.22, "Ferrari": 0.20, "Esposito": 0.18, "Bianchi": 0.16,
        "Romano": 0.16, "Colombo": 0.15, "Ricci": 0.13, "Marino": 0.13, "Greco": 0.12,
    },
    "pt_BR": {
        "Silva": 8.4, "Santos": 5.2, "Oliveira": 3.0, "Souza": 2.6, "Pereira": 1.9,
        "Ferreira": 1.5, "Lima": 1.5, "Alves": 1.5, "Rodrigues": 1.4, "Costa": 1.3,
    },
    "es_MX": {
        "Hernández": 3.9, "García": 3.0, "Martínez": 2.9, "López": 2.8, "González": 2.6,
        "Rodríguez": 2.1, "Pérez": 2.1, "Sánchez": 1.9, "Ramírez": 1.8, "Cruz": 1.5,
    },
    "en_IN": {
        "Kumar": 4.0, "Singh": 3.0, "Sharma": 1.2, "Gupta": 0.8, "Patel": 0.8, "Das": 0.7,
        "Khan": 0.7, "Yadav": 0.6, "Reddy": 0.6, "Verma": 0.5,
    },
    "ko_KR": {
        "김": 21.5, "이": 14.7, "박": 8.4, "최": 4.7, "정": 4.3, "강": 2.4, "조": 2.1,
        "윤": 2.1, "장": 2.0, "임": 1.7,
    },
    "zh_CN": {"王": 7.2, "李": 7.2, "张": 6.8, "刘": 5.4, "陈": 4.5},
}  # fmt: skip
# Share of the population that the listed last names of a market cover together: about 40% have one
# of the thousand most frequent in the US (Census Bureau, 2010). The others have one of OTHERS.
COVERED = {"en_US": 0.40, "en_CA": 0.30, "en_AU": 0.36, "en_GB": 0.40, "de_DE": 0.45,
           "fr_FR": 0.35, "fr_CA": 0.60}  # fmt: skip
OTHERS = {
    "en_US": ("en_GB", "es_MX", "de_DE", "it_IT", "fr_FR", "pl_PL", "es_ES", "no_NO", "en_IN"),
    "en_CA": ("en_GB", "fr_CA", "de_DE", "it_IT", "en_IN", "pl_PL"),
    "en_AU": ("en_GB", "it_IT", "de_DE", "en_IN", "pl_PL"),
    "en_GB": ("en_US", "pl_PL", "en_IN", "it_IT"),
    "de_DE": ("de_AT", "pl_PL", "it_IT", "nl_NL"),
    "fr_FR": ("fr_CH", "es_ES", "it_IT"),
    "fr_CA": ("fr_FR", "en_US"),
}
# Zipf-Mandelbrot: the share of rank r is proportional to 1 / (r + FLATNESS).
FLATNESS = 25.0
# Names of families that have a romanization of their own.
ROMANIZED = {
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "조": "cho", "임": "lim",
    "강": "kang",
}  # fmt: skip
# Locales whose Faker lists names by their frequency.
RANKED = ("fr_FR", "fr_CA", "zh_CN")
LEAST_LETTERS = 2
# Largest share of a name among OTHERS.
RAREST = 0.001


@dataclass(frozen=True)
class Name:
    """A name in its country's script, in Latin letters, and its share of the market's people."""

    native: str
    latin: str
    share: float


@cache
def first_names(code: str) -> tuple[Name, ...]:
    """First names of a locale; their shares sum to one.

    Args:
        code: The locale.
    """
    listed = dict(listed_names("first_name", code))
    double = _double_names(listed) if code == "zh_CN" else {}
    weights = listed if _weighted(listed) else _by_rank(listed | double, code)
    return _distinct((n, latin, w) for n, (latin, w) in weights.items())


@cache
def last_names(code: str) -> tuple[Name, ...]:
    """Last names of a locale; their shares sum to one.

    Args:
        code: The locale.
    """
    own = listed_names("last_name", code)
    frequent = {name: share / 100 for name, share in FREQUENT.get(code, {}).items()}
    missing = [name for name in frequent if name not in own]
    known = {**{name: (name.lower(), 1.0) for name in missing}, **own}
    left = {name: pair for name, pair in known.items() if name not in frequent}
    covered = COVERED.get(code, 1.0)
    rest = covered - sum(frequent.values())
    if not _weighted(own):
        # None of them is more frequent than those that are known to be frequent.
        left = _by_rank(left, code, most=min(frequent.values()) / rest)
    rest /= sum(weight for _, weight in left.values())
    named = {name: (known[name][0], share) for name, share in frequent.items()}
    named |= {name: (latin, weight * rest) for name, (latin, weight) in left.items()}
    other = _others(code, {latin for latin, _ in named.values()})
    named |= {name: (latin, weight * (1 - covered)) for name, (latin, weight) in other.items()}
    romanized = ((n, ROMANIZED.get(n, latin), share) for n, (latin, share) in named.items())
    return _distinct(romanized)


def _others(code: str, known: set[str]) -> dict[str, tuple[str, float]]:
    """Last names of immigrants, with shares that sum to one."""
    found: dict[str, tuple[str, float]] = {}
    for other in OTHERS.get(code, ()):
        listed = listed_names("last_name", other)
        found |= {n: pair for n, pair in listed.items() if pair[0] not in known}
    return _by_rank(found, code, most=RAREST) if found else {}


def _double_names(listed: Mapping[str, tuple[str, float]]) -> dict[str, tuple[str, float]]:
    """Chinese given names of two characters, each of which is a name."""
    single = [(name, latin) for name, (latin, _) in listed.items() if len(name) == 1][:45]
    return {
        a + b: (read_a + read_b, 1.0)
        for a, read_a in single
        for b, read_b in single
        if a != b and a + b not in listed
    }


def _weighted(listed: Mapping[str, tuple[str, float]]) -> bool:
    return len({weight for _, weight in listed.values()}) > 1


def _by_rank(
    listed: Mapping[str, tuple[str, float]], code: str, most: float = 1.0
) -> dict[str, tuple[str, float]]:
    """Names with shares by rank: Faker's order where it is one of frequency, else any order.

    The first one has at most the share ``most``, or that of all if they must be equal.
    """
    order = list(listed)
    if code not in RANKED:
        order.sort(key=lambda name: blake2b(name.encode(), digest_size=8).digest())
    flatness, most = FLATNESS, max(most, 1.05 / len(order))
    while True:
        weights = [1 / (rank + flatness) for rank in range(len(order))]
        total = sum(weights)
        if weights[0] <= most * total:
            break
        flatness *= 2
    return {n: (listed[n][0], w / total) for n, w in zip(order, weights, strict=True)}


def _distinct(names: Iterable[tuple[str, str, float]]) -> tuple[Name, ...]:
    """Names with different letters; of several with the same letters the most frequent."""
    found: dict[str, Name] = {}
    for native, latin, share in sorted(names, key=lambda name: (-name[2], name[0])):
        if len(latin) >= LEAST_LETTERS:
            found.setdefault(latin, Name(native, latin, share))
    return tuple(sorted(found.values(), key=lambda name: name.latin))


@cache
def names_of_markets() -> tuple[list[tuple[Name, ...]], list[tuple[Name, ...]]]:
    """First and last names of every locale, such that no two persons of one locale share letters.

    First and last name written together must say which two they are. ``ann`` and ``alee`` have the
    letters of ``anna`` and ``lee``: of two such last names the rarer one is left out.
    """
    firsts = [first_names(locale.code) for locale in LOCALES]
    lasts = [last_names(locale.code) for locale in LOCALES]
    return firsts, [_unambiguous(f, last) for f, last in zip(firsts, lasts, strict=True)]


def _unambiguous(firsts: Sequence[Name], lasts: Sequence[Name]) -> tuple[Name, ...]:
    ends, kept = ends_of([name.latin for name in firsts]), {name.latin: name for name in lasts}
    for name in lasts:
        for shorter in shorter_names(name.latin, ends, kept):
            rarer = min(name, kept[shorter], key=lambda n: (n.share, n.latin))
            kept.pop(rarer.latin, None)
    return tuple(kept.values())


def ends_of(firsts: Sequence[str]) -> set[str]:
    """What follows a first name at the start of another one.

    Args:
        firsts: First names in Latin letters.
    """
    known = {*firsts, "family"}
    return {word[cut:] for word in known for cut in range(1, len(word)) if word[:cut] in known}


def shorter_names(last: str, ends: Container[str], lasts: Container[str]) -> list[str]:
    """Last names with which another first name has the letters of this last name and its own.

    Args:
        last: A last name in Latin letters.
        ends: As ``ends_of`` returns them.
        lasts: All last names.
    """
    if last not in lasts:
        return []
    cuts = range(1, len(last))
    return [last[cut:] for cut in cuts if last[:cut] in ends and last[cut:] in lasts]
