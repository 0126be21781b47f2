"""The store: the Delta store's tables under one root, each registered in the catalog.

A write verifies permissions first, then makes the table's first commit, which has no rows, and
registers the table; rows follow. So the catalog knows every table that has rows, whatever fails,
and a failed write can be repeated. Reading does not need the catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace as changed

import polars as pl
from databricks.sdk import WorkspaceClient
from deltalake import DeltaTable

from synth_assets.core.model import Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.stores.delta.data_files import Size
from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.delta.provenance import Provenance
from synth_assets.stores.delta.store import DeltaStore
from synth_assets.stores.unity.entries import register, unregister
from synth_assets.stores.unity.grants import refuse_missing_permissions, verify_catalog_permissions
from synth_assets.stores.unity.names import TableName, split_location, table_name
from synth_assets.stores.unity.workspace import connect


class UnityStore(DeltaStore):
    """Partitions in external Delta tables of a catalog.

    Args:
        location: ``catalog@root`` or ``catalog.prefix_@root``.
        client: Connects to the workspace; called when it is first needed.
    """

    kind = "unity"

    def __init__(self, location: str, client: Callable[[], WorkspaceClient] = connect) -> None:
        self.catalog, self.prefix, root = split_location(location)
        super().__init__(root)
        self._connect = client
        self._client: WorkspaceClient | None = None
        # Verified schemas and registered tables, while the store is open.
        self._verified: set[str] | None = None

    @property
    def location(self) -> str:
        prefix = f".{self.prefix}" if self.prefix else ""
        return f"{self.catalog}{prefix}@{self.root}"

    @contextmanager
    def opened(self) -> Iterator[None]:
        before, self._verified = self._verified, set()
        try:
            with super().opened():
                yield
        finally:
            self._verified = before

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        if set(keys) & set(self.describe(table)):
            self._verify(self.table_name(table))
            super().drop(table, keys)

    def remove(self, table: Table) -> None:
        name = self.table_name(table)
        if self._read(table) is not None:
            self._verify(name)
            unregister(self._workspace(), name, self._folder(table))
            if self._verified is not None:
                self._verified = {v for v in self._verified if not v.startswith(f"{name.path} ")}
            super().remove(table)

    def table_name(self, table: Table) -> TableName:
        """The table's name in the catalog.

        Args:
            table: The table.
        """
        return table_name(table, self.catalog, self.prefix)

    def _folder(self, table: Table) -> Folder:
        name = self.table_name(table)
        return Folder(self.root, (name.schema, name.table))

    def _prepare(self, folder: Folder, table: Table) -> DeltaTable:
        name = self.table_name(table)
        self._verify(name)
        delta = super()._prepare(folder, table)
        entry = f"{name.path} {delta.schema().to_json()}"
        if entry not in (self._verified or ()):
            register(self._workspace(), name, table, delta, folder)
            self._remember(entry)
        return delta

    def _verify(self, name: TableName) -> None:
        schema = f"{name.catalog}.{name.schema}"
        if schema not in (self._verified or ()):
            _, missing = verify_catalog_permissions(
                name.catalog, name.schema, root=self.root, client=self._workspace()
            )
            refuse_missing_permissions(missing)
            self._remember(schema)

    def _remember(self, verified: str) -> None:
        if self._verified is not None:
            self._verified.add(verified)

    def _workspace(self) -> WorkspaceClient:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _stats(
        self, table: Table, key: str, provenance: Provenance, size: Size, schema: pl.Schema
    ) -> PartitionStats:
        stats = super()._stats(table, key, provenance, size, schema)
        return changed(stats, details={**stats.details, "table": self.table_name(table).path})
