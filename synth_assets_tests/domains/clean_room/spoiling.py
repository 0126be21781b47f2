"""Functions that corrupt a valid frame, for checks that must fail."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

Spoil = Callable[[pl.DataFrame], pl.DataFrame]


def first(column: str, value: object) -> Spoil:
    """Replace the first value of a column that is not null."""

    def spoil(frame: pl.DataFrame) -> pl.DataFrame:
        place = int(frame[column].is_not_null().arg_max() or 0)
        number = pl.int_range(pl.len())
        changed = pl.when(number == place).then(pl.lit(value)).otherwise(column)
        return frame.with_columns(changed.cast(frame.schema[column]).alias(column))

    return spoil


def later(column: str, days: int, share: int = 1) -> Spoil:
    """Move a date later, in every row or every n-th row."""
    hit = pl.int_range(pl.len()) % share == 0
    moved = pl.col(column) + pl.duration(days=days)
    return lambda frame: frame.with_columns(pl.when(hit).then(moved).otherwise(column))


def mostly(column: str, value: object, share: int = 10) -> Spoil:
    """Set a column to one value in every tenth row, or every n-th row."""
    hit = pl.int_range(pl.len()) % share == 0
    return lambda frame: frame.with_columns(
        pl.when(hit).then(pl.lit(value)).otherwise(column).cast(frame.schema[column]).alias(column)
    )


def twice(column: str) -> Spoil:
    """Copy the second row's value to the first row."""
    return lambda frame: first(column, frame[column][1])(frame)
