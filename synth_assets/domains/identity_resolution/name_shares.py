"""Names of every market with their shares of the population.

Shares of frequent last names are published figures; Faker's own frequencies and a Zipf-Mandelbrot
distribution (a share falls with the rank) divide what is left among the names that Faker lists.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

from synth_assets.domains.identity_resolution.frequent_names import (
    COVERED,
    FREQUENT,
    OTHERS,
    ROMANIZED,
)
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.randomness.lookup import offsets
from synth_assets.randomness.vocabulary import listed_names

# Zipf-Mandelbrot: the share of rank r is proportional to 1 / (r + FLATNESS).
FLATNESS = 25.0
# Locales whose Faker lists names by their frequency.
RANKED = ("fr_FR", "fr_CA", "zh_CN")
LEAST_LETTERS = 2
# Names of Faker that nobody has today: of princes, of two people, in the order of an index.
NO_NAMES = r",|^auch | van$| II$| von und zu | van Wessex$"
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
    """First names of a locale, with relative shares.

    Args:
        code: The locale.
    """
    listed = dict(listed_names("first_name", code))
    double = _double_names(listed) if code == "zh_CN" else {}
    weights = listed if _weighted(listed) else _by_rank(listed | double, code)
    return _distinct((n, latin, w) for n, (latin, w) in weights.items())


@cache
def last_names(code: str) -> tuple[Name, ...]:
    """Last names of a locale; their shares sum to less than one where names share letters.

    Args:
        code: The locale.
    """
    own = _surnames(code)
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


def _completed(code: str, names: Sequence[Name]) -> tuple[Name, ...]:
    """Last names with shares that sum to one: published ones stay, the others fill the rest."""
    published = FREQUENT.get(code, {})
    known = sum(name.share for name in names if name.native in published)
    factor = (1 - known) / (sum(name.share for name in names) - known)
    return tuple(n if n.native in published else replace(n, share=n.share * factor) for n in names)


def _others(code: str, known: set[str]) -> dict[str, tuple[str, float]]:
    """Last names of immigrants, with shares that sum to one."""
    found: dict[str, tuple[str, float]] = {}
    for other in OTHERS.get(code, ()):
        listed = _surnames(other)
        found |= {n: pair for n, pair in listed.items() if pair[0] not in known}
    return _by_rank(found, code, most=RAREST) if found else {}


def _surnames(code: str) -> dict[str, tuple[str, float]]:
    listed = listed_names("last_name", code)
    return {name: pair for name, pair in listed.items() if not re.search(NO_NAMES, name)}


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
    kept = [_unambiguous(f, last) for f, last in zip(firsts, lasts, strict=True)]
    return firsts, [
        _completed(locale.code, names) for locale, names in zip(LOCALES, kept, strict=True)
    ]


class Names(NamedTuple):
    """Names of all locales in one sequence; where last names of each begin, and how many."""

    firsts: list[Name]
    lasts: list[Name]
    last_starts: list[int]
    last_counts: list[int]


@cache
def every_name() -> Names:
    """The names of ``names_of_markets`` in one sequence."""
    firsts, lasts = names_of_markets()
    counts = [len(names) for names in lasts]
    every = [list(chain.from_iterable(names)) for names in (firsts, lasts)]
    return Names(every[0], every[1], offsets(counts), counts)


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
