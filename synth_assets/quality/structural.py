"""Checks of a table's structure: its schema, its scenario, and conditions on its rows.

``checks_of`` returns all checks of a table: those that every table has, and its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import columns_of, differences, polars_schema, violations
from synth_assets.quality.building import (
    abbreviated,
    failing_rows_by_partition,
    may_be_violated,
    row_check,
)
from synth_assets.quality.keys import (
    foreign_key,
    reference_in_partition,
    unique,
    unique_in_partition,
)
from synth_assets.quality.row_counts import as_written


def checks_of(table: Table) -> list[Check]:
    """All checks of a table: of its schema, keys and references, then its own.

    Args:
        table: The table.

    Raises:
        TypeError: Two checks have the same name.
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
        expected = polars_schema(stored.table.schema)
        partition_stats = stored.partition_stats
        differing = {k: differences(expected, partition_stats[k].schema) for k in stored.keys}
        sound = [k for k in stored.keys if not differing[k]]
        broken = _broken_rows(stored, sound) if may_be_violated(stored, None) else {}
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


def one_scenario() -> Check:
    """All partitions of a table and its parents have one scenario, and its own one code version."""

    def measure(stored: TableView) -> list[CheckResult]:
        views = [stored, *(stored.other(name) for name in stored.table.parent_names)]
        fingerprints = {
            (view.table.path, stats.key): stats.fingerprint
            for view in views
            for stats in view.partition_stats.values()
        }
        versions = {stats.code_version for stats in stored.partition_stats.values()}
        scenarios = sorted(set(fingerprints.values()))
        others = max(len(scenarios) - 1, 0) + max(len(versions) - 1, 0)
        if not others:
            return [CheckResult(None, True, 0.0, "= 0")]
        found = [{"scenario": fingerprint} for fingerprint in scenarios]
        found += [{"code_version": version} for version in sorted(versions)]
        note = _other_scenarios(fingerprints) if len(scenarios) > 1 else ""
        return [CheckResult(None, False, float(others), "= 0", {}, found, note)]

    doc = "Every slice of the table and of its parents carries the same scenario's fingerprint."
    return Check("one_scenario", doc, measure, per_partition=False)


def _other_scenarios(fingerprints: Mapping[tuple[str, str], str]) -> str:
    """A note: the partitions without the most common scenario, and how to recreate them."""
    [(usual, _)] = Counter(fingerprints.values()).most_common(1)
    others: dict[str, list[str]] = {}
    for (path, key), fingerprint in fingerprints.items():
        if fingerprint != usual:
            others.setdefault(path, []).append(key)
    named = "; ".join(f"{path} ({abbreviated(keys)})" for path, keys in others.items())
    return f"made otherwise than the rest: {named}; `synth materialize --recreate` makes it anew"


def holds(name: str, doc: str, condition: pl.Expr) -> Check:
    """A condition is true, or null, for every row.

    Args:
        name: The check's name.
        doc: What holds.
        condition: Boolean, over the table's columns.
    """
    return row_check(
        name, doc, lambda stored: stored.current().filter(~condition), violated=~condition
    )


def accepted_values(column: str, values: Sequence[str]) -> Check:
    """A column has only listed values.

    Args:
        column: Name of the column.
        values: The permitted values.
    """
    doc = f"`{column}` is one of {', '.join(values)}."
    return holds(f"accepted_{column}", doc, pl.col(column).cast(pl.String).is_in(list(values)))
