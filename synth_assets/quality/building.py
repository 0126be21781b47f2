"""The parts of checks: failing rows, and the partitions that a check waits for.

The checks that tables share are in the other modules of the package; a check about one domain is in
the module of its table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, TableView
from synth_assets.core.partitioning import Partitioning
from synth_assets.core.schema import violations

# Failing rows of a partition that a result keeps.
SAMPLES = 5
# Partitions that a sentence names one by one.
MOST_NAMED = 3
# The number of rows of a group, by a name that no column has.
COUNTED = "#rows"
COUNT = pl.len().alias(COUNTED)


def failing_rows_by_partition(
    failing_rows: pl.LazyFrame, partition_column: str
) -> dict[str, tuple[int, list[Any]]]:
    """The number of failing rows of each partition that has any, and a few of the rows.

    Args:
        failing_rows: The failing rows, with the partition column.
        partition_column: Name of the partition column.
    """
    names = failing_rows.collect_schema().names()
    shown = [name for name in names if name != partition_column]
    counted = failing_rows.group_by(partition_column).agg(
        COUNT, pl.struct(shown).head(SAMPLES).alias("#sample")
    )
    return {key: (count, sample) for key, count, sample in counted.collect().iter_rows()}


def row_check(
    name: str,
    doc: str,
    failing_rows: Callable[[TableView], pl.LazyFrame],
    *,
    reads: Sequence[str] = (),
    violated: pl.Expr | None = None,
) -> Check:
    """A check that no row may fail.

    Args:
        name: The check's name.
        doc: What holds.
        failing_rows: A view to the rows that fail, with the partition column.
        reads: Other tables that it reads.
        violated: The condition that selects the failing rows, where a row alone decides.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        found: dict[str, tuple[int, list[Any]]] = {}
        if violated is None or may_be_violated(stored, violated):
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

    return Check(
        name, doc, measure, reads=tuple(reads), failing_rows=failing_rows, violated=violated
    )


def may_be_violated(stored: TableView, condition: pl.Expr | None) -> bool:
    """Whether a row of the view's partitions violates a condition of the table or its schema.

    All conditions are evaluated in one scan, when the first of them is requested.

    Args:
        stored: The view.
        condition: ``Check.violated`` of a check of the table; None for the schema's constraints.

    Returns:
        False if no row does; also true if the condition is not the table's, or rows cannot be read.
    """
    conditions = [check.violated for check in stored.table.checks if check.violated is not None]
    found = stored.cached(
        f"violated in {','.join(stored.keys)}", lambda: _violated(stored, conditions)
    )
    if condition is None:
        return found.get("schema", True)
    places = [str(i) for i, known in enumerate(conditions) if known is condition]
    return not places or found.get(places[0], True)


def _violated(stored: TableView, conditions: Sequence[pl.Expr]) -> dict[str, bool]:
    named = {str(i): condition for i, condition in enumerate(conditions)}
    named["schema"] = violations(stored.table.schema)
    asked = {name: each.any() for name, each in named.items()}
    try:
        found = [b.select(**asked).collect(engine="streaming") for b in stored.batches()]
        return pl.concat(found).select(pl.all().any()).row(0, named=True)
    except (UserError, pl.exceptions.PolarsError):
        return {}  # each check says for itself what it cannot read


def partition_check(
    name: str,
    doc: str,
    failing_rows: Callable[[TableView, str], pl.LazyFrame],
    reads: Sequence[str] = (),
) -> Check:
    """A check that no row may fail, evaluated partition by partition to use little memory.

    Args:
        name: The check's name.
        doc: What holds.
        failing_rows: ``(view, key)`` to the rows of a partition that fail.
        reads: Other tables that it reads.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        partition_column, results = stored.table.partitioning.partition_column, []
        partition_stats = stored.partition_stats
        for key in stored.keys:
            failing = failing_rows(stored, key)
            count, sample = failing_rows_by_partition(failing, partition_column).get(key, (0, []))
            rows = partition_stats[key].rows
            numbers = {"rows": float(rows), "violation_rate": count / max(rows, 1)}
            results.append(CheckResult(key, count == 0, float(count), "= 0", numbers, sample))
        return results

    def every(stored: TableView) -> pl.LazyFrame:
        return pl.concat(failing_rows(stored, key) for key in stored.keys)

    return Check(name, doc, measure, reads=tuple(reads), failing_rows=every)


def waiting(key: str | None, what: str) -> CheckResult:
    """The result of a check that cannot be evaluated yet: it passes, and says what it waits for.

    Args:
        key: Partition key; None for the whole table.
        what: The condition for the evaluation, in words.
    """
    return CheckResult(key, True, 0.0, f"judged once {what}")


def when_complete(check: Check, *others: str, own: bool = True) -> Check:
    """The check, evaluated only where all partitions are stored that rows may refer to.

    For shards these are all shards, for days the earlier days. A result for the whole table waits
    for the partitions of each of its keys. Concurrent runs leave such gaps for a while.

    Args:
        check: The check.
        *others: Names of other tables that rows refer to.
        own: Whether rows also refer to rows of the same table.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        tables = [*([stored] if own else []), *(stored.other(name) for name in others)]
        keys = stored.keys if check.per_partition else list(stored.partition_stats)
        missing = {s.table.name: (s.table.partitioning, s.missing_keys) for s in tables}
        awaited = {key: _awaited(key, missing) for key in keys}
        ready = [key for key in keys if not awaited[key]]
        if not check.per_partition:
            first = next(filter(None, awaited.values()), None)
            return [waiting(None, first)] if first else check.measure(stored)
        found = {v.key: v for v in check.measure(replace(stored, keys=ready))} if ready else {}
        return [found.get(key) or waiting(key, str(awaited[key])) for key in keys]

    return replace(check, measure=measure)


def _awaited(key: str, missing: Mapping[str, tuple[Partitioning, Sequence[str]]]) -> str | None:
    """The missing partitions that rows under a key may refer to, in words."""
    referenced = {
        name: [other for other in keys if partitioning.may_reference(key, other)]
        for name, (partitioning, keys) in missing.items()
    }
    named = [f"{name} ({abbreviated(keys)})" for name, keys in referenced.items() if keys]
    return f"{', '.join(named)} is stored" if named else None


def abbreviated(keys: Sequence[str]) -> str:
    """Keys in words: few keys one by one, many as a range with their number.

    Args:
        keys: Partition keys, in order.
    """
    return (
        ", ".join(keys)
        if len(keys) <= MOST_NAMED
        else f"{keys[0]} to {keys[-1]}, {len(keys):,} slices"
    )
