"""Scans of one version of a Delta table: which data files are read, and their rows' types."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import polars_schema
from synth_assets.stores.delta.columns import casts, columns_in
from synth_assets.stores.delta.data_files import files_in
from synth_assets.stores.delta.folder import Folder

# Reader features that other writers may add to a table and that do not change what is read here.
READABLE = {"timestampNtz", "vacuumProtocolCheck", "variantType", "variantType-preview"}


def refuse_unknown_features(delta: DeltaTable, folder: Folder) -> None:
    """Checks that rows can be read without support for further Delta reader features.

    Args:
        delta: The Delta table.
        folder: Its folder, for the message.

    Raises:
        UserError: Another writer gave the table such a feature (deletion vectors, for example).
    """
    needed = set(delta.protocol().reader_features or ()) - READABLE
    if needed:
        raise UserError(
            f"cannot read {folder.path}: another writer gave it features that this "
            f"store does not know ({', '.join(sorted(needed))})"
        )


def scan_version(
    delta: DeltaTable | None, folder: Folder, table: Table, keys: Sequence[str] | None
) -> pl.LazyFrame:
    """The rows of one version of a table.

    Args:
        delta: The Delta table at that version; None where there is none.
        folder: The table's folder.
        table: The table, for the types of its columns.
        keys: The partitions to read; None for all.

    Returns:
        The columns of that version and the partition column as String.
    """
    partition_column = table.partitioning.partition_column
    if delta is None:
        return pl.LazyFrame(schema={**polars_schema(table.schema), partition_column: pl.String()})
    columns = columns_in(delta, table)
    files = files_in(delta, partition_column)
    if keys is not None:
        files = files.filter(pl.col("key").is_in(list(keys)))
    if files.is_empty():
        return pl.LazyFrame(schema={**columns, partition_column: pl.String()})
    found = pl.Schema(delta.schema())
    rows = pl.scan_parquet(
        [f"{folder.path}/{unquote(path)}" for path in files["path"]],
        glob=False,
        schema={name: found[name] for name in columns},
        hive_partitioning=True,
        hive_schema={partition_column: pl.String()},
        # Rows and deleted rows; without them, Polars may join from the larger side in memory. Other
        # writers need not record the rows of a file.
        _row_count=None if files["rows"].has_nulls() else (int(files["rows"].sum()), 0),
    )
    return rows.select(*casts(found, columns), partition_column)
