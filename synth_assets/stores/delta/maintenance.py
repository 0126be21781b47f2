"""What keeps a table quick: partitions in the order they are looked up, old files removed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl
from deltalake import CommitProperties, DeltaTable, WriterProperties

from synth_assets.core.model import Table
from synth_assets.core.schema import polars_schema
from synth_assets.stores.delta.files import AS_MADE, COMPRESSION_LEVEL, ROW_GROUP_ROWS
from synth_assets.stores.delta.folder import LOG, Folder

# Each further column makes the order worse for the ones before it.
MOST_COLUMNS = 3
# Bytes that sorting may hold before it spills to disk.
SPILL_AT = 256 * 1024**2
TARGET_BYTES = 128 * 1024**2


def files_in(delta: DeltaTable, partition_column: str) -> pl.DataFrame:
    """The data files of a version in order of key: ``path``, ``key``, ``rows``, ``bytes``."""
    found = pl.DataFrame(delta.get_add_actions(flatten=True))
    if found.is_empty():
        columns = {"path": pl.String, "key": pl.String, "rows": pl.Int64, "bytes": pl.Int64}
        return pl.DataFrame(schema=columns)
    files = found.select(
        "path",
        key=pl.col(f"partition.{partition_column}").cast(pl.String),
        rows="num_records",
        bytes="size_bytes",
    )
    return files.sort("key", maintain_order=True)


def figures(delta: DeltaTable, partition_column: str) -> dict[str, int]:
    """Rows, compressed bytes and data files of a table, and its version; from the log alone."""
    files = files_in(delta, partition_column)
    return {
        "rows": int(files["rows"].sum()),
        "bytes": int(files["bytes"].sum()),
        "files": files.height,
        "version": delta.version(),
    }


def optimize(delta: DeltaTable, table: Table) -> int:
    """Rewrites the partitions that lie as they were made in the order of the table's clustering.

    Returns how many partitions. Without columns to order by, small files are only put together.
    """
    files = files_in(delta, table.partitioning.partition_column)
    fresh = files.filter(pl.col("path").str.contains(f"/{AS_MADE}", literal=True))
    keys = fresh["key"].unique().sort().to_list()
    if not keys:
        return 0
    properties = CommitProperties(max_commit_retries=0)
    writer = WriterProperties(
        compression="ZSTD",
        compression_level=COMPRESSION_LEVEL,
        max_row_group_size=ROW_GROUP_ROWS,
    )
    only = [(table.partitioning.partition_column, "in", keys)]
    columns = sort_columns(table)
    if columns:
        delta.optimize.z_order(
            columns,
            partition_filters=only,
            target_size=TARGET_BYTES,
            max_concurrent_tasks=1,
            max_spill_size=SPILL_AT,
            writer_properties=writer,
            commit_properties=properties,
        )
    else:
        delta.optimize.compact(
            partition_filters=only,
            target_size=TARGET_BYTES,
            max_concurrent_tasks=1,
            writer_properties=writer,
            commit_properties=properties,
        )
    return len(keys)


def sort_columns(table: Table) -> Sequence[str]:
    """The columns by which partitions are ordered (Z-order)."""
    types = polars_schema(table.schema)
    return [n for n in table.clustering if not types[n].is_nested()][:MOST_COLUMNS]


def vacuum(delta: DeltaTable, folder: Folder, retain_hours: float) -> int:
    """Sums up the log, and removes what no version of the last hours needs; how many files."""
    before = folder.names(recursive=True)
    delta.vacuum(
        retention_hours=math.ceil(retain_hours),
        dry_run=False,
        enforce_retention_duration=False,
        full=True,
    )
    delta.create_checkpoint()
    delta.cleanup_metadata()
    gone = before.keys() - folder.names(recursive=True).keys()
    return sum(name.endswith(".parquet") and not name.startswith(LOG) for name in gone)
