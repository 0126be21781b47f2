"""Checks that several tables share."""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.core.partitioning import Daily
from synth_assets.quality.building import row_check
from synth_assets.quality.structural import holds


def in_partition(column: str, what: str, partitioning: Daily) -> Check:
    """Timestamps are on the partition's date; in the first partition they may be earlier.

    Args:
        column: The timestamp.
        what: What a row is, in a word.
        partitioning: Partitioning of the table.
    """
    day = pl.col(partitioning.partition_column)
    of_row = pl.col(column).dt.date().cast(pl.String)
    past = (day == partitioning.start.isoformat()) & (of_row < day)
    doc = f"Every {what} is on the partition's date, or in the first one before it."
    return holds(f"{column}_in_partition", doc, (of_row == day) | past)


def one_row_per_date(key: str, column: str) -> Check:
    """No key has two rows on one date.

    Args:
        key: The key's column.
        column: The timestamp.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        rows = stored.current().with_columns(on=pl.col(column).dt.date())
        return rows.filter(pl.struct(key, "on").is_duplicated())

    return row_check(
        f"one_row_per_{key}_and_date",
        f"No `{key}` has two rows on one date.",
        failing_rows,
    )
