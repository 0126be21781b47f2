"""Maintenance of a table: ordering partitions for lookups, removing old files."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl
from deltalake import CommitProperties, DeltaTable, WriterProperties

from synth_assets.core.model import Table
from synth_assets.core.schema import polars_schema
from synth_assets.stores.delta.data_files import files_in
from synth_assets.stores.delta.files import FRESH_PREFIX
from synth_assets.stores.delta.folder import LOG, Folder
from synth_assets.stores.parquet_writing import COMPRESSION_LEVEL, ROW_GROUP_ROWS

# Each further column of a Z-order makes it less effective for the columns before it.
MAX_SORT_COLUMNS = 3
# Bytes that sorting may hold before it spills to disk.
MAX_SPILL_BYTES = 256 * 1024**2
TARGET_BYTES = 128 * 1024**2


def optimize(delta: DeltaTable, table: Table) -> int:
    """Rewrites partitions that were written since the last call, in order of the clustering.

    Without columns to order by, small files are only compacted.

    Args:
        delta: The Delta table at its newest version.
        table: The table.

    Returns:
        The number of rewritten partitions.
    """
    files = files_in(delta, table.partitioning.partition_column)
    fresh = files.filter(pl.col("path").str.contains(f"/{FRESH_PREFIX}", literal=True))
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
            max_spill_size=MAX_SPILL_BYTES,
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
    """The columns by which partitions are ordered (Z-order).

    Args:
        table: The table; nested columns of its clustering are left out.
    """
    types = polars_schema(table.schema)
    return [n for n in table.clustering if not types[n].is_nested()][:MAX_SORT_COLUMNS]


def vacuum(delta: DeltaTable, folder: Folder, retain_hours: float) -> int:
    """Writes a checkpoint of the log and removes files that no recent version needs.

    Args:
        delta: The Delta table at its newest version.
        folder: The table's folder.
        retain_hours: Age in hours up to which versions can still be read, rounded up.

    Returns:
        The number of removed data files.
    """
    before = folder.entries(recursive=True)
    delta.vacuum(
        retention_hours=math.ceil(retain_hours),
        dry_run=False,
        enforce_retention_duration=False,
        full=True,
    )
    delta.create_checkpoint()
    delta.cleanup_metadata()
    gone = before.keys() - folder.entries(recursive=True).keys()
    return sum(name.endswith(".parquet") and not name.startswith(LOG) for name in gone)
