"""Faker's words, drawn once per locale with a fixed seed: the only module that calls Faker.

A vocabulary is a sorted ``pl.Enum`` of distinct values, so a word is chosen by its number. Never
call Faker per row: it is about a hundred times slower, and its stateful generator would make a row
depend on the rows before it. Some of Faker's words have leading, trailing or double blanks; here
every word has single blanks between its parts and none around them.
"""

from __future__ import annotations

import re
from functools import cache
from threading import Lock
from typing import Any

import polars as pl
from anyascii import anyascii

# The seed of the vocabulary itself, so that the words are the same under every scenario's seed.
VOCABULARY_SEED = 20_260_101
# Draws without a new word after which a vocabulary, or a list of names, counts as exhausted.
MOST_REPEATS, MOST_NAME_REPEATS = 2_000, 200
DRAWING = Lock()


@cache
def vocabulary(provider: str, locale: str = "en_US", size: int = 500) -> pl.Enum:
    """Distinct values of a Faker provider in a locale, in alphabetical order.

    Args:
        provider: Name of the provider, such as ``first_name``.
        locale: Faker's name of the locale.
        size: Most values; there are fewer where Faker has fewer.

    Raises:
        AttributeError: Faker has no such provider.
    """
    return pl.Enum(sorted({str(word) for word in _drawn(provider, locale, size, MOST_REPEATS)}))


@cache
def names(part: str, locale: str, size: int = 500) -> list[tuple[str, str]]:
    """Names of a locale, sorted, each in the script of its country and in Latin letters.

    Args:
        part: ``first_name`` or ``last_name``.
        locale: Faker's name of the locale.
        size: Number of names that are drawn.

    Returns:
        Pairs of a name and its lower-case Latin letters, as an e-mail address would have them. No
        two names have the same letters.
    """
    # Faker knows the reading of Japanese names, which does not follow from their characters.
    romanized = locale == "ja_JP"
    found: dict[str, str] = {}
    provider = f"{part}_pair" if romanized else part
    for word in _drawn(provider, locale, size, MOST_NAME_REPEATS):
        native, latin = (word[0], word[-1]) if romanized else (str(word), anyascii(str(word)))
        letters = re.sub(r"[^a-z]", "", latin.lower())
        found.setdefault(letters, native)
    return sorted((native, latin) for latin, native in found.items() if latin)


@cache
def weighted_names(kind: str, locale: str = "en_US") -> dict[str, float]:
    """Names with their relative frequencies in the population, as Faker has them, sorted by name.

    Args:
        kind: ``first_names_male``, ``first_names_female`` or ``last_names``.
        locale: Faker's name of the locale.

    Raises:
        TypeError: Faker has no frequencies for the locale.
    """
    known = getattr(_person(locale), kind)
    if not isinstance(known, dict):
        raise TypeError(f"Faker knows no shares of {kind} in {locale}")
    total = sum(known.values())
    return {_trimmed(name): known[name] / total for name in sorted(known)}


@cache
def listed_names(part: str, locale: str) -> dict[str, tuple[str, float]]:
    """Every name that Faker lists for a locale, in Faker's order.

    Args:
        part: ``first_name`` or ``last_name``.
        locale: Faker's name of the locale.

    Returns:
        By name, its lower-case Latin letters and its share of the list: as Faker has it, else the
        same for every name.
    """
    person = _person(locale)
    pairs = f"{part}_pairs"
    # Faker knows the reading of Japanese names, which does not follow from their characters.
    known = getattr(person, pairs if hasattr(person, pairs) else f"{part}s")
    weights = known if isinstance(known, dict) else dict.fromkeys(known, 1.0)
    total = float(sum(weights.values()))
    found: dict[str, tuple[str, float]] = {}
    for word, weight in weights.items():
        native, latin = (word[0], word[-1]) if isinstance(word, tuple) else (word, anyascii(word))
        letters = re.sub(r"[^a-z]", "", latin.lower())
        if letters:
            found.setdefault(_trimmed(native), (letters, float(weight) / total))
    return found


@cache
def _person(locale: str) -> Any:
    """Faker's lists of names, without its other providers, which take longest to find."""
    from faker import Faker

    return Faker(locale, providers=["faker.providers.person"]).provider("faker.providers.person")


@cache
def _faker(locale: str) -> Any:
    # Imported by the first draw: tables can be described, and many generated, without it.
    from faker import Faker

    return Faker(locale)


def _drawn(provider: str, locale: str, size: int, most_repeats: int) -> list[Any]:
    """Distinct values, in the order of the draws."""
    # Polars asks for words from several threads, and Faker's generator has one state.
    with DRAWING:
        return _drawn_alone(provider, locale, size, most_repeats)


def _drawn_alone(provider: str, locale: str, size: int, most_repeats: int) -> list[Any]:
    faker = _faker(locale)
    faker.seed_instance(VOCABULARY_SEED)
    if locale == "it_IT":
        # Faker lists these cities from a set, so their order differs from process to process.
        address: Any = faker.provider("faker.providers.address")
        address.cities = sorted(address.cities)
    method = getattr(faker, provider)
    words: dict[Any, None] = {}
    repeats = 0
    while len(words) < size and repeats < most_repeats:
        before = len(words)
        words[_trimmed(method())] = None
        repeats = 0 if len(words) > before else repeats + 1
    return list(words)


def _trimmed(word: Any) -> Any:
    """A word, or each of a pair, with single blanks between its parts and none around them."""
    if isinstance(word, str):
        return " ".join(word.split())
    return tuple(map(_trimmed, word)) if isinstance(word, tuple) else word


@cache
def providers(locale: str) -> dict[str, str]:
    """Faker's providers in a locale, with the modules that have them.

    Args:
        locale: Faker's name of the locale.

    Raises:
        AttributeError: Faker has no such locale.
    """
    return {
        name: type(found).__module__
        for found in _faker(locale).providers
        for name in dir(found)
        if not name.startswith("_") and callable(getattr(found, name))
    }


@cache
def require_words(provider: str, locale: str) -> None:
    """Refuses a provider that gives no words, or words that depend on the current date.

    Args:
        provider: Name of the provider, one of ``providers``.
        locale: Faker's name of the locale.

    Raises:
        ValueError: The values of the provider are no words, or not the same tomorrow.
    """
    if providers(locale)[provider].startswith("faker.providers.date_time"):
        raise ValueError(
            f"Faker's {provider} depends on the current date: take a date or timestamp"
        )
    try:
        [word] = _drawn(provider, locale, 1, 1)
    except Exception as error:
        raise ValueError(f"Faker's {provider} cannot be used without arguments: {error}") from None
    if not isinstance(word, str | int):
        raise ValueError(
            f"Faker's {provider} gives values of type {type(word).__name__}, not words"
        )
