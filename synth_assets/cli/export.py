"""``synth export``: stored tables as plain files, one per table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from synth_assets.cli.console import err, out, path_markup, tracked
from synth_assets.cli.options import Partitions, Selection
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.selection import select
from synth_assets.core.atomic_files import in_folder_beside
from synth_assets.core.errors import UserError
from synth_assets.core.partition_keys import keys_between
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.damage import naming_damaged, refuse_damaged


class Format(StrEnum):
    """File formats of an export."""

    csv = "csv"
    parquet = "parquet"
    ndjson = "ndjson"


def export(
    selection: Selection = None,
    to: Annotated[
        Path,
        typer.Option(
            help="Folder of the files.", parser=LocalPath("--to", folder=True, written=True)
        ),
    ] = Path("export"),
    partitions: Partitions = None,
    format_: Annotated[
        Format, typer.Option("--format", help="csv, parquet or ndjson.")
    ] = Format.csv,
) -> None:
    """Write stored tables to files such as raw_orders_training.csv."""
    raise typer.Exit(export_tables(selection or [], to, partitions, format_))


def export_tables(selection: list[str], to: Path, partitions: str | None, format_: Format) -> int:
    """Writes the stored tables of a selection to files, each of them atomically.

    Args:
        selection: Words as in ``selection.select``; all tables if it is empty.
        to: Folder of the files, created if necessary.
        partitions: A partition key, a range ``a..b``, or None for all stored partitions.
        format_: Format of the files.

    Returns:
        The exit code.

    Raises:
        DamagedPartitionError: A partition is damaged; nothing is written.
        UserError: Nothing of the selection is stored, or the folder cannot be written.
    """
    stores = Settings.from_environment().open_stores()
    tables = [t for _, chosen in select(load_domains(), selection) for t in chosen]
    selected = {t.path: set(keys_between(t.partitioning, partitions)) for t in tables}
    stored = {
        t.path: [key for key in stores.describe(t) if key in selected[t.path]] for t in tables
    }
    if not any(stored.values()):
        raise UserError(
            f"nothing of the selection is stored at {stores.uri(tables[0])}: "
            "run `synth materialize` first"
        )
    for table in tables:
        refuse_damaged(stores, table, stored[table.path])
    for table in tracked(tables, "exporting"):
        keys = stored[table.path]
        if not keys:
            err.print(f"skipped {table.path}: nothing of it is stored at {stores.uri(table)}")
            continue
        target = to / f"{table.name}.{format_.value}"
        with _writing(to), naming_damaged(stores, table, keys):
            to.mkdir(parents=True, exist_ok=True)
            rows = stores.scan(table, keys).drop(table.partitioning.partition_column)
            _write(rows, target, format_)
        out.print(f"wrote {path_markup(target)}", highlight=False, soft_wrap=True)
    return 0


@contextmanager
def _writing(to: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"cannot write to {to}: {(error.strerror or str(error)).lower()}") from None


def _write(frame: pl.LazyFrame, target: Path, format_: Format) -> None:
    with in_folder_beside(target) as unfinished:
        if format_ is Format.csv:
            frame.sink_csv(unfinished, datetime_format="%Y-%m-%d %H:%M:%S")
        elif format_ is Format.parquet:
            frame.sink_parquet(unfinished, compression="zstd")
        else:
            frame.sink_ndjson(unfinished)
        unfinished.replace(target)
