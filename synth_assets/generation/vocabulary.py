"""Faker's words, drawn once per locale with a fixed seed: the only place Faker is called.

A vocabulary is a ``pl.Enum`` of distinct values, sorted, so picking from it is picking a
number. Never call Faker per row: it is about a hundred times slower, and its stream of state
would tie a row to the rows before it.
"""

from __future__ import annotations

from functools import cache

import polars as pl
from faker import Faker

# Of the vocabulary itself, not of any scenario: the same words under every seed.
VOCABULARY_SEED = 20_260_101
# Draws without a new word after which a vocabulary counts as exhausted.
PATIENCE = 2_000


@cache
def vocabulary(provider: str, locale: str = "en_US", size: int = 500) -> pl.Enum:
    """Up to ``size`` distinct values of a Faker provider (``"first_name"``) in a locale.

    Smaller where Faker has fewer. Raises ``AttributeError`` for an unknown provider.
    """
    faker = Faker(locale)
    faker.seed_instance(VOCABULARY_SEED)
    method = getattr(faker, provider)
    words: set[str] = set()
    misses = 0
    while len(words) < size and misses < PATIENCE:
        before = len(words)
        words.add(str(method()))
        misses = 0 if len(words) > before else misses + 1
    return pl.Enum(sorted(words))
