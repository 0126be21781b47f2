"""Entity-relationship diagrams of a domain in Mermaid, derived from keys and references."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synth_assets.core.model import Table
from synth_assets.core.schema import ColumnInfo, columns_of, sql_type


def connected(tables: Sequence[Table]) -> list[list[Table]]:
    """The tables in groups that no reference connects, in order of their first tables.

    Args:
        tables: The tables; a reference to any other table connects nothing.
    """
    groups = {table.name: {table.name} for table in tables}
    for table in tables:
        for parent in table.parents.values():
            if parent in groups and groups[parent] is not groups[table.name]:
                merged = groups[parent] | groups[table.name]
                groups.update(dict.fromkeys(merged, merged))
    distinct = list({id(group): group for group in groups.values()}.values())
    return [[table for table in tables if table.name in group] for group in distinct]


def er_diagram(tables: Sequence[Table]) -> str:
    """The diagram: each table with its keys and references, and an arrow for each reference.

    Other columns are in the data dictionary; with all of them the diagram could not be read.

    Args:
        tables: The tables; a reference to any other table is left out.
    """
    names = {table.name for table in tables}
    lines = [f"  {line}" for table in tables for line in _references(table, names)]
    entities = [line for table in tables for line in _entity(table)]
    return "\n".join(["erDiagram", *lines, *entities]) + "\n"


def _references(table: Table, names: set[str]) -> Iterator[str]:
    for column in columns_of(table.schema):
        if column.foreign_key and table.parents[column.foreign_key[0]] in names:
            parent = table.parents[column.foreign_key[0]]
            yield f'{parent} {_cardinality(table, column)} {table.name} : "{column.name}"'


def _cardinality(table: Table, column: ColumnInfo) -> str:
    """One parent, or none where the column may be null; any number of rows, or one of a key."""
    keys = [c.name for c in columns_of(table.schema) if c.primary_key]
    parents = "|o" if column.nullable else "||"
    return f"{parents}--{'o|' if keys == [column.name] else 'o{'}"


def _entity(table: Table) -> Iterator[str]:
    yield f"  {table.name} {{"
    for column in columns_of(table.schema):
        marks = [mark for mark, has in _marks(column) if has]
        if marks:
            yield f"    {_word(sql_type(column.dtype))} {column.name} {', '.join(marks)}"
    yield "  }"


def _marks(column: ColumnInfo) -> list[tuple[str, bool]]:
    return [("PK", column.primary_key), ("FK", column.foreign_key is not None)]


def _word(type_name: str) -> str:
    """A type as one word: Mermaid takes no spaces or commas in types."""
    return type_name.replace(" with time zone", "_tz").replace(" ", "_").replace(",", "_")
