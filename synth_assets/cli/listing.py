"""``synth list``: the tables that exist, and what is stored of them."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass

from rich.markup import escape
from rich.table import Table as Grid

from synth_assets.cli.console import out, path_markup, print_json
from synth_assets.cli.options import Json, Selection
from synth_assets.cli.selection import select
from synth_assets.core.model import Domain, Table
from synth_assets.core.variables import FILE, home, remembered
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.stores import DamagedPartitionError
from synth_assets.stores.routing import Stores


@dataclass(frozen=True)
class Listed:
    """A table of the list.

    Attributes:
        table: ``domain/table``.
        doc: What a row is.
        partition_column: The column that has the partition key.
        partitions: Number of partitions that exist.
        stored: Number of those that are stored; None if a stored one is damaged.
        rows: Rows of the stored ones; None if one is damaged.
        bytes: Their size; None if one is damaged.
        store: Kind of the store.
        uri: Where the table is stored, or would be.
    """

    table: str
    doc: str
    partition_column: str
    partitions: int
    stored: int | None
    rows: int | None
    bytes: int | None
    store: str
    uri: str

    @classmethod
    def of(cls, table: Table, stores: Stores) -> Listed:
        """Looks up what is stored of a table.

        Args:
            table: The table.
            stores: Where it is stored.
        """
        stored: int | None
        rows: int | None
        size: int | None
        try:
            stats = list(stores.describe(table).values())
            stored = len(stats)
            rows, size = sum(s.rows for s in stats), sum(s.bytes for s in stats)
        except DamagedPartitionError:
            stored = rows = size = None
        partitioning, store = table.partitioning, stores.of(table)
        return cls(
            table.path, table.doc, partitioning.partition_column, len(partitioning.keys()),
            stored, rows, size, store.kind, store.uri(table),
        )  # fmt: skip


def list_tables(selection: Selection = None, json: Json = False) -> None:
    """Show tables, their partitions, and what the store holds of them."""
    stores = Settings.from_environment().open_stores(patient=False)
    chosen = select(load_domains(), selection or [])
    listed = [(d, [Listed.of(table, stores) for table in tables]) for d, tables in chosen]
    if json:
        print_json(
            [
                {"domain": domain.name, "doc": domain.doc, "tables": [asdict(t) for t in tables]}
                for domain, tables in listed
            ]
        )
        return
    for domain, tables in listed:
        _print(domain, tables)
    _print_remembered()


def _print(domain: Domain, tables: list[Listed]) -> None:
    out.print(f"{domain.name}: {domain.doc}", highlight=False)
    grid = Grid()
    for name in ("table", "cut by", "stored", "rows", "what a row is"):
        right = name in ("stored", "rows")
        grid.add_column(name, justify="right" if right else "left", no_wrap=name == "table")
    for table in tables:
        stored = f"{table.stored:,} of {table.partitions:,}" if table.stored is not None else None
        grid.add_row(
            table.table,
            table.partition_column,
            stored or "[red]damaged[/]",
            "?" if table.rows is None else f"{table.rows:,}",
            table.doc,
        )
    out.print(grid)


def _print_remembered() -> None:
    """Prints where the home is, and the variables that it remembers."""
    found = remembered()
    place = (
        f"Remembered in {path_markup(home() / FILE)}:" if found else f"Home: {path_markup(home())}"
    )
    out.print(place, highlight=False, soft_wrap=True)
    for name, value in found.items():
        over = os.environ.get(name)
        note = "" if over in (None, "", value) else " (the environment has another value)"
        out.print(f"  {name}={escape(value)}{note}", highlight=False, soft_wrap=True)
