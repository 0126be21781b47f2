"""Values that a switch lists as its cases, compared in the type of the column that decides.

A case may be written as text, whatever the type. One that no value of the type can be is refused
when a file is read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

import polars as pl

from synth_assets.declarative.base import Scalar, text_of
from synth_assets.declarative.typed_values import typed
from synth_assets.declarative.types import stored_type, word_of

Value = Scalar | date | Decimal


def is_case(value: Scalar, values: pl.Expr) -> pl.Expr:
    """Whether values are those of a case.

    Args:
        value: The case, which ``case_value`` does not refuse.
        values: The values of the rows.
    """
    return pl.map_batches([values], partial(_equal, value), pl.Boolean, is_elementwise=True)


def case_value(value: Scalar, dtype: pl.DataType) -> Value:
    """The value of a type that a case is.

    Args:
        value: The case.
        dtype: The type, one of those that are stored.

    Raises:
        ValueError: No value of the type is the case.
    """
    try:
        found: Value = _typed(value, dtype).item()
        is_same = _is_same(value, found)
    except (ArithmeticError, LookupError, TypeError, ValueError, pl.exceptions.PolarsError):
        is_same = False
    if not is_same:
        raise ValueError(f"no value of the type {word_of(dtype)} is {value!r}")
    return found


def _equal(value: Scalar, columns: Sequence[pl.Series]) -> pl.Series:
    return columns[0] == _typed(value, stored_type(columns[0].dtype))


def _typed(value: Scalar, dtype: pl.DataType) -> pl.Series:
    if dtype == pl.String():
        return pl.Series([text_of(value)])
    if dtype == pl.Boolean() and isinstance(value, str):
        return pl.Series([{"true": True, "false": False}[value]])
    return typed([value], dtype)


def _is_same(value: Scalar, found: Value) -> bool:
    """Whether a case is not rounded, nor a number that is read as something else."""
    match found:
        case date():
            return isinstance(value, str)
        case bool():
            return isinstance(value, str) or value == found
        case int() | Decimal():
            return Decimal(text_of(value)) == found
        case float():
            return not isinstance(value, bool) and math.isfinite(found)
    return True
