"""A data dictionary of a domain in Markdown: diagrams, then each table with columns and checks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from synth_assets.contracts.diagrams import connected, er_diagram
from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.schema import ColumnInfo, columns_of, sql_type
from synth_assets.core.stored_tables import stored_tables
from synth_assets.quality.structural import checks_of


def data_dictionary(domain: Domain, tables: Sequence[Table] | None = None) -> str:
    """The data dictionary of a domain.

    Args:
        domain: The domain.
        tables: The tables to describe; all of the domain by default.
    """
    tables = domain.tables if tables is None else tables
    lines = [f"# Data dictionary: {domain.name}", "", domain.doc, ""]
    lines += ["| table | a row is | partitioned by |", "| --- | --- | --- |"]
    lines += [f"| [`{t.name}`](#{t.name}) | {_cell(t.doc)} | {_partitioned(t)} |" for t in tables]
    lines += ["", *_diagrams(tables)]
    here = {table.name for table in tables}
    for table in tables:
        lines += [*_table(table, here), ""]
    return "\n".join(lines).rstrip() + "\n"


def _diagrams(tables: Sequence[Table]) -> Iterator[str]:
    """A diagram of each group of connected tables: one of all could not be read."""
    groups = [group for group in connected(tables) if len(group) > 1]
    if groups:
        yield from ("## Keys and references", "")
    for group in groups:
        yield from ("```mermaid", er_diagram(group).rstrip(), "```", "")


def _partitioned(table: Table) -> str:
    whole = isinstance(table.partitioning, Unpartitioned)
    return "" if whole else f"`{table.partitioning.partition_column}`"


def _table(table: Table, here: Collection[str]) -> Iterator[str]:
    """The section of a table, with links to those that are in the same dictionary."""
    yield from (f"## {table.name}", "", table.doc, "")
    others = [
        f"`{s.domain}.{s.name}`" for s in stored_tables(table) if s.location != table.location
    ]
    if others:
        yield from (f"Stored as {', '.join(others)}.", "")
    yield from ("| column | type | | description |", "| --- | --- | --- | --- |")
    for column in columns_of(table.schema):
        yield (
            f"| `{column.name}` | {_cell(_type(column))} | {_cell(_notes(table, column, here))} "
            f"| {_cell(column.description)} |"
        )
    yield from ("", "| check | holds if | on failure |", "| --- | --- | --- |")
    for check in checks_of(table):
        yield f"| `{check.name}` | {_cell(check.doc)} | {'stops' if check.blocking else 'warns'} |"


def _type(column: ColumnInfo) -> str:
    """The type in SQL; a nested one without its fields, which may fill a page."""
    name = sql_type(column.dtype)
    if "struct(" in name:
        name = "list of structs" if name.endswith("[]") else "struct"
    return name


def _notes(table: Table, column: ColumnInfo, here: Collection[str]) -> str:
    notes = ["primary key"] if column.primary_key else []
    if column.foreign_key:
        role, parent_column = column.foreign_key
        parent = table.parents[role]
        link = f"[`{parent}`](#{parent})`.{parent_column}`" if parent in here else None
        notes.append(f"references {link or f'`{parent}.{parent_column}`'}")
    notes += ["nullable"] if column.nullable else []
    notes += [f"`{text}`" for text in column.constraints]
    notes += [f"PII: {column.pii}"] if column.pii else []
    return ", ".join(notes)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
