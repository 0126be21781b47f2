"""The store: one Delta table per table, at ``<root>/<domain>/<table>``.

To replace a partition, a file is written first. One commit then adds it, removes the partition's
former files and records the partition's provenance.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from deltalake import DeltaTable

from synth_assets.core.errors import NotStoredError, UserError
from synth_assets.core.model import Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.schema import polars_schema
from synth_assets.stores.damage import refuse_damaged
from synth_assets.stores.delta import data_files, history, maintenance
from synth_assets.stores.delta.columns import columns_in, stored_schema
from synth_assets.stores.delta.data_files import Size
from synth_assets.stores.delta.errors import UNTOUCHED, translate_errors
from synth_assets.stores.delta.files import write_partition
from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.delta.history import Version
from synth_assets.stores.delta.provenance import (
    FOREIGN,
    Provenance,
    dropped_action,
    read_provenance,
    refuse_empty_commits,
    stored_action,
)
from synth_assets.stores.delta.scanning import refuse_unknown_features, scan_version
from synth_assets.stores.delta.transactions import commit, ensure_table, open_table
from synth_assets.stores.object_stores import refuse_wrong_url
from synth_assets.stores.store import DamagedPartitionError, refuse_missing

# What deltalake decodes in a path before it reads the log: it would look in another folder.
DECODED = re.compile(r"%[0-9A-Fa-f]{2}|\\")


class DeltaStore:
    """Partitions in Delta tables.

    Args:
        root: A folder, or a URL such as ``s3://bucket/lake``.

    Raises:
        UserError: It is a URL of something else, or the library cannot take the folder's path.
    """

    kind = "delta"

    def __init__(self, root: str) -> None:
        refuse_wrong_url(root, "SYNTH_UNITY_ROOT" if self.kind == "unity" else "SYNTH_DELTA")
        remote = "://" in root
        self.root = root.rstrip("/") if remote else str(Path(root).expanduser().absolute())
        if not remote and (found := DECODED.search(self.root)):
            raise UserError(
                f"cannot keep Delta tables in {self.root}: their library cannot take "
                f"{found[0]!r} in a path; choose another folder (SYNTH_DELTA)"
            )
        self._tables: dict[str, DeltaTable] | None = None

    @property
    def location(self) -> str:
        return self.root

    @contextmanager
    def opened(self) -> Iterator[None]:
        # An open table reads only new commits of its log each time.
        before, self._tables = self._tables, {}
        try:
            yield
        finally:
            self._tables = before

    def uri(self, table: Table) -> str:
        return self._folder(table).path

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        folder = self._folder(table)
        # The file must have the types that the log declares.
        rows = frame.select(pl.col(n).cast(t) for n, t in stored_schema(table).items())
        with translate_errors("write", folder, UNTOUCHED):
            self._prepare(folder, table)
            file, count = write_partition(rows, folder, table.partitioning.partition_column, key)
            files = [file] if file else []
            try:
                version = commit(
                    lambda: ensure_table(self._open(folder), folder, table),
                    [key],
                    files,
                    lambda v: [stored_action(key, fingerprint, table.code_version, v)],
                )
            except BaseException:
                for action in files:
                    folder.delete(action.path)
                raise
        provenance = Provenance(version, fingerprint, table.code_version)
        size = Size(count, sum(f.size for f in files), len(files))
        return self._stats(table, key, provenance, size, polars_schema(table.schema))

    def scan(
        self, table: Table, keys: Sequence[str] | None = None, *, version: int | None = None
    ) -> pl.LazyFrame:
        """Reads partitions, like every store, at the newest version or an older one.

        Args:
            table: The table.
            keys: The partitions to read; None for all.
            version: The version to read; None for the newest.

        Raises:
            MissingPartitionError: A requested partition is not stored.
            UserError: The version cannot be read any more, or the table cannot be read.
        """
        delta = self._read(table, version)
        if keys is not None:
            refuse_missing(table, keys, self._provenance(table, delta), self.uri(table))
        return scan_version(delta, self._folder(table), table, keys)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        delta = self._read(table)
        if delta is None:
            return {}
        sizes = data_files.sizes(delta, table.partitioning.partition_column)
        schema = pl.Schema(columns_in(delta, table))
        return {
            key: self._stats(table, key, provenance, sizes.get(key, Size()), schema)
            for key, provenance in self._provenance(table, delta).items()
            if key not in set(without)
        }

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        delta, folder = self._read(table), self._folder(table)
        if delta is None:
            return {}
        with translate_errors("read", folder):
            found = data_files.damaged(delta, folder, table.partitioning.partition_column, keys)
        return {
            key: DamagedPartitionError(table, key, f"{folder.path}/{path}", reason)
            for key, (path, reason) in found.items()
        }

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        stored = self._provenance(table, self._read(table))
        dropped = [key for key in stored if key in set(keys)]
        if dropped:
            with translate_errors("write", self._folder(table), UNTOUCHED):
                commit(
                    lambda: self._existing(table),
                    dropped,
                    [],
                    lambda v: [dropped_action(key, v) for key in dropped],
                )

    def remove(self, table: Table) -> None:
        self.drop(table, list(self.describe(table)))
        with translate_errors("remove", self._folder(table)):
            self._folder(table).remove(f"{table.partitioning.partition_column}=")
        (self._tables or {}).pop(self.uri(table), None)

    def versions(self, table: Table) -> list[Version]:
        """The versions of a table that can still be read, oldest first.

        Args:
            table: The table.
        """
        with translate_errors("read", self._folder(table)):
            return history.versions(self._folder(table))

    def statistics(self, table: Table) -> dict[str, int]:
        """Sums up the newest version of a table, from its log.

        Args:
            table: The table.

        Returns:
            ``rows``, ``bytes`` (compressed), ``files`` (data files) and ``version``.

        Raises:
            UserError: Nothing of the table is stored.
        """
        return data_files.statistics(self._existing(table), table.partitioning.partition_column)

    def maintain(self, table: Table, retain_hours: float = 168) -> dict[str, int]:
        """Orders new partitions by the table's clustering, and removes files of old versions.

        Args:
            table: The table.
            retain_hours: Age in hours up to which versions can still be read. Files of a write
                that takes longer are lost, so it must exceed the duration of the longest write.

        Returns:
            Files and compressed bytes before and after, rewritten partitions, removed files and
            the new version.

        Raises:
            DamagedPartitionError: A partition is damaged; nothing is changed.
            UserError: Nothing of the table is stored, or it cannot be written.
        """
        folder, before = self._folder(table), self.statistics(table)
        # Rewritten rows would get a sound file.
        refuse_damaged(self, table, list(self.describe(table)))
        with translate_errors("maintain", folder, UNTOUCHED):
            slices = maintenance.optimize(self._existing(table), table)
            removed = maintenance.vacuum(self._existing(table), folder, retain_hours)
        after = self.statistics(table)
        counted = ("files", "bytes")
        return {
            "slices_optimized": slices,
            **{f"{name}_before": before[name] for name in counted},
            **{f"{name}_after": after[name] for name in counted},
            "files_removed": removed,
            "version": after["version"],
        }

    def _folder(self, table: Table) -> Folder:
        return Folder(self.root, (table.domain, table.name))

    def _prepare(self, folder: Folder, table: Table) -> DeltaTable:
        """The table with the right columns, before any file of a partition is written."""
        return ensure_table(self._open(folder), folder, table)

    def _open(self, folder: Folder, version: int | None = None) -> DeltaTable | None:
        if self._tables is not None and version is None and folder.path in self._tables:
            self._tables[folder.path].update_incremental()
            return self._tables[folder.path]
        delta = open_table(folder, version)
        if delta is not None:
            refuse_empty_commits(folder)
            if self._tables is not None and version is None:
                self._tables[folder.path] = delta
        return delta

    def _read(self, table: Table, version: int | None = None) -> DeltaTable | None:
        """The Delta table, or None; ``UserError`` where it, or the version, cannot be read."""
        folder = self._folder(table)
        with translate_errors("read", folder):
            if version is not None:
                history.refuse_unreadable(folder, table.path, version)
            delta = self._open(folder, version)
            if delta is not None:
                refuse_unknown_features(delta, folder)
        return delta

    def _existing(self, table: Table) -> DeltaTable:
        delta = self._read(table)
        if delta is None:
            remedy = f"run `synth materialize {table.path}` first"
            raise NotStoredError(
                f"nothing of {table.path} is stored at {self.uri(table)}: {remedy}"
            )
        return delta

    def _provenance(self, table: Table, delta: DeltaTable | None) -> dict[str, Provenance]:
        """The provenance of each stored partition, including those that another writer added."""
        if delta is None:
            return {}
        with translate_errors("read", self._folder(table)):
            known = read_provenance(self._folder(table), delta.version())
        keys = data_files.files_in(delta, table.partitioning.partition_column)["key"].unique()
        return {key: known.get(key, FOREIGN) for key in sorted({*known, *keys})}

    def _stats(
        self, table: Table, key: str, provenance: Provenance, size: Size, schema: pl.Schema
    ) -> PartitionStats:
        return PartitionStats(
            key=key,
            rows=size.rows,
            bytes=size.bytes,
            uri=self.uri(table),
            fingerprint=provenance.fingerprint,
            code_version=provenance.code_version,
            schema=schema,
            details={"version": provenance.version, "files": size.files},
        )
