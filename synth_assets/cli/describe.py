"""``synth describe``: a table's columns, keys, checks and partitions, and a few of its rows.

All of it is read from the ``Table`` and its store.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from synth_assets.cli.console import display_path, out, print_json
from synth_assets.cli.options import Json, TableName
from synth_assets.cli.selection import select_table
from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.schema import ColumnInfo, columns_of, sql_type
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import checks_of
from synth_assets.reports.formatting import visible
from synth_assets.stores import DamagedPartitionError
from synth_assets.stores.damage import naming_damaged
from synth_assets.stores.routing import Stores

# Columns up to which rows are printed as rows; rows of more columns are printed as columns.
MOST_COLUMNS = 8
# Characters of a value that are printed.
MOST_CHARACTERS = 36


def describe(
    table: TableName,
    rows: Annotated[int, typer.Option(min=0, max=100, help="Rows to show.")] = 5,
    json: Json = False,
) -> None:
    """Show a table: columns, keys, references, checks, partitions, where it is, and some rows."""
    domain, found = select_table(load_domains(), table)
    stores = Settings.from_environment().open_stores(patient=False)
    document = description(domain, found, stores, rows)
    if json:
        print_json(document)
    else:
        _print(document)


def description(domain: Domain, table: Table, stores: Stores, rows: int) -> dict[str, Any]:
    """All that is known of a table, as JSON has it.

    Args:
        domain: The table's domain.
        table: The table.
        stores: Where it is stored.
        rows: Number of rows to read.

    Raises:
        UserError: The store cannot be read.
    """
    columns = columns_of(table.schema)
    return {
        "table": table.path,
        "doc": table.doc,
        "domain": domain.doc,
        "owners": list(domain.owners),
        "columns": [_column(table, column) for column in columns],
        "primary_key": [column.name for column in columns if column.primary_key],
        "made_from": table.parent_names,
        "checks": [
            {
                "name": check.name,
                "doc": check.doc,
                "blocking": check.blocking,
                "per_partition": check.per_partition,
                "reads": list(check.reads),
            }
            for check in checks_of(table)
        ],
        "partitions": _partitions(table),
        "stored": _stored(table, stores),
        "rows": _rows(table, stores, rows),
    }


def _column(table: Table, column: ColumnInfo) -> dict[str, Any]:
    role, target = column.foreign_key or (None, None)
    return {
        "name": column.name,
        "type": sql_type(column.dtype),
        "nullable": column.nullable,
        "primary_key": column.primary_key,
        "references": f"{table.parents[role]}.{target}" if role else None,
        "personal_data": column.pii,
        "constraints": list(column.constraints),
        "doc": column.description,
    }


def _partitions(table: Table) -> dict[str, Any] | None:
    if isinstance(table.partitioning, Unpartitioned):
        return None
    keys = table.partitioning.keys()
    return {
        "column": table.partitioning.partition_column,
        "count": len(keys),
        "first": keys[0] if keys else None,
        "last": keys[-1] if keys else None,
    }


def _stored(table: Table, stores: Stores) -> dict[str, Any]:
    store = stores.of(table)
    where = {"store": store.kind, "uri": store.uri(table)}
    try:
        stats = list(store.describe(table).values())
    except DamagedPartitionError as error:
        return {**where, "damaged": str(error)}
    return {
        **where,
        "partitions": len(stats),
        "first": stats[0].key if stats else None,
        "last": stats[-1].key if stats else None,
        "rows": sum(partition.rows for partition in stats),
        "bytes": sum(partition.bytes for partition in stats),
    }


def _rows(table: Table, stores: Stores, count: int) -> list[dict[str, Any]]:
    """The first rows of the first stored partition that has any."""
    if not count:
        return []
    try:
        found = stores.describe(table)
        key = next((key for key, stats in found.items() if stats.rows), None)
        if key is None:
            return []
        with naming_damaged(stores, table, [key]):
            return stores.scan(table, [key]).head(count).collect().to_dicts()
    except DamagedPartitionError:
        return []


def _print(document: dict[str, Any]) -> None:
    out.print(f"[bold]{document['table']}[/]: {escape(document['doc'])}", highlight=False)
    _print_columns(document["columns"])
    _print_facts(document)
    _print_checks(document["checks"])
    if document["rows"]:
        _print_rows(document["rows"])


def _print_columns(columns: list[dict[str, Any]]) -> None:
    grid = Grid("column", "type", "key", "what it is")
    for column in columns:
        key = "primary" if column["primary_key"] else ""
        if column["references"]:
            key += f"{', ' if key else ''}→ {column['references']}"
        facts = [*column["constraints"], *(["may be null"] if column["nullable"] else [])]
        if column["personal_data"]:
            facts.append(f"personal data: {column['personal_data']}")
        doc = escape(column["doc"])
        if facts:
            doc += f"{' ' if doc else ''}[dim]({escape(', '.join(facts))})[/]"
        grid.add_row(column["name"], column["type"], escape(key), doc)
    out.print(grid)


def _print_facts(document: dict[str, Any]) -> None:
    stored, partitions = document["stored"], document["partitions"]
    facts = {
        "Partitions": "none: the table is one" if partitions is None
        else f"{partitions['count']:,} by {partitions['column']}, {partitions['first']} to "
        f"{partitions['last']}",
        "Stored": stored.get("damaged") or _shown(stored, whole=partitions is None),
        "Where": f"{display_path(stored['uri'])} ({stored['store']})",
        "Made from": ", ".join(document["made_from"]) or "its row numbers",
        "Owners": ", ".join(document["owners"]),
    }  # fmt: skip
    for name, text in facts.items():
        out.print(f"[bold]{name + ':':<12}[/]{escape(text)}", highlight=False, soft_wrap=True)


def _shown(stored: dict[str, Any], *, whole: bool) -> str:
    if not stored["partitions"]:
        return "nothing yet"
    keys = "" if whole else f"{stored['partitions']:,}, {stored['first']} to {stored['last']}; "
    return f"{keys}{stored['rows']:,} rows, {stored['bytes'] / 1e6:,.1f} MB"


def _print_checks(checks: list[dict[str, Any]]) -> None:
    grid = Grid("check", "fails", "what holds")
    for check in checks:
        severity = "blocks" if check["blocking"] else "[yellow]warns[/]"
        grid.add_row(check["name"], severity, escape(check["doc"]))
    out.print(grid)


def _print_rows(rows: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    if len(names) <= MOST_COLUMNS:
        grid = Grid(*names)
        for row in rows:
            grid.add_row(*(_cell(value) for value in row.values()))
    else:
        grid = Grid("column", *(f"row {number}" for number in range(1, len(rows) + 1)))
        for name in names:
            grid.add_row(name, *(_cell(row[name]) for row in rows))
    out.print(grid)


def _cell(value: object) -> str:
    if value is None:
        return "[dim]null[/]"
    text = str(visible(str(value)))
    cut = text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
    return escape(cut)
