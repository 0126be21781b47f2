"""The checks of an imported table: what its source demands, and whether generators fulfil it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from synth_assets.declarative.sql import parsed
from synth_assets.importing.amounts import declared_bounds, is_open
from synth_assets.importing.comparisons import comparable, is_evaluable
from synth_assets.importing.conditions import ordered
from synth_assets.importing.decision import Context
from synth_assets.importing.found import NUMBERS, FoundColumn, FoundTable
from synth_assets.importing.identifiers import needs_quotes
from synth_assets.importing.listed import listed_values
from synth_assets.importing.orders import earlier_column
from synth_assets.importing.time_conditions import time_limits


def checks_of(
    context: Context, columns: Mapping[str, Any], notes: list[str]
) -> Iterator[dict[str, Any]]:
    """The checks of a table's declaration.

    Args:
        context: The table, and what is known of it.
        columns: The columns' declarations by name.
        notes: Gets what a reader should know of the checks.
    """
    for check in _declared_checks(context, columns, notes):
        name = _check_name(check)
        if context.has_failed("condition", name):
            notes.append(f"the check `{name}` left out: it cannot be evaluated")
            continue
        if check.get("severity") != "warn" and context.has_failed("check", name):
            said = f"the check `{name}` warns: rows that fulfil it cannot be made"
            check |= _severity(False, notes, said)
        yield check


def _check_name(check: Mapping[str, Any]) -> str:
    return str(check.get("name") or f"{check['kind']}_{check['column']}")


def _declared_checks(
    context: Context, columns: Mapping[str, Any], notes: list[str]
) -> Iterator[dict[str, Any]]:
    table = context.table
    for column in table.columns:
        yield from _column_checks(column, columns[column.name], notes)
    for unique in table.uniques:
        if set(unique) == set(table.primary_key):
            continue  # a check of its own
        holds = any(columns[n].unique or table.primary_key == (n,) for n in unique)
        yield {
            "kind": "unique", "columns": list(unique), "name": f"{'_'.join(unique)}_unique"[:63],
            **_severity(holds, notes, f"`{', '.join(unique)}` may have repeated values"),
        }  # fmt: skip
    taken: set[str] = set()
    for condition in table.checks:
        try:
            sql = comparable(table, condition)
            named = parsed(sql).columns
        except ValueError:
            notes.append(f"condition `{condition}` left out: the language has no such expression")
            continue
        if not set(named) <= set(columns):
            notes.append(f"condition `{condition}` left out: it names an unknown column")
            continue
        if not is_evaluable(table, sql):
            notes.append(f"condition `{condition}` left out: it compares values of different types")
            continue
        holds = _holds(table, condition, columns)
        name = _distinct(f"{'_'.join(named)[:50]}_condition", taken)
        said = f"condition `{condition}` is a check that warns: no generator fulfils it"
        yield {
            "kind": "expression", "name": name, "sql": sql, **_severity(holds, notes, said)
        }  # fmt: skip


def _column_checks(column: FoundColumn, spec: Any, notes: list[str]) -> Iterator[dict[str, Any]]:
    if values := listed_values(column):
        is_computed = spec.kind not in ("choice", "expression") or column.formula
        said = f"the values of `{column.name}` are a check that warns: it is computed"
        yield {
            "kind": "accepted", "column": column.name, "values": values,
            **_severity(not is_computed, notes, said),
        }  # fmt: skip
    low, high = declared_bounds(column)
    if column.type.kind in NUMBERS and (low is not None or high is not None):
        holds = spec.kind not in ("reference", "copy", "expression", "position")
        said = f"the bounds of `{column.name}` are a check that warns: it is computed"
        severity = _severity(holds, notes, said)
        for bounds in _possible(column, low, high):
            yield {**bounds, **severity}
    distinct = spec.unique or spec.primary_key
    if column.unique and not distinct:
        said = f"`{column.name}` may have repeated values: no generator of its type has none"
        yield {
            "kind": "unique", "columns": [column.name], "name": f"{column.name}_unique"[:63],
            **_severity(False, notes, said),
        }  # fmt: skip


def _possible(column: FoundColumn, low: Any, high: Any) -> list[dict[str, Any]]:
    """The checks of bounds: two if no value is within both, a condition if one is not allowed."""
    low_open, high_open = is_open(column)
    if low_open or high_open:
        name = f'"{column.name}"' if needs_quotes(column.name) else column.name
        ends = ((">" if low_open else ">=", low), ("<" if high_open else "<=", high))
        parts = [
            f"{name} {sign} {Decimal(repr(end)).normalize():f}"
            for sign, end in ends
            if end is not None
        ]
        condition = {"name": f"range_{column.name}"[:63], "sql": " AND ".join(parts)}
        return [{"kind": "expression", **condition}]
    fields = {"kind": "range", "column": column.name}
    if low is None or high is None or low <= high:
        return [{**fields, "low": low, "high": high}]
    return [
        {**fields, "name": f"range_{column.name}_low"[:63], "low": low},
        {**fields, "name": f"range_{column.name}_high"[:63], "high": high},
    ]


def _severity(holds: bool, notes: list[str], otherwise: str) -> dict[str, str]:
    """A check blocks if the generators fulfil it; otherwise it warns, and a note says so."""
    if holds:
        return {}
    notes.append(otherwise)
    return {"severity": "warn"}


def _holds(table: FoundTable, condition: str, columns: Mapping[str, Any]) -> bool:
    """Whether generators fulfil a condition: times in order, or between given times."""
    if limits := time_limits(condition):
        return all(columns[name].kind in ("date", "timestamp") for name, *_ in limits)
    pair = ordered(condition)
    if pair is None or pair[1] not in {column.name for column in table.columns}:
        return False
    earlier = earlier_column(table, table.column(pair[1]))
    return earlier is not None and earlier[0].name == pair[0]


def _distinct(name: str, taken: set[str]) -> str:
    candidates = (name, *(f"{name}_{number}" for number in range(2, 1000)))
    found = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(found)
    return found
