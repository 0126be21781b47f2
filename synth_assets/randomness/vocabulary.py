"""Faker's words, drawn once per locale with a fixed seed: the only place Faker is called.

A vocabulary is a ``pl.Enum`` of distinct values, sorted, so picking from it is picking a
number. Never call Faker per row: it is about a hundred times slower, and its stream of state
would tie a row to the rows before it. Some of Faker's words have blanks around or twice within
them; here every word has single blanks between its parts and none around them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import polars as pl
from anyascii import anyascii
from faker import Faker

# Of the vocabulary itself, not of any scenario: the same words under every seed.
VOCABULARY_SEED = 20_260_101
# Draws without a new word after which a vocabulary counts as exhausted, and names do.
PATIENCE, NAME_PATIENCE = 2_000, 200


@cache
def vocabulary(provider: str, locale: str = "en_US", size: int = 500) -> pl.Enum:
    """Up to ``size`` distinct values of a Faker provider (``"first_name"``) in a locale.

    Smaller where Faker has fewer. Raises ``AttributeError`` for an unknown provider.
    """
    return pl.Enum(sorted({str(word) for word in _drawn(provider, locale, size, PATIENCE)}))


@cache
def names(part: str, locale: str, size: int = 500) -> list[tuple[str, str]]:
    """Up to ``size`` names of a locale (``part`` is ``first_name`` or ``last_name``), in order.

    Each in the script of its country and in the lower-case Latin letters that an e-mail address
    would have; no two share the latter.
    """
    # Faker knows how Japanese names are read, which their characters do not tell.
    romanized = locale == "ja_JP"
    found: dict[str, str] = {}
    provider = f"{part}_pair" if romanized else part
    for word in _drawn(provider, locale, size, NAME_PATIENCE):
        native, latin = (word[0], word[-1]) if romanized else (str(word), anyascii(str(word)))
        letters = re.sub(r"[^a-z]", "", latin.lower())
        found.setdefault(letters, native)
    return sorted((native, latin) for latin, native in found.items() if latin)


@cache
def weighted_names(kind: str, locale: str = "en_US") -> dict[str, float]:
    """Names with the share of the people who bear them, as Faker knows it, in order of name.

    ``kind`` is ``first_names_male``, ``first_names_female`` or ``last_names``. Raises
    ``TypeError`` for a locale of which Faker tells no shares.
    """
    known = getattr(Faker(locale).provider("faker.providers.person"), kind)
    if not isinstance(known, dict):
        raise TypeError(f"Faker knows no shares of {kind} in {locale}")
    total = sum(known.values())
    return {_trimmed(name): known[name] / total for name in sorted(known)}


def _drawn(provider: str, locale: str, size: int, patience: int) -> list[Any]:
    """Distinct values, in the order in which they were drawn."""
    faker = Faker(locale)
    faker.seed_instance(VOCABULARY_SEED)
    if locale == "it_IT":
        # Faker lists these cities from a set, in another order in every process.
        address: Any = faker.provider("faker.providers.address")
        address.cities = sorted(address.cities)
    method = getattr(faker, provider)
    words: dict[Any, None] = {}
    misses = 0
    while len(words) < size and misses < patience:
        before = len(words)
        words[_trimmed(method())] = None
        misses = 0 if len(words) > before else misses + 1
    return list(words)


def _trimmed(word: Any) -> Any:
    """A word, or each of a pair, with single blanks between its parts and none around them."""
    if isinstance(word, str):
        return " ".join(word.split())
    return tuple(map(_trimmed, word)) if isinstance(word, tuple) else word
