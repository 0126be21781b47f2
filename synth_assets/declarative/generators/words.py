"""Constants, choices, booleans and the words of vocabularies."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from synth_assets.declarative.generators.cell import Cell
from synth_assets.declarative.generators.weighted import (
    Floats,
    weighted_position,
    words_at,
    zipf_weights,
)
from synth_assets.declarative.typed_values import series_of
from synth_assets.declarative.values import (
    BooleanColumn,
    ChoiceColumn,
    ConstantColumn,
    VocabularyColumn,
)
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import mix_words
from synth_assets.randomness.vocabulary import listed_names, vocabulary

# Key of the order of a vocabulary's words by frequency.
RANKS = np.uint64(20_260_101)


def constant(spec: ConstantColumn, cell: Cell) -> pl.Expr:
    """The same value in every row."""
    made = series_of([spec.value], spec.type)
    return pl.lit(made.item(), dtype=made.dtype)


def choice(spec: ChoiceColumn, cell: Cell) -> pl.Expr:
    """One of several values."""
    values = list(spec.values)
    weights = list(spec.values.values()) if isinstance(spec.values, dict) else [1.0] * len(values)
    position = weighted_position(cell.stream.uniform(cell.row), lambda: weights)
    return gather(series_of(values, spec.type), position)


def boolean(spec: BooleanColumn, cell: Cell) -> pl.Expr:
    """True with a probability."""
    return cell.stream.bernoulli(cell.row, spec.probability)


def words(spec: VocabularyColumn, cell: Cell) -> pl.Expr:
    """Words of a Faker provider."""
    of = (spec.provider, spec.locale, spec.size, spec.frequencies)
    position = weighted_position(cell.stream.uniform(cell.row), lambda: _weights(*of))
    return words_at(position, lambda: _words(*of))


def words_of(spec: VocabularyColumn) -> list[str]:
    """The words of a vocabulary.

    Args:
        spec: The declaration of a column.
    """
    return _words(spec.provider, spec.locale, spec.size, spec.frequencies).to_list()


@cache
def _words(provider: str, locale: str, size: int, frequencies: str) -> pl.Series:
    if frequencies == "real":
        return pl.Series(list(listed_names(provider, locale)), dtype=pl.String)
    return vocabulary(provider, locale, size).categories


@cache
def _weights(provider: str, locale: str, size: int, frequencies: str) -> Floats:
    if frequencies == "real":
        return np.array([share for _, share in listed_names(provider, locale).values()])
    count = len(_words(provider, locale, size, frequencies))
    if frequencies == "equal":
        return np.ones(count)
    # Words are in alphabetical order, which says nothing about how often they occur.
    order = mix_words(np.arange(count, dtype=np.uint64), RANKS).argsort()
    return zipf_weights(count, 1.0)[order.argsort()]
