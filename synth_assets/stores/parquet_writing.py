"""Writing one Parquet file: its options, and its final name once it is complete.

Where files are and what a partition is are in ``parquet``.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import polars as pl
import pyarrow as pa

from synth_assets.core.atomic_files import in_folder_beside
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.stores import parquet_digest
from synth_assets.stores.parquet_footer import record_sort_order

FILE = "data.parquet"
# A multiple of DuckDB's own row group size (122,880 rows), the unit of its parallel reads; twice
# that size keeps dictionary encoding effective.
ROW_GROUP_ROWS = 245_760
COMPRESSION_LEVEL = 1
# Seconds after which an unfinished file is taken for one that a killed writer left.
STALE_SECONDS = 3_600


def write(frame: pl.LazyFrame, path: Path, provenance: dict[str, str], table: Table) -> None:
    """Writes the rows of a partition.

    Args:
        frame: The rows.
        path: The file, on a disk.
        provenance: Key-value metadata of the file.
        table: The table, for columns that are not null and the primary key.
    """
    sink(frame, path, provenance, _arrow_schema(frame, table))
    key = next((column for column in columns_of(table.schema) if column.primary_key), None)
    if key is not None:
        record_sort_order(path, key.name)
    parquet_digest.record(path)


def sink(
    frame: pl.LazyFrame,
    path: Path,
    metadata: dict[str, str] | None = None,
    arrow_schema: pa.Schema | None = None,
) -> None:
    """Writes rows to a file whose digest is still to be recorded.

    Args:
        frame: The rows.
        path: The file, on a disk.
        metadata: Key-value metadata of the file.
        arrow_schema: Types of the columns, and which are not null; by default the frame's types.
    """
    frame.sink_parquet(
        path,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        row_group_size=ROW_GROUP_ROWS,
        metadata={**(metadata or {}), parquet_digest.KEY: parquet_digest.BLANK},
        arrow_schema=arrow_schema,
    )


def _arrow_schema(frame: pl.LazyFrame, table: Table) -> pa.Schema:
    """The frame's types; columns that the table's schema declares not null are ``required``."""
    required = {column.name for column in columns_of(table.schema) if not column.nullable}
    return _arrow_types(tuple(frame.collect_schema().items()), frozenset(required))


@lru_cache(maxsize=256)
def _arrow_types(
    columns: tuple[tuple[str, pl.DataType], ...], required: frozenset[str]
) -> pa.Schema:
    types = pl.DataFrame(schema=dict(columns)).to_arrow().schema
    return pa.schema([field.with_nullable(field.name not in required) for field in types])


def write_and_rename(
    frame: pl.LazyFrame, path: Path, provenance: dict[str, str], table: Table
) -> None:
    """Writes the rows of a partition beside its file, which it then replaces.

    Args:
        frame: The rows.
        path: The file, on a disk.
        provenance: Key-value metadata of the file.
        table: The table, for columns that are not null and the primary key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(path.parent)
    with in_folder_beside(path) as unfinished:
        write(frame, unfinished, provenance, table)
        keep(unfinished)
        unfinished.replace(path)


def keep(path: Path) -> None:
    """Waits until a file is on the disk, where a power failure cannot remove it.

    Args:
        path: The file.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _remove_stale(folder: Path) -> None:
    for left in folder.glob(f".{FILE}.*.tmp"):
        # Another writer may complete its file meanwhile.
        with suppress(FileNotFoundError):
            written = max(entry.stat().st_mtime for entry in (left, *left.iterdir()))
            if time.time() - written > STALE_SECONDS:
                shutil.rmtree(left)
