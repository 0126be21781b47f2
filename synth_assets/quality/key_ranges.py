"""Unique keys by their order: proof for a large table that needs neither hashes nor a sort.

Generated rows are in order of their key, and partitions follow each other. Where that is not so,
nothing is proved, and ``keys.unique`` compares the rows themselves. Ranges are found partition by
partition and merge: those of a table are those of its partitions, in any order.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from synth_assets.core.model import TableView

# Rows of a partition: fewer cost more to read one by one than together, more need much memory.
LEAST_ROWS, MOST_ROWS = 50_000, 5_000_000
# Runs of a partition with equal leading columns, at most.
MOST_RUNS = 1_000


def increasing(stored: TableView, columns: Sequence[str]) -> bool:
    """Whether the order of the rows proves that no two of the table have the same key.

    The last column increases wherever the other ones stay the same, and the ranges of its values do
    not overlap.

    Args:
        stored: The view.
        columns: The key's columns, major first.
    """
    rows = [stats.rows for stats in stored.partition_stats.values()]
    if not rows or sum(rows) < LEAST_ROWS * len(rows) or max(rows) > MOST_ROWS:
        return False
    found: list[pl.DataFrame] = []
    for key in stored.partition_stats:
        rows_of_key = stored.reader.scan(stored.table, [key]).select(columns).drop_nulls()
        ranges = ranges_of(rows_of_key.collect(engine="streaming"), columns)
        if ranges is None:
            return False
        found.append(ranges)
    return disjoint(pl.concat(found), columns)


def disjoint(ranges: pl.DataFrame, columns: Sequence[str]) -> bool:
    """Whether no two ranges overlap, so that no key is in two of them.

    Args:
        ranges: What ``ranges_of`` gives for each partition, one below the other.
        columns: The key's columns, major first.
    """
    *major, _ = columns
    ordered = ranges.sort(*major, "low")
    overlapping = _same(major) & (pl.col("low") <= pl.col("high").shift())
    return not ordered.select(overlapping.fill_null(value=False).any()).item()


def rises(rows: pl.LazyFrame, columns: Sequence[str]) -> bool:
    """Whether a key of one whole number increases from row to row, so that none occurs twice.

    Args:
        rows: The rows, in the order in which they are stored.
        columns: The key's columns.
    """
    if len(columns) > 1 or not rows.collect_schema()[columns[0]].is_integer():
        return False
    return ranges_of(rows.select(columns).collect(engine="streaming"), columns) is not None


def ranges_of(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame | None:
    """The ranges of a key in some rows: few, whatever the number of rows.

    Args:
        rows: Rows of a partition, in its order.
        columns: The key's columns, major first.

    Returns:
        The major columns, and ``low`` to ``high`` of the last one; None if it does not increase
        within them.
    """
    *major, minor = columns
    follows = _same(major).fill_null(value=False) & (pl.int_range(pl.len()) > 0)
    key = pl.col(minor)
    flags = rows.select(follows=follows, rises=(key > key.shift()).fill_null(value=False))
    if flags.select((pl.col("follows") & ~pl.col("rises")).any()).item():
        return None
    begins = ~flags["follows"]
    if begins.sum() > MOST_RUNS:
        return None
    ends = begins.shift(-1, fill_value=True)
    return rows.filter(begins).select(*major, low=minor).with_columns(high=rows.filter(ends)[minor])


def _same(columns: Sequence[str]) -> pl.Expr:
    """Whether a row has the values of the row before."""
    return pl.all_horizontal(
        [pl.lit(value=True), *(pl.col(c) == pl.col(c).shift() for c in columns)]
    )
