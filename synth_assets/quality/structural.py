"""Checks of a table's structure: schema, keys, references, rows and permitted values.

``checks_of`` are all checks of a table: those that every table has, and its own.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import columns_of, differences, polars_schema, violations
from synth_assets.quality.building import (
    abbreviated,
    failing_rows_by_partition,
    partition_check,
    row_check,
    when_complete,
)

# Rows whose marks (8 bytes each) are sorted in memory at once.
MARKS_AT_ONCE = 100_000_000


def checks_of(table: Table) -> list[Check]:
    """All checks of a table: of its schema, keys and references, then its own.

    Raises:
        TypeError: Two checks have one name.
    """
    columns = columns_of(table.schema)
    keys = [c.name for c in columns if c.primary_key]
    checks = [schema_holds(), as_written(), one_scenario()]
    if keys:
        key_check = unique_in_partition if table.colocated else unique
        checks.append(key_check(keys, name="primary_key"))
    for column in columns:
        if column.foreign_key is not None:
            role, parent_column = column.foreign_key
            reference = reference_in_partition if column.name in table.colocated else foreign_key
            check = reference(column.name, table.parents[role], parent_column)
            checks.append(check.detecting(*column.detects))
    checks += table.checks
    repeated = [name for name, n in Counter(check.name for check in checks).items() if n > 1]
    if repeated:
        raise TypeError(f"{table.path} has several checks named {', '.join(repeated)}")
    return checks if table.blocking else [check.as_warning() for check in checks]


def schema_holds() -> Check:
    """Stored columns and types equal the schema, and every row keeps its constraints."""

    def measure(stored: TableView) -> list[CheckResult]:
        wanted = polars_schema(stored.table.schema)
        partition_stats = stored.partition_stats
        differing = {k: differences(wanted, partition_stats[k].schema) for k in stored.keys}
        sound = [k for k in stored.keys if not differing[k]]
        broken = _broken_rows(stored, sound)
        results = []
        for key in stored.keys:
            count, sample = broken.get(key, (0, []))
            found = len(differing[key]) + count
            failing_rows = [{"difference": text} for text in differing[key]] + sample
            results.append(CheckResult(key, found == 0, float(found), "= 0", {}, failing_rows))
        return results

    doc = "Columns, types, nullability and constraints are those of the schema."
    return Check("schema", doc, measure)


def _broken_rows(stored: TableView, keys: Sequence[str]) -> dict[str, tuple[int, list[Any]]]:
    if not keys:
        return {}
    frame = stored.reader.scan(stored.table, keys).filter(violations(stored.table.schema))
    return failing_rows_by_partition(frame, stored.table.partitioning.partition_column)


def as_written() -> Check:
    """A partition has the rows that its receipt says were written.

    Other checks count by the receipts, which stay as they are when somebody deletes from a
    database, or adds to it.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        partition_column = stored.table.partitioning.partition_column
        counted = (
            stored.current().group_by(partition_column).agg(pl.len()).collect(engine="streaming")
        )
        rows: dict[str, int] = dict(counted.iter_rows())
        partition_stats = stored.partition_stats
        wanted = {key: partition_stats[key].rows for key in stored.keys}
        return [
            CheckResult(key, rows.get(key, 0) == n, float(rows.get(key, 0)), f"= {n:,}")
            for key, n in wanted.items()
        ]

    return Check("as_written", "Every slice has as many rows as were written.", measure)


def one_scenario() -> Check:
    """All partitions of the table, and of its parents, were made by one scenario and code."""

    def measure(stored: TableView) -> list[CheckResult]:
        views = [stored, *(stored.other(name) for name in stored.table.parent_names)]
        made_by = {
            (view.table.path, stats.key): stats.fingerprint
            for view in views
            for stats in view.partition_stats.values()
        }
        versions = {stats.code_version for stats in stored.partition_stats.values()}
        scenarios = sorted(set(made_by.values()))
        others = max(len(scenarios) - 1, 0) + max(len(versions) - 1, 0)
        if not others:
            return [CheckResult(None, True, 0.0, "= 0")]
        found = [{"scenario": fingerprint} for fingerprint in scenarios]
        found += [{"code_version": version} for version in sorted(versions)]
        note = _made_otherwise(made_by) if len(scenarios) > 1 else ""
        return [CheckResult(None, False, float(others), "= 0", {}, found, note)]

    doc = "Every slice of the table and of its parents carries the same scenario's fingerprint."
    return Check("one_scenario", doc, measure, per_partition=False)


def _made_otherwise(made_by: Mapping[tuple[str, str], str]) -> str:
    """The partitions whose scenario is not that of most, and how to make them again."""
    [(usual, _)] = Counter(made_by.values()).most_common(1)
    others: dict[str, list[str]] = {}
    for (path, key), fingerprint in made_by.items():
        if fingerprint != usual:
            others.setdefault(path, []).append(key)
    named = "; ".join(f"{path} ({abbreviated(keys)})" for path, keys in others.items())
    return f"made otherwise than the rest: {named}; `synth materialize --recreate` makes it anew"


