"""Checks of keys: unique values and references, in the whole table or within partitions."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.quality.building import (
    COUNT,
    COUNTED,
    partition_check,
    row_check,
    when_complete,
)
from synth_assets.quality.key_ranges import increasing, rises

# Hashes (8 bytes each) that are sorted in memory at once.
HASHES_AT_ONCE = 60_000_000


def unique(columns: Sequence[str], name: str | None = None) -> Check:
    """No two rows of the whole table have the same values in some columns (nulls are left out).

    Where each partition is a table of its own, rows are compared within partitions.

    Args:
        columns: Names of the columns.
        name: The check's name; by default ``unique_`` and the columns.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        key = [*columns, *_partition_columns(stored)]
        if increasing(stored, key):
            return stored.current().clear()
        present = pl.all_horizontal(pl.col(key).is_not_null())
        # A hash of 8 bytes a row finds candidates; only these are compared by their values.
        hashed = reduce(operator.add, (pl.col(c).hash(seed) for seed, c in enumerate(key)))
        suspects = _repeated(stored, hashed, present)
        if suspects.is_empty():
            return stored.current().clear()
        alike = stored.all().filter(present & hashed.is_in(suspects.implode()))
        repeated = alike.group_by(key).agg(COUNT).filter(pl.col(COUNTED) > 1)
        return stored.current().join(repeated.drop(COUNTED), on=key, how="semi")

    listed = ", ".join(columns)
    doc = f"No two rows of the table, in any partition, share {listed}."
    check = row_check(name or f"unique_{'_'.join(columns)}", doc, failing_rows)
    return replace(check, distinct=tuple(columns))


def _partition_columns(stored: TableView) -> list[str]:
    """The partition column of a table with one table per partition; otherwise nothing."""
    table = stored.table
    return [table.partitioning.partition_column] if table.one_table_per_partition else []


def _repeated(stored: TableView, hashed: pl.Expr, present: pl.Expr) -> pl.Series:
    """The hashes of several rows each, found in as many passes as fit into memory."""
    rows = sum(stats.rows for stats in stored.partition_stats.values())
    passes = rows // HASHES_AT_ONCE + 1
    found = []
    for number in range(passes):
        hashes = np.empty(rows, dtype=np.uint64)
        size = 0
        for key in stored.partition_stats:
            part = stored.reader.scan(stored.table, [key]).filter(present).select(hash=hashed)
            here = part.filter(pl.col("hash") % passes == number).collect(engine="streaming")
            hashes[size : size + len(here)] = here.to_series().to_numpy()
            size += len(here)
        hashes = hashes[:size]
        hashes.sort()
        found.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    return pl.Series(np.concatenate(found))


def foreign_key(column: str, parent: str, parent_column: str) -> Check:
    """Every value of a column that is not null is found in the stored parent.

    Where both have one table per partition, it is found in the same partition.

    Args:
        column: Name of the column.
        parent: Name of the parent table.
        parent_column: Name of the parent's column.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        other = stored.other(parent)
        own, parents = _partition_columns(stored), _partition_columns(other)
        shared = own if own == parents else []
        key = [column, *shared]
        keys = other.all().select(pl.col(parent_column).alias(column), *shared)
        present = stored.current().filter(pl.col(column).is_not_null())
        # Only the key is read, unless a row fails.
        lost = present.select(key).join(keys, on=key, how="anti").collect(engine="streaming")
        if lost.is_empty():
            return stored.current().clear()
        return present.join(lost.lazy(), on=key, how="semi")

    doc = f"Every `{column}` is found in `{parent}.{parent_column}`."
    # Partitions of the parent that are not stored yet may contain the keys.
    check = row_check(f"fk_{column}", doc, failing_rows, reads=[parent])
    return when_complete(_pointing_at(parent, check), parent, own=False)


def unique_in_partition(columns: Sequence[str], name: str | None = None) -> Check:
    """No two rows of a partition have the same values in some columns.

    For colocated columns this implies the same for the whole table.

    Args:
        columns: Names of the columns.
        name: The check's name; by default ``unique_`` and the columns.
    """

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        rows = stored.reader.scan(stored.table, [key])
        if rises(rows, columns):
            return rows.head(0)
        counted = rows.group_by(columns).agg(COUNT).filter(pl.col(COUNTED) > 1)
        repeated = counted.drop(COUNTED).collect(engine="streaming")
        if repeated.is_empty():
            return rows.head(0)
        return rows.join(repeated.lazy(), on=list(columns), how="semi")

    listed = ", ".join(columns)
    doc = f"No two rows share {listed}."
    check = partition_check(name or f"unique_{'_'.join(columns)}", doc, failing_rows)
    return replace(check, distinct=tuple(columns))


def reference_in_partition(column: str, parent: str, parent_column: str) -> Check:
    """Every value of a column is found in the same partition of the parent.

    Args:
        column: Name of the column.
        parent: Name of the parent table.
        parent_column: Name of the parent's column.
    """

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        other, rows = stored.other(parent), stored.reader.scan(stored.table, [key])
        known = other.reader.scan(other.table, [key]).select(pl.col(parent_column).alias(column))
        values = rows.select(column).unique()
        lost = values.join(known, on=column, how="anti").collect(engine="streaming")
        if lost.is_empty():
            return rows.head(0)
        return rows.filter(pl.col(column).is_in(lost.to_series().implode()))

    doc = f"Every `{column}` is found in `{parent}.{parent_column}`, in the same partition."
    return _pointing_at(parent, partition_check(f"fk_{column}", doc, failing_rows, [parent]))


def _pointing_at(parent: str, check: Check) -> Check:
    """The check, with a note on failures that the cause may be in the parent."""

    def measure(stored: TableView) -> list[CheckResult]:
        path = stored.domain.table(parent).path
        note = f"the rows, or those of {path} that they refer to, are not as they were made: "
        note += f"`synth gate {path} {stored.table.path}` judges both"
        return [r if r.passed else replace(r, note=note) for r in check.measure(stored)]

    return replace(check, measure=measure)
