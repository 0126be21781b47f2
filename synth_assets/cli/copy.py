"""``synth copy``: copies stored partitions from one store to another."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table as Grid

from synth_assets.cli.console import note, out, path_markup, tracked
from synth_assets.cli.options import Partitions, Selection
from synth_assets.cli.selection import select
from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.partition_keys import keys_between
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.stores import KINDS, Store
from synth_assets.stores.copying import CopyResult, copy_partitions

# Stores with a location that may be an option. The address of a database contains a password, so
# only the environment has it.
WITH_LOCATION = ("parquet", "duckdb", "delta", "bigquery", "unity")

STORE_HELP = f"{', '.join(KINDS)}; or kind:location (a folder, file, URL or project)."


def copy(
    selection: Selection = None,
    from_: Annotated[str, typer.Option("--from", help=STORE_HELP)] = ...,  # type: ignore[assignment]
    to: Annotated[str, typer.Option(help=STORE_HELP)] = ...,  # type: ignore[assignment]
    partitions: Partitions = None,
    recreate: Annotated[
        bool, typer.Option(help="Drop what another scenario or other code left in the target.")
    ] = False,
) -> None:
    """Copy stored slices between stores; run it again to go on after an interruption."""
    settings = Settings.from_environment()
    source, target = _open_store(settings, "--from", from_), _open_store(settings, "--to", to)
    if (source.kind, source.location) == (target.kind, target.location):
        raise UserError(f"--from and --to are the same store, {source.location}")
    grid = Grid()
    grid.add_column("table", no_wrap=True)
    for name in ("copied", "there before", "rows copied"):
        grid.add_column(name, justify="right")
    tables = [table for _, chosen in select(load_domains(), selection or []) for table in chosen]
    found = 0
    selected = [(table, keys_between(table.partitioning, partitions)) for table in tables]
    for table, keys in selected:
        slices = copy_partitions(table, source, target, keys, recreate=recreate)
        done: list[CopyResult] = []
        for slice_ in tracked(slices, table.path, len(keys)):
            if not done:
                note(f"copying {table.path}")
            done.append(slice_)
        if done:
            grid.add_row(table.path, *_counts(done))
        found += len(done)
    if not found:
        raise UserError(
            f"nothing of the selection is stored at {source.location}: "
            "run `synth materialize` first"
        )
    out.print(grid)
    out.print(
        f"from {path_markup(source.location)} ({source.kind})", highlight=False, soft_wrap=True
    )
    out.print(
        f"to   {path_markup(target.location)} ({target.kind})", highlight=False, soft_wrap=True
    )


def _counts(done: list[CopyResult]) -> tuple[str, str, str]:
    moved = [slice_.stats.rows for slice_ in done if slice_.copied]
    return f"{len(moved):,}", f"{len(done) - len(moved):,}", f"{sum(moved):,}"


def _open_store(settings: Settings, option: str, text: str) -> Store:
    kind, _, location = text.partition(":")
    if kind not in KINDS:
        raise UnknownNameError(f"store in {option}", kind, list(KINDS))
    if location and kind not in WITH_LOCATION:
        raise UserError(f"{option} {kind}: its address comes from the environment alone")
    return settings.open_store(kind, location or None)
