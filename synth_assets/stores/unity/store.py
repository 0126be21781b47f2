"""The store: the Delta store's tables under one root, each registered in the catalog.

Whether the account may write is asked first; then the table's first commit is made, which has
no rows, and registered; rows follow. So whatever fails, no rows lie where the catalog does not
know of them, and doing it again goes on. Reading needs no catalog.
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
from synth_assets.stores.delta.folder import Folder
from synth_assets.stores.delta.provenance import Provenance
from synth_assets.stores.delta.store import DeltaStore, Size
from synth_assets.stores.unity.entries import register
from synth_assets.stores.unity.grants import refuse_missing_permissions, verify_catalog_permissions
from synth_assets.stores.unity.names import Place, place_of, split_location
from synth_assets.stores.unity.service import connect


class UnityStore(DeltaStore):
    """Partitions in external Delta tables of a catalog; location ``catalog.prefix_@root``."""

    kind = "unity"

    def __init__(self, location: str, client: Callable[[], WorkspaceClient] = connect) -> None:
        self.catalog, self.prefix, root = split_location(location)
        super().__init__(root)
        self._connect = client
        self._client: WorkspaceClient | None = None
        # Schemas that may be written to and tables that are registered, while the store is open.
        self._seen: set[str] | None = None

    @property
    def location(self) -> str:
        prefix = f".{self.prefix}" if self.prefix else ""
        return f"{self.catalog}{prefix}@{self.root}"

    @contextmanager
    def opened(self) -> Iterator[None]:
        before, self._seen = self._seen, set()
        try:
            with super().opened():
                yield
        finally:
            self._seen = before

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        if set(keys) & set(self.describe(table)):
            self._admit(self.place(table))
            super().drop(table, keys)

    def place(self, table: Table) -> Place:
        """The table's name in the catalog."""
        return place_of(table, self.catalog, self.prefix)

    def _folder(self, table: Table) -> Folder:
        place = self.place(table)
        return Folder(self.root, (place.schema, place.table))

    def _prepare(self, folder: Folder, table: Table) -> DeltaTable:
        place = self.place(table)
        self._admit(place)
        delta = super()._prepare(folder, table)
        known = f"{place.path} {delta.schema().to_json()}"
        if known not in (self._seen or ()):
            register(self._workspace(), place, table, delta, folder)
            self._remember(known)
        return delta

    def _admit(self, place: Place) -> None:
        schema = f"{place.catalog}.{place.schema}"
        if schema not in (self._seen or ()):
            _, missing = verify_catalog_permissions(
                place.catalog, place.schema, root=self.root, client=self._workspace()
            )
            refuse_missing_permissions(missing)
            self._remember(schema)

    def _remember(self, name: str) -> None:
        if self._seen is not None:
            self._seen.add(name)

    def _workspace(self) -> WorkspaceClient:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _stats(
        self, table: Table, key: str, provenance: Provenance, size: Size, schema: pl.Schema
    ) -> PartitionStats:
        stats = super()._stats(table, key, provenance, size, schema)
        return changed(stats, details={**stats.details, "table": self.place(table).path})
