"""A reader that reads its store once, so that many checks read the same state of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Reader, Table
from synth_assets.core.partition_stats import PartitionStats

# Tables with up to so many rows are read once for all checks, and kept in memory.
ROWS_IN_MEMORY = 1_000_000


class CachedReader:
    """Implements ``Reader`` over another reader, and caches what it returns.

    Args:
        reader: The reader of the stores.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._stats: dict[tuple[str, frozenset[str]], dict[str, PartitionStats]] = {}
        self._frames: dict[str, pl.DataFrame | None] = {}

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        whole, known = ((table.path, frozenset(keys)) for keys in ((), without))
        if whole in self._stats:
            return {k: s for k, s in self._stats[whole].items() if k not in without}
        if known not in self._stats:
            self._stats[known] = self._reader.describe(table, without)
        return self._stats[known]

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        if table.path not in self._frames:
            self._frames[table.path] = self._read(table)
        frame = self._frames[table.path]
        if frame is None or (keys is not None and set(keys) - set(self.describe(table))):
            return self._reader.scan(table, keys)  # raises, and names missing partitions
        partition_column = pl.col(table.partitioning.partition_column)
        return (
            frame.lazy()
            if keys is None
            else frame.lazy().filter(partition_column.is_in(list(keys)))
        )

    def uri(self, table: Table) -> str:
        return self._reader.uri(table)

    def _read(self, table: Table) -> pl.DataFrame | None:
        try:
            if sum(stats.rows for stats in self.describe(table).values()) > ROWS_IN_MEMORY:
                return None
            return self._reader.scan(table).collect()
        except (UserError, pl.exceptions.PolarsError, OSError):
            return None  # partitions that differ, or are sound, can still be read one by one
