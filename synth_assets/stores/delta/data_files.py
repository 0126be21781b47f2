"""The data files of a version of a table: their rows and bytes, from its log, and their damage."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.parquet_contents import damage


class Size(NamedTuple):
    """Rows, compressed bytes and number of data files of a partition."""

    rows: int = 0
    bytes: int = 0
    files: int = 0


def files_in(delta: DeltaTable, partition_column: str) -> pl.DataFrame:
    """The data files of a version, in order of key.

    Args:
        delta: The Delta table at that version.
        partition_column: Name of the partition column.

    Returns:
        The columns ``path`` (relative to the table's folder, escaped), ``key``, ``rows`` and
        ``bytes`` (compressed).
    """
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


def statistics(delta: DeltaTable, partition_column: str) -> dict[str, int]:
    """Sums up the data files of a version, from the log only.

    Args:
        delta: The Delta table at that version.
        partition_column: Name of the partition column.

    Returns:
        ``rows``, ``bytes`` (compressed), ``files`` (data files) and ``version``.
    """
    files = files_in(delta, partition_column)
    return {
        "rows": int(files["rows"].sum()),
        "bytes": int(files["bytes"].sum()),
        "files": files.height,
        "version": delta.version(),
    }


def sizes(delta: DeltaTable, partition_column: str) -> dict[str, Size]:
    """The size of each partition of a version that has data files, by key.

    Args:
        delta: The Delta table at that version.
        partition_column: Name of the partition column.
    """
    totals = files_in(delta, partition_column).group_by("key")
    summed = totals.agg(pl.sum("rows", "bytes"), files=pl.len())
    return {key: Size(*size) for key, *size in summed.rows()}


def damaged(
    delta: DeltaTable, folder: Folder, partition_column: str, keys: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Partitions with a data file that is missing, or has other bytes than were written.

    Args:
        delta: The Delta table at the version to read.
        folder: The table's folder.
        partition_column: Name of the partition column.
        keys: The partitions to read.

    Returns:
        The first such file of each partition that has one, and what is wrong with it, by key.

    Raises:
        OSError: The object store cannot be read.
    """
    found: dict[str, tuple[str, str]] = {}
    files = files_in(delta, partition_column).filter(pl.col("key").is_in(list(keys)))
    for path, key in files.select("path", "key").rows():
        name = unquote(path)
        reason = damage(folder.files, folder.inner(name)) if key not in found else None
        if reason:
            found[key] = name, reason
    return found
