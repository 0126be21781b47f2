"""The store: a Delta table a table, at ``<root>/<domain>/<table>``, partitioned by its axis.

A partition is replaced by writing a file nobody knows of and then committing one version of the
table that names it, leaves out the partition's former files and says who made the partition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from synth_assets.core.errors import UserError
from synth_assets.core.model import PartitionStats, Table
from synth_assets.core.schema import polars_schema
from synth_assets.stores.delta import history, maintenance
from synth_assets.stores.delta.columns import casts, columns_in, stored_schema
from synth_assets.stores.delta.faults import UNTOUCHED, explained
from synth_assets.stores.delta.files import write
from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.delta.history import Version
from synth_assets.stores.delta.provenance import Maker, dropped, made, makers
from synth_assets.stores.delta.transactions import commit, opened, ready
from synth_assets.stores.store import refuse_missing

UNKNOWN = Maker(-1, "unknown", "unknown")
# Features that other writers may give a table and that change nothing for this reader.
READABLE = {"timestampNtz", "vacuumProtocolCheck", "variantType", "variantType-preview"}


class Size(NamedTuple):
    """Rows, compressed bytes and data files of a partition."""

    rows: int = 0
    bytes: int = 0
    files: int = 0


class DeltaStore:
    """Partitions in Delta tables under ``root``, a folder or a URL such as ``s3://bucket/lake``."""

    kind = "delta"

    def __init__(self, root: str) -> None:
        remote = "://" in root
        self.root = root.rstrip("/") if remote else str(Path(root).expanduser().absolute())
        self._kept: dict[str, DeltaTable] | None = None

    @property
    def location(self) -> str:
        return self.root

    @contextmanager
    def opened(self) -> Iterator[None]:
        # A table that is kept reads only what is new in its log each time.
        before, self._kept = self._kept, {}
        try:
            yield
        finally:
            self._kept = before

    def uri(self, table: Table) -> str:
        return self._folder(table).path

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        folder, wanted = self._folder(table), polars_schema(table.schema)
        # The log says of which types a file is, so it must be.
        rows = frame.select(pl.col(n).cast(t) for n, t in stored_schema(table).items())
        with explained(f"cannot write {folder.path}", UNTOUCHED):
            self._prepare(folder, table)
            file, count = write(rows, folder, table.partitioning.partition_column, key)
            files = [file] if file else []
            try:
                version = commit(
                    lambda: ready(self._open(folder), folder, table),
                    [key],
                    files,
                    lambda v: [made(key, fingerprint, table.code_version, v)],
                )
            except BaseException:
                for left in files:
                    folder.delete(left.path)
                raise
        maker = Maker(version, fingerprint, table.code_version)
        size = Size(count, sum(f.size for f in files), len(files))
        return self._receipt(table, key, maker, size, wanted)

    def scan(
        self, table: Table, keys: Sequence[str] | None = None, *, version: int | None = None
    ) -> pl.LazyFrame:
        """As every store's; of an older ``version`` of the table, where it is still there."""
        folder, partition_column = self._folder(table), table.partitioning.partition_column
        delta = self._read(table, version)
        if keys is not None:
            refuse_missing(table, keys, self._makers(table, delta), self.uri(table))
        if delta is None:
            return pl.LazyFrame(
                schema={**polars_schema(table.schema), partition_column: pl.String()}
            )
        columns = columns_in(delta, table)
        files = maintenance.files_in(delta, partition_column)
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
        )
        return rows.select(*casts(found, columns), partition_column)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        delta = self._read(table)
        if delta is None:
            return {}
        sizes = self._sizes(delta, table)
        schema = pl.Schema(columns_in(delta, table))
        return {
            key: self._receipt(table, key, maker, sizes.get(key, Size()), schema)
            for key, maker in self._makers(table, delta).items()
            if key not in set(without)
        }

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        folder = self._folder(table)
        delta = self._read(table)
        gone = [key for key in self._makers(table, delta) if key in set(keys)]
        if gone:
            with explained(f"cannot write {folder.path}", UNTOUCHED):
                commit(
                    lambda: self._there(table),
                    gone,
                    [],
                    lambda v: [dropped(key, v) for key in gone],
                )

    def versions(self, table: Table) -> list[Version]:
        """The versions of the table that can still be read, oldest first."""
        with explained(f"cannot read {self.uri(table)}"):
            return history.versions(self._folder(table))

    def statistics(self, table: Table) -> dict[str, int]:
        """Rows, compressed bytes, data files and version of the table, as its log says."""
        return maintenance.figures(self._there(table), table.partitioning.partition_column)

    def maintain(self, table: Table, retain_hours: float = 168) -> dict[str, int]:
        """Orders new partitions by the table's clustering, and removes files of former versions.

        Versions older than ``retain_hours`` can then no longer be read. A writer that takes
        longer than this loses its files, so keep it above the time of the longest write.
        """
        folder, partition_column = self._folder(table), table.partitioning.partition_column
        delta = self._there(table)
        before = maintenance.figures(delta, partition_column)
        with explained(f"cannot maintain {folder.path}", UNTOUCHED):
            slices = maintenance.optimize(delta, table)
            removed = maintenance.vacuum(self._there(table), folder, retain_hours)
        after = self.statistics(table)
        return {
            "slices_optimized": slices,
            "files_before": before["files"],
            "files_after": after["files"],
            "bytes_before": before["bytes"],
            "bytes_after": after["bytes"],
            "files_removed": removed,
            "version": after["version"],
        }

    def _folder(self, table: Table) -> Folder:
        return Folder(self.root, (table.domain, table.name))

    def _prepare(self, folder: Folder, table: Table) -> DeltaTable:
        """The table with its columns, before the first byte of a partition is written."""
        return ready(self._open(folder), folder, table)

    def _open(self, folder: Folder, version: int | None = None) -> DeltaTable | None:
        if self._kept is None or version is not None:
            return opened(folder, version)
        if folder.path in self._kept:
            self._kept[folder.path].update_incremental()
        elif delta := opened(folder):
            self._kept[folder.path] = delta
        return self._kept.get(folder.path)

    def _read(self, table: Table, version: int | None = None) -> DeltaTable | None:
        """The Delta table to read from; ``UserError`` where it cannot be, or not at a version."""
        folder = self._folder(table)
        with explained(f"cannot read {folder.path}"):
            if version is not None:
                self._refuse_gone(table, version)
            delta = self._open(folder, version)
            if delta is not None:
                needed = set(delta.protocol().reader_features or ()) - READABLE
                if needed:
                    raise UserError(
                        f"cannot read {folder.path}: another writer gave it features that this "
                        f"store does not know ({', '.join(sorted(needed))})"
                    )
        return delta

    def _refuse_gone(self, table: Table, version: int) -> None:
        there = [v.number for v in self.versions(table)]
        if version not in there:
            known = f"there are {there[0]} to {there[-1]}" if there else "there are none"
            raise UserError(f"{table.path} has no version {version} that can be read: {known}")

    def _there(self, table: Table) -> DeltaTable:
        delta = self._read(table)
        if delta is None:
            raise UserError(
                f"nothing of {table.path} is stored at {self.uri(table)}: "
                f"run `synth materialize {table.path}` first"
            )
        return delta

    def _makers(self, table: Table, delta: DeltaTable | None) -> dict[str, Maker]:
        """Who made each partition that is stored, also those that another writer brought."""
        if delta is None:
            return {}
        with explained(f"cannot read {self.uri(table)}"):
            known = makers(self._folder(table), delta.version())
        keys = maintenance.files_in(delta, table.partitioning.partition_column)["key"].unique()
        return {key: known.get(key, UNKNOWN) for key in sorted({*known, *keys})}

    def _sizes(self, delta: DeltaTable, table: Table) -> dict[str, Size]:
        files = maintenance.files_in(delta, table.partitioning.partition_column)
        totals = files.group_by("key").agg(pl.sum("rows", "bytes"), files=pl.len())
        return {key: Size(*size) for key, *size in totals.rows()}

    def _receipt(
        self, table: Table, key: str, maker: Maker, size: Size, schema: pl.Schema
    ) -> PartitionStats:
        return PartitionStats(
            key=key,
            rows=size.rows,
            bytes=size.bytes,
            uri=self.uri(table),
            fingerprint=maker.fingerprint,
            code_version=maker.code_version,
            schema=schema,
            details={"version": maker.version, "files": size.files},
        )
