"""How rows of tables relate: references that can be generated, rows of parents, positions.

Rows are functions of row numbers, so references form no cycle; a reference that closes one is cut,
and its values are keys of random rows of the parent. A reference of several columns is one
reference and copies through it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from synth_assets.importing.found import FoundReference, FoundTable, Kind
from synth_assets.importing.keys import snake


@dataclass
class Structure:
    """How the rows of a table relate to those of others.

    Attributes:
        references: The references by the column that has the parent's value.
        copies: Columns that have a value of a parent's row: the reference, and the parent's column.
        cut: References that would close a cycle, by column.
        children_of: The reference to the parent whose rows these belong to, if the key says so.
        position: The column that counts the rows of one parent.
        notes: What was decided, in words.
    """

    references: dict[str, FoundReference] = field(default_factory=dict)
    copies: dict[str, tuple[str, str]] = field(default_factory=dict)
    cut: dict[str, FoundReference] = field(default_factory=dict)
    children_of: str | None = None
    position: str | None = None
    notes: list[str] = field(default_factory=list)


def structures(tables: Sequence[FoundTable], daily: Collection[str] = ()) -> dict[str, Structure]:
    """The structure of each table.

    Args:
        tables: The tables of a schema.
        daily: Tables that are to have one partition a day.
    """
    by_name = {table.name: table for table in tables}
    found = {table.name: _referring(table, by_name) for table in tables}
    _cut_cycles(by_name, found)
    for structure in found.values():
        structure.notes += _copies_in_words(structure)
    dated = with_descendants(daily, found)
    for table in tables:
        _assign_rows(table, found[table.name], dated)
    return found


def with_descendants(names: Collection[str], found: Mapping[str, Structure]) -> set[str]:
    """Tables, and all that refer to one of them.

    Args:
        names: Names of tables.
        found: The structures, without cycles.
    """
    graph, reached = _graph(found), set(names)
    for name in parents_first(found):
        if not graph[name].isdisjoint(reached):
            reached.add(name)
    return reached


def parents_first(found: Mapping[str, Structure]) -> list[str]:
    """The tables in an order in which every parent comes before its children.

    Args:
        found: The structures, without cycles.
    """
    return list(TopologicalSorter(_graph(found)).static_order())


def _graph(found: Mapping[str, Structure]) -> dict[str, set[str]]:
    return {
        name: {r.parent for r in structure.references.values()} - {name}
        for name, structure in found.items()
    }


def _referring(table: FoundTable, tables: Mapping[str, FoundTable]) -> Structure:
    structure = Structure()
    # Those of several columns come first: one of their columns alone would say less.
    for reference in sorted(table.references, key=lambda r: -len(r.columns)):
        parent = tables[reference.parent]
        columns = reference.parent_columns or parent.primary_key
        described = f"reference of `{', '.join(reference.columns)}` to `{parent.name}`"
        taken = set(structure.references) | set(structure.copies)
        if len(columns) < len(reference.columns):
            structure.notes.append(f"{described} left out: it has no key of as many columns")
        elif columns[0] not in parent.primary_key and not parent.column(columns[0]).unique:
            structure.notes.append(f"{described} left out: `{columns[0]}` is no key of it")
        elif taken.isdisjoint(reference.columns):
            _add(table, structure, reference, columns)
        elif not taken >= set(reference.columns):
            structure.notes.append(f"{described} left out: another one has a column of it")
    return structure


def _add(
    table: FoundTable, structure: Structure, reference: FoundReference, columns: Sequence[str]
) -> None:
    first, *others = reference.columns
    is_own = reference.parent == table.name
    if is_own and not others and table.column(first).unique and first != columns[0]:
        structure.cut[first] = FoundReference((first,), reference.parent, (columns[0],))
        structure.notes.append(
            f"reference of `{first}` to its own table is no declared reference: it is unique"
        )
        return
    if is_own and (first in table.primary_key or set(reference.columns) & set(columns)):
        structure.notes.append(f"reference of `{first}` to its own table left out: it is the key")
        return
    structure.references[first] = FoundReference(
        (first,), reference.parent, (columns[0],), guessed=reference.guessed
    )
    if is_own and not table.column(first).nullable:
        structure.notes.append(
            f"`{first}` has no value in the first row, though it is never null in the source: no "
            "row is before it"
        )
    for own, column in zip(others, columns[1:], strict=False):
        structure.copies[own] = (first, column)


def _copies_in_words(structure: Structure) -> Iterator[str]:
    for first in structure.references:
        names = ", ".join(f"`{name}`" for name in _copied(structure, first))
        if names:
            yield f"{names} has the value of the row that `{first}` refers to"


@dataclass(frozen=True)
class _Cut:
    """A reference that was taken out of a cycle, with the copies through it."""

    child: str
    column: str
    reference: FoundReference
    copies: Mapping[str, tuple[str, str]]
    cycle: Sequence[str]


def _cut_cycles(tables: Mapping[str, FoundTable], found: Mapping[str, Structure]) -> None:
    """Cuts references until there is no cycle, and takes those back that are in none any more."""
    cuts = []
    while (cycle := _cycle(found)) is not None:
        child, column = _weakest(tables, found, cycle)
        cuts.append(_taken_out(found[child], child, column, cycle))
    for cut in reversed(cuts):
        structure = found[cut.child]
        structure.references[cut.column] = cut.reference
        if _cycle(found) is None:
            structure.copies |= cut.copies
            continue
        del structure.references[cut.column]
        structure.cut[cut.column] = cut.reference
        structure.notes.append(
            f"reference of `{cut.column}` to `{cut.reference.parent}` is no declared reference: it "
            f"would close the cycle {' → '.join(reversed(cut.cycle))}"
        )


def _cycle(found: Mapping[str, Structure]) -> Sequence[str] | None:
    try:
        TopologicalSorter(_graph(found)).prepare()
    except CycleError as error:
        cycle: Sequence[str] = error.args[1]
        return cycle
    return None


def _taken_out(structure: Structure, child: str, column: str, cycle: Sequence[str]) -> _Cut:
    copies = {c: copy for c, copy in structure.copies.items() if copy[0] == column}
    for name in copies:
        del structure.copies[name]
    return _Cut(child, column, structure.references.pop(column), copies, cycle)


def _weakest(
    tables: Mapping[str, FoundTable], found: Mapping[str, Structure], cycle: Sequence[str]
) -> tuple[str, str]:
    """The reference of a cycle that says least: a guessed one, else one that may be null.

    Of several, that of the table to which most others refer: its rows are there before theirs.
    """
    parents = Counter(r.parent for s in found.values() for r in s.references.values())
    edges = [
        (child, column, reference)
        for parent, child in pairwise(cycle)
        for column, reference in found[child].references.items()
        if reference.parent == parent
    ]
    child, column, _ = min(
        edges,
        key=lambda edge: (
            not edge[2].guessed,
            not tables[edge[0]].column(edge[1]).nullable,
            edge[1] in tables[edge[0]].primary_key,
            -parents[edge[0]],
            edge[:2],
        ),
    )
    return child, column


def _assign_rows(table: FoundTable, structure: Structure, dated: Collection[str]) -> None:
    """Decides of which parent the rows are, so that the primary key is unique on every day."""
    key = table.primary_key
    referring = [c for c in key if c in structure.references]
    others = [c for c in key if c not in structure.references and c not in structure.copies]
    if not referring or any(_is_own_key(table, name) for name in others):
        return
    able = [c for c in referring if structure.references[c].parent != table.name]
    if not able:
        return
    first = min(able, key=lambda c: structure.references[c].parent not in dated)
    structure.children_of = first
    numbers = [c for c in others if table.column(c).type.kind is Kind.INTEGER]
    if numbers:
        structure.position = numbers[0]
        structure.notes.append(f"`{numbers[0]}` counts the rows of one `{first}`")


def _copied(structure: Structure, through: str) -> Iterable[str]:
    return (column for column, (via, _) in structure.copies.items() if via == through)


def _is_own_key(table: FoundTable, name: str) -> bool:
    """Whether a column of a key of several columns is unique by itself."""
    column = table.column(name)
    if column.unique or column.type.kind is Kind.UUID:
        return True
    plain = snake(name)
    return plain == "id" or (plain.endswith("_id") and plain.removesuffix("_id") in table.name)
