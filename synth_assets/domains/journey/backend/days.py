"""Ids that are numbered by day, and times that stay within a day."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.journey.tables.purchases import ROWS_A_DAY
from synth_assets.randomness.values import DAY

SECOND_MICROS = 1_000_000
DAY_MICROS = DAY * SECOND_MICROS


def numbered_by_day(rows: pl.DataFrame, name: str, by: list[str]) -> pl.DataFrame:
    """Sorts rows by day and numbers them within it.

    Args:
        rows: Rows with ``day`` (ISO date).
        name: Column of the id.
        by: Columns that order the rows of a day.

    Returns:
        The rows with an id that consists of the day (YYYYMMDD) and the number, from 1.
    """
    day = pl.col("day").str.replace_all("-", "").cast(pl.Int64)
    ordered = rows.sort("day", *by)
    nth = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("day")
    return ordered.with_columns((day * ROWS_A_DAY + nth).alias(name))


def end_of_day(micros: pl.Expr) -> pl.Expr:
    """The last microsecond of a day (UTC).

    Args:
        micros: Any time of the day, microseconds since 1970.
    """
    return micros - micros % DAY_MICROS + DAY_MICROS - 1


def clip_to_day(micros: pl.Expr, event: pl.Expr) -> pl.Expr:
    """Limits a time to the day of its event, since a day's records depend on no later day.

    Args:
        micros: Microseconds since 1970, not before the event.
        event: Time of the event, microseconds since 1970.
    """
    return pl.min_horizontal(micros, end_of_day(event))
