"""The parts that checks are made of: rows that break one, and what a check waits for.

The checks that tables share are in ``structural`` and ``statistical``; a check about one domain's
facts is beside the table that it judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.core.partitioning import Partitioning

SAMPLES = 5
# Partitions named one by one in a sentence.
FEW = 3


def failing_rows_by_partition(
    bad: pl.LazyFrame, partition_column: str
) -> dict[str, tuple[int, list[Any]]]:
    """How many rows of ``bad`` lie in each partition, and a few of them."""
    shown = [column for column in bad.collect_schema().names() if column != partition_column]
    counted = bad.group_by(partition_column).agg(
        pl.len(), pl.struct(shown).head(SAMPLES).alias("sample")
    )
    return {key: (count, sample) for key, count, sample in counted.collect().iter_rows()}


def row_check(
    name: str,
    doc: str,
    failing_rows: Callable[[TableView], pl.LazyFrame],
    *,
    reads: Sequence[str] = (),
) -> Check:
    """A check that no row may break; ``failing_rows`` gives the rows that do, with their axis."""

    def measure(stored: TableView) -> list[CheckResult]:
        found = failing_rows_by_partition(
            failing_rows(stored), stored.table.partitioning.partition_column
        )
        partition_stats = stored.partition_stats
        results = []
        for key in stored.keys:
            count, sample = found.get(key, (0, []))
            rows = partition_stats[key].rows
            rate = count / rows if rows else 0.0
            numbers = {"rows": float(rows), "violation_rate": rate}
            results.append(CheckResult(key, count == 0, float(count), "= 0", numbers, sample))
        return results

    return Check(name, doc, measure, reads=tuple(reads), failing_rows=failing_rows)


def partition_check(
    name: str,
    doc: str,
    failing_rows: Callable[[TableView, str], pl.LazyFrame],
    reads: Sequence[str] = (),
) -> Check:
    """A check that no row may break, judged partition by partition so that memory stays small.

    Args:
        name: The check's name.
        doc: What holds.
        failing_rows: ``(view, key)`` to the rows of a partition that break it.
        reads: Other tables that it looks at.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        partition_column, results = stored.table.partitioning.partition_column, []
        partition_stats = stored.partition_stats
        for key in stored.keys:
            bad = failing_rows(stored, key)
            count, sample = failing_rows_by_partition(bad, partition_column).get(key, (0, []))
            rows = partition_stats[key].rows
            numbers = {"rows": float(rows), "violation_rate": count / max(rows, 1)}
            results.append(CheckResult(key, count == 0, float(count), "= 0", numbers, sample))
        return results

    def every(stored: TableView) -> pl.LazyFrame:
        return pl.concat(failing_rows(stored, key) for key in stored.keys)

    return Check(name, doc, measure, reads=tuple(reads), failing_rows=every)


def waiting(key: str | None, what: str) -> CheckResult:
    """The result on what cannot be judged yet: it passes, and says what it waits for."""
    return CheckResult(key, True, 0.0, f"judged once {what}")


def when_complete(check: Check, *others: str, own: bool = True) -> Check:
    """The check, judged where all is stored that rows of a partition may refer to.

    Of shards that is every shard, of days the earlier ones. A result on the whole table waits
    for what any of its partitions waits for. Runs that go on at once leave such gaps for a while.
    Without ``own`` rows refer to the others' partitions alone.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        tables = [*([stored] if own else []), *(stored.other(name) for name in others)]
        keys = stored.keys if check.per_partition else list(stored.partition_stats)
        absent = {s.table.name: (s.table.partitioning, s.missing_keys) for s in tables}
        awaited = {key: _awaited(key, absent) for key in keys}
        ready = [key for key in keys if not awaited[key]]
        if not check.per_partition:
            first = next(filter(None, awaited.values()), None)
            return [waiting(None, first)] if first else check.measure(stored)
        found = {v.key: v for v in check.measure(replace(stored, keys=ready))} if ready else {}
        return [found.get(key) or waiting(key, str(awaited[key])) for key in keys]

    return replace(check, measure=measure)


def _awaited(key: str, absent: Mapping[str, tuple[Partitioning, Sequence[str]]]) -> str | None:
    """The partitions that rows under a key may refer to and that are not stored, in words."""
    missing = {
        name: [other for other in keys if partitioning.may_reference(key, other)]
        for name, (partitioning, keys) in absent.items()
    }
    named = [f"{name} ({abbreviated(keys)})" for name, keys in missing.items() if keys]
    return f"{', '.join(named)} is stored" if named else None


def abbreviated(keys: Sequence[str]) -> str:
    """Keys as a sentence has them: a few by name, many by the first and the last."""
    return ", ".join(keys) if len(keys) <= FEW else f"{keys[0]} to {keys[-1]}, {len(keys):,} slices"
