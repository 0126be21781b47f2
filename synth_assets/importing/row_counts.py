"""How many rows an imported table has: of its own, or of each parent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synth_assets.importing.decision import Context
from synth_assets.importing.distinct import key_column, room
from synth_assets.importing.found import TIMES, FoundTable
from synth_assets.importing.key_parts import KeyParts, key_parts, parts_of
from synth_assets.importing.partitioning import Partitions
from synth_assets.importing.profile import TableProfile
from synth_assets.importing.structure import Structure, parents_first

DEFAULT_ROWS = 1000
# Rows of a table that others choose from, where no rows were read.
LOOKUP_SHARE = 0.05
# Rows of one parent, where a key counts them and no rows were read.
ROWS_OF_PARENT = {1: 0.5, 2: 0.3, 3: 0.2}
# The least share of parents with rows, and the most different numbers of rows of one.
LEAST_USED, MOST_COUNTS = 0.01, 20


def row_counts(
    tables: Mapping[str, FoundTable],
    structures: Mapping[str, Structure],
    profiles: Mapping[str, TableProfile],
    rows: int | None,
    partitions: Mapping[str, Partitions],
) -> dict[str, int]:
    """Rows of each table.

    Args:
        tables: The tables by name.
        structures: Their structures.
        profiles: The profiles of those whose rows were read.
        rows: Rows of a table, of the largest one if rows were read; by default what was read.
        partitions: How the tables are partitioned.
    """
    measured = {name: profile.rows for name, profile in profiles.items() if profile.rows}
    share = rows / max(measured.values()) if rows and measured else 1.0
    lookups = _lookups(tables, structures)
    counts: dict[str, int] = {}
    for name in parents_first(structures):
        own, structure = measured.get(name), structures[name]
        parts = key_parts(tables[name], structure, profiles.get(name), partitions[name])
        count = max(round(own * share), 1) if own else rows or DEFAULT_ROWS
        if own is None and name in lookups:
            count = max(round(count * LOOKUP_SHARE), 1)
        if structure.children_of is not None:
            parent = counts[structure.references[structure.children_of].parent]
            used = used_share(structure, profiles.get(name))
            count = round(
                parent * used * _mean_count(structure, parts, own and count, parent * used)
            )
            structure.notes += _single_row(tables[name], structure, parts, own)
        for column, reference in structure.references.items():
            if tables[name].column(column).unique and reference.parent != name:
                count = min(count, counts[reference.parent])
        if structure.children_of is None:
            count = _with_room(tables[name], structure, parts, count)
        counts[name] = count
    return counts


def _single_row(
    table: FoundTable, structure: Structure, parts: KeyParts | None, measured: int | None
) -> list[str]:
    """The note of a key of several columns of which a parent has one row."""
    through, key = structure.children_of, table.primary_key
    own = [
        name for name in key if name != through and structure.copies.get(name, [])[:1] != (through,)
    ]
    if structure.position is not None or parts is not None or not own:
        return []
    said = f"; the source has about {measured:,} rows" if measured else ""
    return [f"one row for each `{through}`, so that the key `{', '.join(key)}` is unique{said}"]


def _with_room(table: FoundTable, structure: Structure, parts: KeyParts | None, count: int) -> int:
    """Rows of a table, of which there are no more than its keys have different values."""
    taken = (*structure.references, *structure.copies)
    names = {c.name for c in table.columns if c.unique and c.name not in taken and not c.formula}
    key = None if parts else key_column(table, taken)
    names |= {key} if key else set()
    rooms = [(room(table.column(name)), name) for name in names]
    if parts and set(table.primary_key) == set(parts.shared):
        rooms.append((parts.rows, "`, `".join(parts.shared)))
    narrow = min(rooms, default=(count, ""))
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


def _mean_count(
    structure: Structure, parts: KeyParts | None, rows: int | None, parents: float
) -> float:
    """Rows of one of the parents that have any."""
    if structure.position is None and parts is None:
        return 1.0
    if rows is None:
        return sum(count * share for count, share in ROWS_OF_PARENT.items())
    return min(max(round(rows / parents), 1), parts.rows if parts else math.inf)


def used_share(structure: Structure, profile: TableProfile | None) -> float:
    """The share of parents that have rows: what rows show, or all.

    Args:
        structure: The structure of a table whose rows belong to a parent.
        profile: Its profile, if its rows were read.
    """
    measured = profile.references.get((structure.children_of or "",)) if profile else None
    used = measured.used if measured else None
    return 1.0 if used is None else min(max(used, LEAST_USED), 1.0)


def declared_rows(context: Context) -> Any:
    """The rows of a table as its declaration has them: a number, or those of each parent.

    Args:
        context: The table, and what is known of it.
    """
    structure = context.structure
    if structure.children_of is None:
        days = context.partitions.days if context.partitions.daily else 1
        if context.table.primary_key == (context.partitions.day,):
            return 1  # the day is the key
        count = max(round(context.count / days), min(context.count, 1))
        is_by_day = context.partitions.day in context.table.primary_key
        parts = parts_of(context) if is_by_day else None
        return min(count, parts.rows) if parts else count
    return {"kind": "children", "of": structure.children_of, "count": _count(context)}


def _count(context: Context) -> Any:
    """How many rows a parent has: none of those that rows do not use."""
    structure, least, most = context.structure, 1, 1
    parts = parts_of(context)
    used = used_share(structure, context.profile)
    if structure.position is not None or parts is not None:
        if context.profile is None or context.profile.rows is None:
            return {"kind": "choice", "values": ROWS_OF_PARENT}
        parents = context.rows[structure.references[structure.children_of or ""].parent]
        mean = round(context.count / (parents * used)) if parents else 1
        most = max(2 * mean - 1, 1)
        most = min(most, parts.rows) if parts else most
        least = max(2 * mean - most, 1)  # so that the mean is that of rows
    if used == 1:
        return most if least == most else {"kind": "integers", "low": least, "high": most}
    numbers = range(least, most + 1, max(most // MOST_COUNTS, 1))
    shares = {number: round(used / len(numbers), 6) for number in numbers}
    return {"kind": "choice", "values": {0: round(1 - used, 6), **shares}}
