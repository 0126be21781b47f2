"""``synth list``: the tables that exist, and what is stored of them."""

from __future__ import annotations

import os

from rich.markup import escape
from rich.table import Table as Grid

from synth_assets.cli.console import display_path, out
from synth_assets.cli.options import Selection
from synth_assets.cli.selection import select
from synth_assets.core.model import Table
from synth_assets.core.variables import FILE, home, remembered
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.stores import DamagedPartitionError
from synth_assets.stores.routing import Stores


def list_tables(selection: Selection = None) -> None:
    """Show tables, their partitions, and what the store holds of them."""
    stores = Settings.from_environment().open_stores(patient=False)
    for domain, tables in select(load_domains(), selection or []):
        out.print(f"{domain.name}: {domain.doc}", highlight=False)
        grid = Grid()
        for name in ("table", "cut by", "stored", "rows", "what a row is"):
            right = name in ("stored", "rows")
            grid.add_column(name, justify="right" if right else "left", no_wrap=name == "table")
        for table in tables:
            grid.add_row(
                table.path, table.partitioning.partition_column, *_stored(stores, table), table.doc
            )
        out.print(grid)
    _print_remembered()


def _print_remembered() -> None:
    """Prints the variables that the home remembers."""
    found = remembered()
    if found:
        out.print(
            f"Remembered in {escape(display_path(home() / FILE))}:", highlight=False, soft_wrap=True
        )
    for name, value in found.items():
        over = os.environ.get(name)
        note = "" if over in (None, "", value) else " (the environment has another value)"
        out.print(f"  {name}={escape(value)}{note}", highlight=False, soft_wrap=True)


def _stored(stores: Stores, table: Table) -> tuple[str, str]:
    try:
        partition_stats = stores.describe(table)
    except DamagedPartitionError:
        return "[red]damaged[/]", "?"
    rows = sum(stats.rows for stats in partition_stats.values())
    return f"{len(partition_stats):,} of {len(table.partitioning.keys()):,}", f"{rows:,}"