def unique(columns: Sequence[str], name: str | None = None) -> Check:
    """No two rows of the whole table share the values of ``columns`` (nulls are left out).

    Partitions that are tables by themselves are looked at one by one.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        key = [*columns, *_apart(stored)]
        present = pl.all_horizontal(pl.col(key).is_not_null())
        # Eight bytes a row tell whether any two may be alike; only those are compared.
        mark = reduce(operator.add, (pl.col(c).hash(seed) for seed, c in enumerate(key)))
        suspects = _repeated(stored, mark, present)
        if suspects.is_empty():
            return stored.current().clear()
        alike = stored.all().filter(present & mark.is_in(suspects.implode()))
        repeated = alike.group_by(key).agg(pl.len()).filter(pl.col("len") > 1)
        return stored.current().join(repeated.drop("len"), on=key, how="semi")

    listed = ", ".join(columns)
    doc = f"No two rows of the table, in any partition, share {listed}."
    return row_check(name or f"unique_{'_'.join(columns)}", doc, failing_rows)


def _apart(stored: TableView) -> list[str]:
    """The axis of a table whose partitions are tables by themselves."""
    return (
        [stored.table.partitioning.partition_column] if stored.table.one_table_per_partition else []
    )


def _repeated(stored: TableView, mark: pl.Expr, present: pl.Expr) -> pl.Series:
    """The marks that several rows have, found in as many passes as memory needs."""
    rows = sum(stats.rows for stats in stored.partition_stats.values())
    passes = rows // MARKS_AT_ONCE + 1
    found = []
    for turn in range(passes):
        marks = stored.all().filter(present).select(mark=mark)
        if passes > 1:
            marks = marks.filter(pl.col("mark") % passes == turn)
        here = marks.collect(engine="streaming").to_series().sort()
        found.append(here.filter(here == here.shift()).unique())
    return pl.concat(found)


def foreign_key(column: str, parent: str, parent_column: str) -> Check:
    """Every value of ``column`` that is not null is found in the stored parent.

    Where the partitions of both are tables by themselves, it is found in the same partition.
    """

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        other = stored.other(parent)
        shared = _apart(stored) if _apart(stored) == _apart(other) else []
        keys = other.all().select(pl.col(parent_column).alias(column), *shared)
        present = stored.current().filter(pl.col(column).is_not_null())
        return present.join(keys, on=[column, *shared], how="anti")

    doc = f"Every `{column}` is found in `{parent}.{parent_column}`."
    # A parent's partitions that are not there yet may hold the keys.
    check = row_check(f"fk_{column}", doc, failing_rows, reads=[parent])
    return when_complete(_pointing_at(parent, check), parent, own=False)


def unique_in_partition(columns: Sequence[str], name: str | None = None) -> Check:
    """No two rows of a partition share the values of ``columns``.

    That says the same of the whole table where rows that share them are colocated.
    """

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        rows = stored.reader.scan(stored.table, [key])
        counted = rows.group_by(columns).agg(pl.len()).filter(pl.col("len") > 1)
        repeated = counted.drop("len").collect(engine="streaming")
        if repeated.is_empty():
            return rows.head(0)
        return rows.join(repeated.lazy(), on=list(columns), how="semi")

    listed = ", ".join(columns)
    return partition_check(
        name or f"unique_{'_'.join(columns)}", f"No two rows share {listed}.", failing_rows
    )


def reference_in_partition(column: str, parent: str, parent_column: str) -> Check:
    """Every value of ``column`` is found in the same partition of the parent."""

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
    """The check; a failure says that the cause may be in the parent."""

    def measure(stored: TableView) -> list[CheckResult]:
        path = stored.domain.table(parent).path
        note = f"the rows, or those of {path} that they refer to, are not as they were made: "
        note += f"`synth gate {path} {stored.table.path}` judges both"
        return [r if r.passed else replace(r, note=note) for r in check.measure(stored)]

    return replace(check, measure=measure)


def holds(name: str, doc: str, condition: pl.Expr) -> Check:
    """``condition`` is true, or null, for every row."""
    return row_check(name, doc, lambda stored: stored.current().filter(~condition))


def accepted_values(column: str, values: Sequence[str]) -> Check:
    """``column`` holds none but the listed values."""
    doc = f"`{column}` is one of {', '.join(values)}."
    return holds(f"accepted_{column}", doc, pl.col(column).cast(pl.String).is_in(list(values)))


def volume(expected: Callable[[Any, str], float], low: float, high: float, slack: int = 0) -> Check:
    """Rows of a partition lie between ``low`` and ``high`` times the number expected.

    ``expected(scenario, key)`` is that number; a difference of up to ``slack`` rows passes.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        partition_stats = stored.partition_stats
        results = []
        for key in stored.keys:
            rows = partition_stats[key].rows
            wanted = expected(stored.scenario, key)
            inside = low * wanted <= rows <= high * wanted or abs(rows - wanted) <= slack
            bound = f"{low:g} to {high:g} times {wanted:,.0f}"
            results.append(CheckResult(key, inside, float(rows), bound, {"expected": wanted}))
        return results

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        failed = [v.key for v in measure(stored) if not v.passed]
        return pl.LazyFrame(
            {stored.table.partitioning.partition_column: pl.Series(failed, dtype=pl.String)}
        )

    doc = f"The partition holds {low:g} to {high:g} times the rows expected for it."
    return Check("volume", doc, measure, failing_rows=failing_rows)


def row_count() -> Check:
    """Every partition has exactly the rows that its place among all partitions gives it."""

    def measure(stored: TableView) -> list[CheckResult]:
        partition_stats, results = stored.partition_stats, []
        for key in stored.keys:
            partition = stored.table.partition(stored.scenario, key)
            wanted, rows = partition.stop - partition.start, partition_stats[key].rows
            results.append(CheckResult(key, rows == wanted, float(rows), f"= {wanted:,}"))
        return results

    return Check("row_count", "Every partition has exactly its share of the rows.", measure)
