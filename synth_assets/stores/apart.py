"""Tables stored where a ``TableLocation`` says, read and written as if they were stored as usual.

A store knows the tables of a ``TableLocation`` alone; whoever reads and writes the table goes
through here and meets keys, a partition column and errors that speak of the table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import polars as pl

from synth_assets.core.model import PartitionStats, Table
from synth_assets.core.partitioning import WHOLE_KEY, Unpartitioned
from synth_assets.core.schema import polars_schema
from synth_assets.stores.store import (
    ChangedColumnsError,
    DamagedPartitionError,
    MissingPartitionError,
    Store,
    refuse_missing,
)


def store_for(table: Table, store: Store) -> Store:
    """The store, as a table has to use it."""
    if table.location is None:
        return store
    return Apart(store) if table.apart else Moved(store)


class Elsewhere:
    """A store for tables that lie elsewhere than by their domain's name."""

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


class Moved(Elsewhere):
    """A store for tables in a schema that is not their domain's."""

    def uri(self, table: Table) -> str:
        return self.store.uri(table.moved())

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        with _named(table):
            return self.store.replace(table.moved(), key, frame, fingerprint)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        with _named(table):
            return self.store.scan(table.moved(), keys)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        with _named(table):
            return self.store.describe(table.moved(), without)

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        self.store.drop(table.moved(), keys)


class Apart(Elsewhere):
    """A store for tables whose partitions lie apart."""

    def uri(self, table: Table) -> str:
        """Where the first partition lies, for all of them."""
        return self.store.uri(table.placed(_keys(table)[0]))

    def replace(
        self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str
    ) -> PartitionStats:
        with _named(table, key):
            made = self.store.replace(table.placed(key), WHOLE_KEY, frame, fingerprint)
        return replace(made, key=key)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        stored = self.describe(table)
        wanted = list(stored) if keys is None else list(keys)
        refuse_missing(table, wanted, stored, self.uri(table))
        partition_column = table.partitioning.partition_column
        empty = pl.LazyFrame(schema={**polars_schema(table.schema), partition_column: pl.String()})
        return pl.concat([empty, *(self._slice(table, key) for key in wanted)])

    def _slice(self, table: Table, key: str) -> pl.LazyFrame:
        with _named(table, key):
            rows = self.store.scan(table.placed(key), [WHOLE_KEY]).drop(
                Unpartitioned.partition_column
            )
        return rows.with_columns(
            pl.lit(key, dtype=pl.String).alias(table.partitioning.partition_column)
        )

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        partition_stats: dict[str, PartitionStats] = {}
        for key in _keys(table):
            if key not in without:
                with _named(table, key):
                    found = self.store.describe(table.placed(key)).get(WHOLE_KEY)
                partition_stats |= {key: replace(found, key=key)} if found else {}
        return partition_stats

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        for key in keys:
            self.store.drop(table.placed(key), [WHOLE_KEY])


def _keys(table: Table) -> list[str]:
    assert table.location is not None
    return list(table.location.suffixes or ())


@contextmanager
def _named(table: Table, key: str | None = None) -> Iterator[None]:
    """Errors of the table that lies in the store as errors of the table itself.

    ``key`` is that of the partition which the table in the store is by itself.
    """
    try:
        yield
    except DamagedPartitionError as error:
        raise DamagedPartitionError(table, key or error.key, error.where, error.reason) from None
    except ChangedColumnsError as error:
        raise ChangedColumnsError(table, error.changed) from None
    except MissingPartitionError as error:
        raise MissingPartitionError(table, error.keys, error.where) from None
