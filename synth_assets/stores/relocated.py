"""Tables with a ``TableLocation``, read and written like any other table.

The stores hold the physical tables: in another schema, or one per partition. The wrappers here
translate keys, partition column and errors of the physical tables to those of the declared table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.partitioning import WHOLE_KEY, Unpartitioned
from synth_assets.core.schema import polars_schema
from synth_assets.core.stored_tables import partition_table, relocated
from synth_assets.stores.store import (
    ChangedColumnsError,
    DamagedPartitionError,
    MissingPartitionError,
    Store,
    refuse_missing,
)


def store_for(table: Table, store: Store) -> Store:
    """Wraps a store for tables that have a ``TableLocation``.

    Args:
        table: The table to read or write.
        store: The store that holds it.

    Returns:
        The store itself for a table without a location.
    """
    if table.location is None:
        return store
    return PerPartitionStore(store) if table.one_table_per_partition else RelocatedStore(store)


class _Wrapper:
    """What both wrappers pass on unchanged."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def kind(self) -> str:
        return self.store.kind

    @property
    def location(self) -> str:
        return self.store.location

    def opened(self) -> AbstractContextManager[None]:
        return self.store.opened()


class RelocatedStore(_Wrapper):
    """A store of tables in a schema other than their domain's."""

    def uri(self, table: Table) -> str:
        return self.store.uri(relocated(table))

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        with _errors_of(table):
            return self.store.replace(relocated(table), key, frame, fingerprint)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        with _errors_of(table):
            return self.store.scan(relocated(table), keys)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        with _errors_of(table):
            return self.store.describe(relocated(table), without)

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        found = self.store.damaged(relocated(table), keys)
        return {key: error.of(table, key) for key, error in found.items()}

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        self.store.drop(relocated(table), keys)

    def remove(self, table: Table) -> None:
        self.store.remove(relocated(table))


class PerPartitionStore(_Wrapper):
    """A store of tables that have one physical table per partition."""

    def uri(self, table: Table) -> str:
        """The URI of the first partition, which represents all of them."""
        return self.store.uri(partition_table(table, _keys(table)[0]))

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        with _errors_of(table, key):
            stats = self.store.replace(partition_table(table, key), WHOLE_KEY, frame, fingerprint)
        return replace(stats, key=key)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        stored = self.describe(table)
        requested = list(stored) if keys is None else list(keys)
        refuse_missing(table, requested, stored, self.uri(table))
        partition_column = table.partitioning.partition_column
        empty = pl.LazyFrame(schema={**polars_schema(table.schema), partition_column: pl.String()})
        return pl.concat([empty, *(self._partition(table, key) for key in requested)])

    def _partition(self, table: Table, key: str) -> pl.LazyFrame:
        with _errors_of(table, key):
            rows = self.store.scan(partition_table(table, key), [WHOLE_KEY]).drop(
                Unpartitioned.partition_column
            )
        return rows.with_columns(
            pl.lit(key, dtype=pl.String).alias(table.partitioning.partition_column)
        )

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        partition_stats: dict[str, PartitionStats] = {}
        for key in _keys(table):
            if key not in without:
                with _errors_of(table, key):
                    found = self.store.describe(partition_table(table, key)).get(WHOLE_KEY)
                partition_stats |= {key: replace(found, key=key)} if found else {}
        return partition_stats

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        return {
            key: error.of(table, key)
            for key in keys
            for error in self.store.damaged(partition_table(table, key), [WHOLE_KEY]).values()
        }

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        for key in keys:
            self.store.drop(partition_table(table, key), [WHOLE_KEY])

    def remove(self, table: Table) -> None:
        for key in _keys(table):
            self.store.remove(partition_table(table, key))


def _keys(table: Table) -> list[str]:
    assert table.location is not None
    return list(table.location.suffixes or ())


@contextmanager
def _errors_of(table: Table, key: str | None = None) -> Iterator[None]:
    """Translates errors about a physical table to errors about the declared table.

    ``key`` is the key of the partition that the physical table holds, if it holds one.
    """
    try:
        yield
    except DamagedPartitionError as error:
        raise error.of(table, key or error.key) from None
    except ChangedColumnsError as error:
        raise ChangedColumnsError(table, error.changed) from None
    except MissingPartitionError as error:
        raise MissingPartitionError(table, error.keys, error.where) from None
