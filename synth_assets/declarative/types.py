"""Types of columns: SQL's words to Polars' types, and the columns of a table's schema class."""

from __future__ import annotations

import re
from typing import Any

import dataframely as dy
import polars as pl

WORDS: dict[str, pl.DataType] = {
    "smallint": pl.Int16(),
    "integer": pl.Int32(),
    "bigint": pl.Int64(),
    "real": pl.Float32(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "timestamptz": pl.Datetime("us", "UTC"),
    "text": pl.String(),
}
MOST_DIGITS = 38
# Types that expressions may have, as they are stored.
STORED: dict[pl.DataType, pl.DataType] = {
    pl.Int8(): pl.Int16(),
    pl.UInt8(): pl.Int16(),
    pl.UInt16(): pl.Int32(),
    pl.UInt32(): pl.Int64(),
    pl.UInt64(): pl.Int64(),
    pl.Int128(): pl.Int64(),
}


def type_of(word: str) -> pl.DataType:
    """The Polars type of a type in SQL's words.

    Args:
        word: The word, such as ``decimal(12,2)``.

    Raises:
        ValueError: The digits of a decimal are impossible.
    """
    if word in WORDS:
        return WORDS[word]
    precision, scale = map(int, re.findall(r"\d+", word))
    if not (1 <= precision <= MOST_DIGITS and scale <= precision):
        raise ValueError(
            f"{word}: a decimal has 1 to {MOST_DIGITS} digits, and no more after the point"
        )
    return pl.Decimal(precision, scale)


def word_of(dtype: pl.DataType) -> str:
    """The type in SQL's words.

    Args:
        dtype: The Polars type, one of those that are stored.
    """
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    return next((word for word, known in WORDS.items() if known == dtype), str(dtype))


def stored_type(dtype: pl.DataType) -> pl.DataType:
    """The type in which every store can keep values of a type.

    Args:
        dtype: The type of an expression.

    Raises:
        ValueError: There is none.
    """
    dtype = STORED.get(dtype, dtype)
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", dtype.time_zone)
    if isinstance(dtype, pl.Decimal) or dtype in WORDS.values():
        return dtype
    known = ", ".join([*WORDS, "decimal(p,s)"])
    raise ValueError(
        f"the values are of type {dtype}, which not every store has: known are {known}"
    )


def schema_column(dtype: pl.DataType, **properties: Any) -> dy.Column:
    """A column of a schema class.

    Args:
        dtype: The Polars type, one of those that are stored.
        **properties: Its key, nullability, description, constraints and metadata.
    """
    match dtype:
        case pl.Decimal():
            return dy.Decimal(dtype.precision, dtype.scale, **properties)
        case pl.Datetime():
            return dy.Datetime(time_unit="us", time_zone=dtype.time_zone, **properties)
        case pl.Boolean():
            return dy.Bool(**properties)
    column: dy.Column = getattr(dy, type(dtype).__name__)(**properties)
    return column
