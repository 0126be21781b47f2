"""Ways to break a sound frame, for checks that have to notice."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

Spoil = Callable[[pl.DataFrame], pl.DataFrame]


def first(column: str, value: object) -> Spoil:
    """The first row that has a value there has another one."""

    def spoil(frame: pl.DataFrame) -> pl.DataFrame:
        place = int(frame[column].is_not_null().arg_max() or 0)
        number = pl.int_range(pl.len())
        changed = pl.when(number == place).then(pl.lit(value)).otherwise(column)
        return frame.with_columns(changed.cast(frame.schema[column]).alias(column))

    return spoil


def later(column: str, days: int, share: int = 1) -> Spoil:
    """Rows have a later date there, every one or every so-manieth."""
    hit = pl.int_range(pl.len()) % share == 0
    moved = pl.col(column) + pl.duration(days=days)
    return lambda frame: frame.with_columns(pl.when(hit).then(moved).otherwise(column))


def mostly(column: str, value: object, share: int = 10) -> Spoil:
    """Every tenth row, or every so-manieth, has the same value there."""
    hit = pl.int_range(pl.len()) % share == 0
    return lambda frame: frame.with_columns(
        pl.when(hit).then(pl.lit(value)).otherwise(column).cast(frame.schema[column]).alias(column)
    )


def twice(column: str) -> Spoil:
    """The first row has the second one's value there."""
    return lambda frame: first(column, frame[column][1])(frame)
