"""Writes one data file: Polars streams it, and its footer supplies the statistics for the log.

deltalake's own writer holds most of a file in memory before it writes it; this one does not.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import polars as pl
import pyarrow.parquet as pq
from deltalake.transaction import AddAction
from pyarrow import fs

from synth_assets.stores import parquet_digest
from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.parquet_writing import keep, sink

# Prefix of the names of files that this store wrote; files that OPTIMIZE wrote do not have it.
FRESH_PREFIX = "slice-"
# Decimal digits that a float holds exactly (DBL_DIG of C).
EXACT_DIGITS = 15


def write_partition(
    frame: pl.LazyFrame, folder: Folder, partition_column: str, key: str
) -> tuple[AddAction | None, int]:
    """Writes the rows of a partition to a new file, which readers see once it is committed.

    Args:
        frame: The rows, in the types in which they are stored.
        folder: The table's folder.
        partition_column: Name of the partition column.
        key: The partition's key.

    Returns:
        The action that adds the file to the log, and the number of rows; no action and no file
        for an empty partition. The file is removed when writing fails.
    """
    name = f"{partition_column}={quote(key, safe='')}/{FRESH_PREFIX}{uuid4()}.zstd.parquet"
    try:
        _write(frame, folder, name)
        action, rows = _action(folder, name, {partition_column: key})
    except BaseException:
        folder.delete(name)
        raise
    if not rows:
        folder.delete(name)
        return None, 0
    return action, rows


def _write(frame: pl.LazyFrame, folder: Folder, name: str) -> None:
    # Through a local file for an object store, where a digest cannot be written into a file later.
    with TemporaryDirectory(prefix="synth-") if folder.remote else nullcontext() as temporary:
        path = Path(temporary or folder.path) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sink(frame, path)
        parquet_digest.record(path)
        if temporary is None:
            keep(path)
        else:
            local = fs.LocalFileSystem()
            inner = folder.inner(name)
            fs.copy_files(str(path), inner, local, folder.files, use_threads=False)


def _action(folder: Folder, name: str, partition: dict[str, str]) -> tuple[AddAction, int]:
    size = folder.files.get_file_info(folder.inner(name)).size
    with folder.files.open_input_file(folder.inner(name)) as file:
        footer = pq.read_metadata(file)
    stats = json.dumps({"numRecords": footer.num_rows, **_bounds(footer)})
    now = int(time.time() * 1000)
    return AddAction(name, size, partition, now, True, stats), footer.num_rows


def _bounds(footer: pq.FileMetaData) -> dict[str, dict[str, Any]]:
    """Minimum, maximum and null count of columns of numbers, dates and timestamps.

    Readers use them to skip files. Text has none: in generated data every file spans all of it.
    """
    minimum: dict[str, Any] = {}
    maximum: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for name, chunks in _columns(footer):
        found = [chunk.statistics for chunk in chunks]
        if all(s is not None and s.has_null_count for s in found):
            nulls[name] = sum(s.null_count for s in found)
            with suppress(ValueError, OverflowError):
                minimum[name], maximum[name] = _limits(found)
    return {"minValues": minimum, "maxValues": maximum, "nullCount": nulls}


def _limits(found: Sequence[pq.Statistics]) -> tuple[Any, Any]:
    """Bounds as the log writes them; ``ValueError`` or ``OverflowError`` if there are none."""
    if not all(s.has_min_max or not s.num_values for s in found):
        raise ValueError("a row group has no bounds")
    bounded = [s for s in found if s.has_min_max]
    if not bounded:
        raise ValueError("there are only nulls")
    return _json_value(min(s.min for s in bounded)), _json_value(
        _rounded_up(max(s.max for s in bounded))
    )


def _columns(footer: pq.FileMetaData) -> Iterator[tuple[str, list[pq.ColumnChunkMetaData]]]:
    """The top-level columns other than lists and structs, with their chunk of each row group."""
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    for i in range(footer.num_columns):
        column = footer.schema.column(i)
        if column.path == column.name and column.max_repetition_level == 0:
            yield column.name, [group.column(i) for group in groups]


def _rounded_up(value: Any) -> Any:
    # The log keeps milliseconds; a truncated maximum would hide the rows above it.
    if isinstance(value, datetime):
        return value + timedelta(microseconds=-value.microsecond % 1000)
    return value


def _json_value(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal() if len(value.as_tuple().digits) <= EXACT_DIGITS:
            return float(value)
        # JSON has neither infinity nor NaN.
        case int() | float() if math.isfinite(value) and not isinstance(value, bool):
            return value
    raise ValueError(f"{value} is no bound")
