"""Checks of the number of rows of a partition: as written, as declared, or about as expected.

``measured`` is the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.quality.building import COUNT


def as_written() -> Check:
    """A partition has as many rows as were written.

    Other checks use the row counts that the store reports, which do not change when rows are
    deleted from a database, or added to it, by other means.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        partition_column = stored.table.partitioning.partition_column
        # The partition column may be called as the count would be.
        grouped = stored.current().group_by(partition_column).agg(COUNT)
        counted = grouped.collect(engine="streaming")
        rows: dict[str, int] = dict(counted.iter_rows())
        partition_stats = stored.partition_stats
        written = {key: partition_stats[key].rows for key in stored.keys}
        return [
            CheckResult(key, rows.get(key, 0) == n, float(rows.get(key, 0)), f"= {n:,}")
            for key, n in written.items()
        ]

    return Check(
        "row_count_as_written", "Every partition has as many rows as were written.", measure
    )


def volume(
    expected: Callable[[Any, str], float], low: float, high: float, tolerance: int = 0
) -> Check:
    """The number of rows of a partition is between two multiples of the expected number.

    Args:
        expected: ``(scenario, key)`` to the expected number of rows.
        low: Least multiple.
        high: Largest multiple.
        tolerance: Rows by which the number may differ whatever the multiples.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        partition_stats = stored.partition_stats
        results = []
        for key in stored.keys:
            rows = partition_stats[key].rows
            number = expected(stored.scenario, key)
            passed = low * number <= rows <= high * number or abs(rows - number) <= tolerance
            threshold = f"{low:g} to {high:g} times {number:,.0f}"
            numbers = {"expected": number}
            results.append(CheckResult(key, passed, float(rows), threshold, numbers))
        return results

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        failed = [v.key for v in measure(stored) if not v.passed]
        return pl.LazyFrame(
            {stored.table.partitioning.partition_column: pl.Series(failed, dtype=pl.String)}
        )

    doc = f"The partition holds {low:g} to {high:g} times the rows expected for it."
    return Check("volume", doc, measure, failing_rows=failing_rows)


def row_count() -> Check:
    """Every partition has exactly the number of rows in its range of row numbers."""

    def measure(stored: TableView) -> list[CheckResult]:
        partition_stats, results = stored.partition_stats, []
        for key in stored.keys:
            partition = stored.table.partition(stored.scenario, key)
            expected, rows = partition.stop - partition.start, partition_stats[key].rows
            results.append(CheckResult(key, rows == expected, float(rows), f"= {expected:,}"))
        return results

    return Check("row_count", "Every partition has exactly its share of the rows.", measure)
