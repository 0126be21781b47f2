"""Keys of several columns whose values rows share: what differs between the rows of a group.

A group has the rows of one parent, of one day of a daily table, or of one value of a column of the
key. Its rows follow each other, so the remainders of their numbers differ where a group has no more
rows than there are combinations of the shared values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from synth_assets.importing import distinct, texts
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.found import FoundColumn, FoundTable, Kind
from synth_assets.importing.identifiers import needs_quotes
from synth_assets.importing.listed import literal, scalar
from synth_assets.importing.moments import EPOCH, moment
from synth_assets.importing.partitioning import Partitions
from synth_assets.importing.profile import ColumnProfile, TableProfile
from synth_assets.importing.structure import Structure

# Kinds of columns that a number of a row can be made a value of.
ABLE = frozenset({Kind.INTEGER, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP})
DAYS = {Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP"}
# More rows than any group has.
ENOUGH = 1_000_000
Scalar = int | float | bool | str


@dataclass(frozen=True)
class KeyParts:
    """The columns of a key of several columns.

    Attributes:
        shared: Columns with values that many rows share, and these values.
        ranked: The column that counts the rows of a group, if no column has shared values.
        group: The column with one value for each group; None for rows of a parent, a day or all.
        rows: Rows of one group; the most that there can be if rows are those of a parent.
    """

    shared: Mapping[str, Sequence[Scalar]]
    ranked: str | None
    group: str | None
    rows: int


def key_parts(
    table: FoundTable, structure: Structure, profile: TableProfile | None, partitions: Partitions
) -> KeyParts | None:
    """The parts of a key of several columns; None if rows do not show how many are in a group.

    Args:
        table: The table.
        structure: How its rows relate to those of others.
        profile: The profile of its rows, if they were read.
        partitions: How it is partitioned.
    """
    key = table.primary_key
    if len(key) < 2 or profile is None or profile.rows is None or structure.position is not None:
        return None
    taken = {*structure.references, *structure.copies}
    if structure.children_of is None and not taken.isdisjoint(key):
        return None
    columns = [table.column(name) for name in key if name not in taken]
    free = [column for column in columns if column.name != partitions.day]
    if any(column.unique or column.type.kind is Kind.UUID for column in free):
        return None
    shared = {c.name: found for c in free if (found := _shared(c, profile))}
    most = math.prod(map(len, shared.values())) if shared else ENOUGH
    able = [c.name for c in free if c.name not in shared and c.type.kind in ABLE]
    if structure.children_of is not None:
        ranked = None if shared else next(iter(able), None)
        return KeyParts(shared, ranked, None, most) if shared or ranked else None
    if partitions.day in key or len(shared) == len(key):
        return KeyParts(shared, None, None, most) if shared else None
    group = distinct.key_column(table, [name for name in key if name not in able])
    values = profile.columns.get(group or "", ColumnProfile()).distinct
    rows = min(round(profile.rows / values), most) if values else 1
    ranked = None if shared else next((name for name in able if name != group), None)
    return KeyParts(shared, ranked, group, rows) if rows > 1 and (shared or ranked) else None


def parts_of(context: Context) -> KeyParts | None:
    """The parts of the key of a table, unless rows of them do not fulfil it.

    Args:
        context: The table.
    """
    table = context.table
    if context.has_failed("check", "primary_key"):
        return None
    if any(context.has_failed("column", name) for name in table.primary_key):
        return None
    return key_parts(table, context.structure, context.profile, context.partitions)


def decide(context: Context, column: FoundColumn) -> Decision | None:
    """The generator of a column that is a part of such a key; None for any other column.

    Args:
        context: Its table.
        column: The column.
    """
    parts = parts_of(context)
    if parts is None or column.name not in {*parts.shared, parts.ranked, parts.group}:
        return None
    first = context.table.column(next(iter((*parts.shared, parts.ranked or ""))))
    name = distinct.numbered(first, context)
    number = f'"{name}"' if needs_quotes(name) else name
    hidden: dict[str, Any] = {"kind": "sequence", "start": 0, "hidden": True}
    if column.name in parts.shared:
        sql = _chosen(parts.shared, column.name, number)
        note = "each combination of the key's shared values once for a group of rows"
    elif column.name == parts.group:
        sql = f"({number} - {number} % {parts.rows}) / {parts.rows}"
        sql = _value(context, column, f"CAST({sql} AS BIGINT)", context.count // parts.rows)
        note = f"one value for {parts.rows} rows"
    elif parts.group is None:
        hidden = {"kind": "position", "hidden": True}
        sql = _value(context, column, number, _rows_of_parent(context), first=1)
        note = f"counts the rows of one `{context.structure.children_of}`"
    else:
        sql = _value(context, column, f"{number} % {parts.rows}", parts.rows)
        note = f"counts the rows of one `{parts.group}`"
    return Decision({"kind": "expression", "sql": sql}, Because.ROWS, note, {name: hidden})


def _shared(column: FoundColumn, profile: TableProfile) -> list[Scalar]:
    """The values of a column that are few, the most frequent first."""
    shares = profile.columns.get(column.name, ColumnProfile()).shares or {}
    values = [scalar(column, text) for text in sorted(shares, key=lambda text: -shares[text])]
    is_text = column.type.kind is Kind.TEXT
    return values if is_text or not any(isinstance(value, str) for value in values) else []


def _chosen(shared: Mapping[str, Sequence[Scalar]], name: str, number: str) -> str:
    """A value by the number of a row, so that rows one after another have all combinations."""
    names = list(shared)
    step = math.prod(len(shared[other]) for other in names[: names.index(name)])
    values = [literal(value) for value in shared[name]]
    place = number if step == 1 else f"CAST(({number} - {number} % {step}) / {step} AS BIGINT)"
    cases = [f"WHEN {position} THEN {value}" for position, value in enumerate(values[:-1])]
    if not cases:
        return values[-1]
    return f"CASE {place} % {len(values)} {' '.join(cases)} ELSE {values[-1]} END"


def _rows_of_parent(context: Context) -> int:
    """The most rows of one parent, about."""
    reference = context.structure.references[context.structure.children_of or ""]
    return 2 * math.ceil(context.count / max(context.rows[reference.parent], 1))


def _value(context: Context, column: FoundColumn, number: str, count: int, first: int = 0) -> str:
    """The value of a column that stands for a number, of so many from the first on."""
    profile = context.of(column)
    if column.type.kind is Kind.INTEGER:
        start = distinct.first_number(column)[0] - first
        return f"{number} + {start}" if start else number
    if column.type.kind is Kind.TEXT:
        fields = texts.key_text(column, context.table.name, profile, context.count)
        text = f"CAST({number if first else f'{number} + 1'} AS text)"
        return f"{literal(fields.get('prefix', ''))} || lpad({text}, {fields['digits']}, '0')"
    low, high = profile.bounds or (0.0, 0.0)
    begin, end = (moment(low), moment(high)) if profile.bounds else (EPOCH, EPOCH)
    step = max((end - begin) // timedelta(days=max(count, 1)), 1)
    moved = f"{number} - {first}" if first else number
    return f"{DAYS[column.type.kind]} '{begin.date()}' + ({moved}) * INTERVAL '{step} day'"
