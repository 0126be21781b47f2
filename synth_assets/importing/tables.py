"""The declaration of a table: its rows, its columns and its checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from synth_assets.declarative.columns import Column
from synth_assets.declarative.model import TableSpec
from synth_assets.declarative.sql import parsed
from synth_assets.importing.amounts import declared_bounds, is_open
from synth_assets.importing.columns import decide
from synth_assets.importing.comparisons import comparable, is_evaluable
from synth_assets.importing.conditions import ordered, time_limits
from synth_assets.importing.decision import Context, Decision
from synth_assets.importing.distinct import key_column, room
from synth_assets.importing.found import NUMBERS, TIMES, FoundColumn, FoundTable
from synth_assets.importing.identifiers import needs_quotes
from synth_assets.importing.listed import listed_values
from synth_assets.importing.orders import earlier_column
from synth_assets.importing.profile import TableProfile
from synth_assets.importing.shared_fields import common_fields
from synth_assets.importing.structure import Structure, parents_first

DEFAULT_ROWS = 1000
# Rows of a table that others choose from, where no rows were read.
LOOKUP_SHARE = 0.05
# Rows of one parent, where a key counts them and no rows were read.
ROWS_OF_PARENT = {1: 0.5, 2: 0.3, 3: 0.2}
# The least share of parents with rows, and the most different numbers of rows of one.
LEAST_USED, MOST_COUNTS = 0.01, 20
COLUMN: TypeAdapter[Any] = TypeAdapter(Column)


@dataclass(frozen=True)
class DeclaredTable:
    """A table of the YAML language, and what was decided of each column.

    Attributes:
        spec: The declaration.
        decisions: The decisions by column.
        notes: What a reader should know of the table.
    """

    spec: TableSpec
    decisions: Mapping[str, Decision]
    notes: Sequence[str]


def row_counts(
    tables: Mapping[str, FoundTable],
    structures: Mapping[str, Structure],
    profiles: Mapping[str, TableProfile],
    rows: int | None,
) -> dict[str, int]:
    """Rows of each table.

    Args:
        tables: The tables by name.
        structures: Their structures.
        profiles: The profiles of those whose rows were read.
        rows: Rows of a table, of the largest one if rows were read; by default what was read.
    """
    measured = {name: profile.rows for name, profile in profiles.items() if profile.rows}
    share = rows / max(measured.values()) if rows and measured else 1.0
    lookups = _lookups(tables, structures)
    counts: dict[str, int] = {}
    for name in parents_first(structures):
        own, structure = measured.get(name), structures[name]
        count = max(round(own * share), 1) if own else rows or DEFAULT_ROWS
        if own is None and name in lookups:
            count = max(round(count * LOOKUP_SHARE), 1)
        if structure.children_of is not None:
            parent = counts[structure.references[structure.children_of].parent]
            used = used_share(structure, profiles.get(name))
            count = round(parent * used * _mean_count(structure, own and count, parent * used))
        for column, reference in structure.references.items():
            if tables[name].column(column).unique and reference.parent != name:
                count = min(count, counts[reference.parent])
        if structure.children_of is None:
            count = _with_room(tables[name], structure, count)
        counts[name] = count
    return counts


def _with_room(table: FoundTable, structure: Structure, count: int) -> int:
    """Rows of a table, of which there are no more than its keys have different values."""
    taken = (*structure.references, *structure.copies)
    names = {c.name for c in table.columns if c.unique and c.name not in taken and not c.formula}
    names |= {name for name in [key_column(table, taken)] if name is not None}
    narrow = min(((room(table.column(name)), name) for name in names), default=(count, ""))
    if count <= narrow[0]:
        return count
    structure.notes.append(f"{narrow[0]:,} rows: `{narrow[1]}` has no more different values")
    return narrow[0]


def _lookups(tables: Mapping[str, FoundTable], structures: Mapping[str, Structure]) -> set[str]:
    """Tables that others refer to, without references and times: departments, products."""
    parents = {r.parent for s in structures.values() for r in s.references.values()}
    return {
        name
        for name in parents
        if not structures[name].references
        and not any(column.type.kind in TIMES for column in tables[name].columns)
    }


def _mean_count(structure: Structure, rows: int | None, parents: float) -> float:
    """Rows of one of the parents that have any."""
    if structure.position is None:
        return 1.0
    if rows is None:
        return sum(count * share for count, share in ROWS_OF_PARENT.items())
    return max(round(rows / parents), 1)


def used_share(structure: Structure, profile: TableProfile | None) -> float:
    """The share of parents that have rows: what rows show, or all.

    Args:
        structure: The structure of a table whose rows belong to a parent.
        profile: Its profile, if its rows were read.
    """
    measured = profile.references.get((structure.children_of or "",)) if profile else None
    used = measured.used if measured else None
    return 1.0 if used is None else min(max(used, LEAST_USED), 1.0)


def declared(context: Context) -> DeclaredTable:
    """The declaration of a table.

    Args:
        context: The table, and what is known of it.
    """
    table = context.table
    decisions = {column.name: decide(context, column) for column in table.columns}
    columns: dict[str, Any] = {}
    notes = list(context.structure.notes)
    for column in table.columns:
        decision = decisions[column.name]
        fields = {**decision.fields}
        fields = {**common_fields(context, column, fields), **fields}
        if column.unique and column.name not in table.primary_key:
            fields = _unique(context, column, fields)
        columns |= {name: COLUMN.validate_python(each) for name, each in decision.hidden.items()}
        columns[column.name] = COLUMN.validate_python(fields)
        if column.formula and decision.fields.get("sql") != column.formula:
            formula = f"formula `{column.formula}` of `{column.name}` left out"
            notes.append(f"{formula}: it cannot be computed from other columns of the row")
    checks = list(_checks(context, columns, notes))
    spec = TableSpec.model_validate(
        {
            "doc": " ".join(table.doc.split()),
            "rows": _rows(context),
            "columns": columns,
            "checks": checks,
            **context.partitions.fields(table),
        }
    )
    return DeclaredTable(spec, decisions, notes)


def _unique(context: Context, column: FoundColumn, fields: dict[str, Any]) -> dict[str, Any]:
    if context.has_failed("check", f"unique_{column.name}"):
        return {name: value for name, value in fields.items() if name != "unique"}
    if fields["kind"] not in ("reference", "expression") and room(column) < context.count:
        return fields
    if fields["kind"] == "reference" and context.partitions.daily:
        return fields  # the rows of a daily table go on, and those of parents end
    kind = type(COLUMN.validate_python(fields))
    return {**fields, "unique": True} if kind.can_be_unique else fields


def _rows(context: Context) -> Any:
    structure = context.structure
    if structure.children_of is None:
        days = context.partitions.days if context.partitions.daily else 1
        if context.table.primary_key == (context.partitions.day,):
            return 1  # the day is the key
        return max(round(context.count / days), min(context.count, 1))
    return {"kind": "children", "of": structure.children_of, "count": _count(context)}


def _count(context: Context) -> Any:
    """How many rows a parent has: none of those that rows do not use."""
    structure, most = context.structure, 1
    used = used_share(structure, context.profile)
    if structure.position is not None:
        if context.profile is None or context.profile.rows is None:
            return {"kind": "choice", "values": ROWS_OF_PARENT}
        parents = context.rows[structure.references[structure.children_of or ""].parent]
        mean = round(context.count / (parents * used)) if parents else 1
        most = max(2 * mean - 1, 1)
    if used == 1:
        return {"kind": "integers", "low": 1, "high": most} if structure.position else 1
    numbers = range(1, most + 1, max(most // MOST_COUNTS, 1))
    shares = {number: round(used / len(numbers), 6) for number in numbers}
    return {"kind": "choice", "values": {0: round(1 - used, 6), **shares}}


def _checks(
    context: Context, columns: Mapping[str, Any], notes: list[str]
) -> Iterator[dict[str, Any]]:
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
