"""``synth maintain``: orders rows of Delta tables and removes files of former versions."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table as Grid

from synth_assets.cli.console import out, tracked
from synth_assets.cli.options import Selection
from synth_assets.cli.selection import select
from synth_assets.core.errors import UserError
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains import load_domains
from synth_assets.orchestration.deployment import MAX_DAYS
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.delta import DeltaStore

STATISTICS = ("slices_optimized", "files_before", "files_after", "bytes_after", "version")


def maintain(
    selection: Selection = None,
    retain_hours: Annotated[
        float,
        typer.Option(
            min=0,
            max=24 * MAX_DAYS,
            help="Former versions of so many hours stay readable.",
        ),
    ] = 168,
) -> None:
    """Order Delta tables by their clustering and remove files of former versions."""
    settings = Settings.from_environment()
    stores = settings.open_stores()
    tables = [table for _, chosen in select(load_domains(), selection or []) for table in chosen]
    grid = Grid()
    grid.add_column("table", no_wrap=True)
    for name in STATISTICS:
        grid.add_column(name.replace("_", " "), justify="right")
    done = 0
    for table in tracked(tables, "maintaining"):
        store = stores.of_kind(stores.routes.kind_of(table))
        if not isinstance(store, DeltaStore):
            continue
        for stored in stored_tables(table):
            if store.describe(stored):
                statistics = store.maintain(stored, retain_hours)
                grid.add_row(stored.path, *(f"{statistics[name]:,}" for name in STATISTICS))
                done += 1
    if not done:
        raise UserError(
            f"no Delta table of the selection is stored at {stores.uri(tables[0])}: "
            "SYNTH_STORE sends tables to Delta Lake"
        )
    out.print(grid)
