"""Values that a file lists, as a column: of constants, choices, checks and anomalies.

A file has dates and times as texts in ISO 8601; a value of such a type is read from its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl

from synth_assets.declarative.base import Scalar
from synth_assets.declarative.times import naive
from synth_assets.declarative.types import type_of, word_of

# Types of values by their Python type.
TYPES = {bool: pl.Boolean(), int: pl.Int64(), float: pl.Float64(), str: pl.String()}


def series_of(values: Sequence[Scalar], word: str | None) -> pl.Series:
    """Listed values as a column; texts are dates or times if the type is one.

    Args:
        values: The values, of one kind.
        word: The type in SQL's words; only that of a date or time has an effect.

    Raises:
        ValueError: A text is no date or time.
    """
    kinds = {type(value) for value in values}
    own = TYPES[float if kinds == {int, float} else kinds.pop()]
    dtype = None if word is None else type_of(word)
    if own == pl.String() and dtype is not None and dtype.is_temporal():
        return pl.Series([_moment(str(value), dtype) for value in values], dtype=dtype)
    return pl.Series(values, dtype=own, strict=False)


def typed(values: Sequence[Scalar], dtype: pl.DataType) -> pl.Series:
    """Listed values as a column of a type.

    Args:
        values: The values, of one kind.
        dtype: The type, one of those that are stored.

    Raises:
        ValueError: A text is no date or time.
        PolarsError: Another value does not fit the type.
    """
    return series_of(values, word_of(dtype)).cast(dtype)


def _moment(text: str, dtype: pl.DataType) -> date:
    if dtype == pl.Date():
        return date.fromisoformat(text)
    return naive(datetime.fromisoformat(text))
