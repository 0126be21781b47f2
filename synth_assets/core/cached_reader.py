"""A reader that asks its store once, so that many checks look at one state of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from synth_assets.core.model import Reader, Table
from synth_assets.core.partition_stats import PartitionStats

# Tables of up to so many rows are read once for all the checks that look at them.
ROWS_IN_MEMORY = 1_000_000


class CachedReader:
    """A reader that asks the store once, so that many checks may look at one state of it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._stats: dict[str, dict[str, PartitionStats]] = {}
        self._frames: dict[str, pl.DataFrame | None] = {}

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        if table.path not in self._stats:
            self._stats[table.path] = self._reader.describe(table)
        return {k: r for k, r in self._stats[table.path].items() if k not in without}

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        if keys is not None and set(keys) - set(self.describe(table)):
            return self._reader.scan(table, keys)  # the store says which partitions are missing
        if table.path not in self._frames:
            self._frames[table.path] = self._read(table)
        frame = self._frames[table.path]
        if frame is None:
            return self._reader.scan(table, keys)
        partition_column = pl.col(table.partitioning.partition_column)
        return (
            frame.lazy()
            if keys is None
            else frame.lazy().filter(partition_column.is_in(list(keys)))
        )

    def uri(self, table: Table) -> str:
        return self._reader.uri(table)

    def _read(self, table: Table) -> pl.DataFrame | None:
        if sum(stats.rows for stats in self.describe(table).values()) > ROWS_IN_MEMORY:
            return None
        try:
            return self._reader.scan(table).collect()
        except pl.exceptions.PolarsError:
            return None  # partitions that differ in their columns can still be read one by one
