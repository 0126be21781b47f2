"""How many rows an imported table has: of its own, or of each parent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synth_assets.importing.decision import Context
from synth_assets.importing.distinct import key_column, room
from synth_assets.importing.found import TIMES, FoundTable
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
