"""One data file: Polars streams it to its place, its footer says what the log must know.

deltalake's own writer holds most of a file in memory before it writes it; this one does not.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import polars as pl
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from synth_assets.stores.delta.folder import Folder

# DuckDB reads row groups of 122,880 rows a thread; two of them keep dictionaries useful.
ROW_GROUP_ROWS = 245_760
COMPRESSION_LEVEL = 1
# Files that this store wrote are named so; those that optimizing wrote are not.
AS_MADE = "slice-"
# A float tells numbers of so many digits apart.
EXACT_DIGITS = 15


def write(
    frame: pl.LazyFrame, folder: Folder, partition_column: str, key: str
) -> tuple[AddAction | None, int]:
    """Writes the rows of a partition to a new file, and counts them; no rows make no file.

    Until its action is committed nobody sees the file. It is removed when writing fails.
    """
    name = f"{partition_column}={quote(key, safe='')}/{AS_MADE}{uuid4()}.zstd.parquet"
    try:
        frame.sink_parquet(
            f"{folder.path}/{name}",
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            row_group_size=ROW_GROUP_ROWS,
            mkdir=True,
            # The log must never name a file that a power cut can take away.
            sync_on_close=None if folder.remote else "all",
        )
        action, rows = _action(folder, name, {partition_column: key})
    except BaseException:
        folder.delete(name)
        raise
    if not rows:
        folder.delete(name)
        return None, 0
    return action, rows


def _action(folder: Folder, name: str, partition: dict[str, str]) -> tuple[AddAction, int]:
    size = folder.files.get_file_info(folder.inner(name)).size
    with folder.files.open_input_file(folder.inner(name)) as file:
        footer = pq.read_metadata(file)
    stats = json.dumps({"numRecords": footer.num_rows, **_bounds(footer)})
    now = int(time.time() * 1000)
    return AddAction(name, size, partition, now, True, stats), footer.num_rows


def _bounds(footer: pq.FileMetaData) -> dict[str, dict[str, Any]]:
    """Least and greatest value and nulls of columns that are numbers, dates or moments.

    With them readers pass over files that cannot hold what they look for. Words are left out:
    in generated data every file spans them all.
    """
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for name, chunks in _columns(footer):
        found = [chunk.statistics for chunk in chunks]
        if all(s is not None and s.has_null_count for s in found):
            nulls[name] = sum(s.null_count for s in found)
            with suppress(ValueError, OverflowError):
                least[name], greatest[name] = _limits(found)
    return {"minValues": least, "maxValues": greatest, "nullCount": nulls}


def _limits(found: Sequence[pq.Statistics]) -> tuple[Any, Any]:
    """Bounds as the log writes them; ``ValueError`` or ``OverflowError`` where it cannot."""
    if not all(s.has_min_max or not s.num_values for s in found):
        raise ValueError("not every row group knows its bounds")
    bounded = [s for s in found if s.has_min_max]
    if not bounded:
        raise ValueError("there are only nulls")
    return _written(min(s.min for s in bounded)), _written(_rounded_up(max(s.max for s in bounded)))


def _columns(footer: pq.FileMetaData) -> Iterator[tuple[str, list[pq.ColumnChunkMetaData]]]:
    """The top-level columns that are no lists or structs, each with its part of every group."""
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    for i in range(footer.num_columns):
        column = footer.schema.column(i)
        if column.path == column.name and column.max_repetition_level == 0:
            yield column.name, [group.column(i) for group in groups]


def _rounded_up(value: Any) -> Any:
    # The log keeps milliseconds; a bound that is cut off would hide the rows beyond it.
    if isinstance(value, datetime):
        return value + timedelta(microseconds=-value.microsecond % 1000)
    return value


def _written(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal() if len(value.as_tuple().digits) <= EXACT_DIGITS:
            return float(value)
        # JSON has no words for infinity and what is not a number.
        case int() | float() if math.isfinite(value) and not isinstance(value, bool):
            return value
    raise ValueError(f"{value} is no bound")
