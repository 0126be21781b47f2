"""Whether the values of a column fit its type, as far as a declaration shows.

A few values stand for all: those that are listed, or the ends of a range. They are cast as the rows
will be. What depends on other columns is known only while rows are made (``failures``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl
from scipy import special

from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.columns import SwitchColumn
from synth_assets.declarative.generators.identifiers import parse_pattern
from synth_assets.declarative.generators.words import words_of
from synth_assets.declarative.numbers import (
    ExponentialColumn,
    IntegersColumn,
    LognormalColumn,
    NormalColumn,
    ParetoColumn,
    Ranged,
    ZipfColumn,
)
from synth_assets.declarative.typed_values import series_of, typed
from synth_assets.declarative.types import type_of, word_of
from synth_assets.declarative.values import (
    BooleanColumn,
    ChoiceColumn,
    ConstantColumn,
    PatternColumn,
    SequenceColumn,
    UuidColumn,
    VocabularyColumn,
)

# A distribution without bounds must fit in all but one of so many rows.
ROWS = 1000


def require_fit(column: ColumnBase, word: str | None) -> None:
    """Refuses a type that values of a column do not fit.

    Args:
        column: The declaration of the column.
        word: The type in SQL's words; that of the generator without it.

    Raises:
        ValueError: A value does not fit.
    """
    if isinstance(column, SwitchColumn):
        for case in (*column.cases.values(), column.otherwise):
            if case is not None:
                require_fit(case, case.type or word)
        return
    require_castable(values_of(column, word), type_of(word) if word else None)


def require_castable(values: Sequence[Any], dtype: pl.DataType | None) -> None:
    """Refuses values that cannot be of a type.

    Args:
        values: Values of one kind.
        dtype: The type; that of the values without it.

    Raises:
        ValueError: One of them cannot.
    """
    for value in values:
        try:
            kept = series_of([value], None) if dtype is None else typed([value], dtype)
            fits = not kept.dtype.is_float() or bool(kept.is_finite().all())
            fits &= not kept.has_nulls()
        except (pl.exceptions.PolarsError, OverflowError, TypeError, ValueError):
            fits = False
        if not fits:
            known = word_of(dtype) if dtype else "bigint" if type(value) is int else "double"
            raise ValueError(f"the value {value!r} does not fit the type {known}")


def values_of(column: ColumnBase, word: str | None) -> list[Any]:
    """Values that stand for all of a column; none where they depend on other columns.

    Args:
        column: The declaration of the column.
        word: The type that they must fit; not all words of a vocabulary are tried for a text.
    """
    match column:
        case ConstantColumn():
            return [column.value]
        case ChoiceColumn():
            return list(column.values)
        case BooleanColumn():
            return [True]
        case IntegersColumn():
            return [column.low, column.high]
        case ZipfColumn():
            return [1, column.high]
        case Ranged():
            return list(_ends(column))
        case SequenceColumn():
            return sequence_values(column, 1)
        case PatternColumn():
            sets = parse_pattern(column.pattern).sets
            return ["".join(map(ends, sets)) for ends in (min, max)]
        case UuidColumn():
            return ["a" * 8]
        case VocabularyColumn() if word not in (None, "text"):
            return words_of(column)
    return []


def sequence_values(column: SequenceColumn, rows: int) -> list[int | str]:
    """The first and the last value of a sequence.

    Args:
        column: The declaration of the column.
        rows: The number of rows.
    """
    numbers = [column.start, column.start + column.step * (max(rows, 1) - 1)]
    if not (column.prefix or column.digits):
        return list(numbers)
    return [f"{column.prefix}{number:0{column.digits}}" for number in numbers]


def _ends(column: Ranged) -> tuple[float, float]:
    """The bounds of a distribution; without one, what a row in a thousand exceeds."""
    low, high = column.rounded_bounds
    least, most = (_quantile(column, share) for share in (1 / ROWS, 1 - 1 / ROWS))
    return (least if low is None else low), (most if high is None else high)


def _quantile(column: Ranged, share: float) -> float:
    deviations = float(special.ndtri(share))
    try:
        return _quantile_of(column, share, deviations)
    except OverflowError:
        return math.inf


def _quantile_of(column: Ranged, share: float, deviations: float) -> float:
    match column:
        case NormalColumn():
            return column.mean + column.sd * deviations
        case LognormalColumn():
            return column.median * math.exp(column.sigma * deviations)
        case ExponentialColumn():
            return -column.mean * math.log(1 - share)
        case ParetoColumn():
            return float(column.low * (1 - share) ** (-1 / column.alpha))
    return 0.0
