"""Tables that lie where a ``Placement`` says: any store, seen as if they lay as tables usually do.

A store knows the tables of a ``Placement`` alone; whoever reads and writes the table goes
through here and meets keys, a partition column and errors that speak of the table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import polars as pl

from synth_assets.generation.schema import polars_schema
from synth_assets.generation.slicing import WHOLE_KEY, Whole
from synth_assets.generation.stored import Receipt
from synth_assets.generation.table import Table
from synth_assets.stores.store import (
    ChangedColumnsError,
    DamagedSliceError,
    MissingSliceError,
    Store,
    refuse_missing,
)


def store_for(table: Table, store: Store) -> Store:
    """The store, as a table has to use it."""
    if table.placement is None:
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

    def replace(self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str) -> Receipt:
        with _named(table):
            return self.store.replace(table.moved(), key, frame, fingerprint)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        with _named(table):
            return self.store.scan(table.moved(), keys)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, Receipt]:
        with _named(table):
            return self.store.describe(table.moved(), without)

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        self.store.drop(table.moved(), keys)


class Apart(Elsewhere):
    """A store for tables whose slices lie apart."""

    def uri(self, table: Table) -> str:
        """Where the first slice lies, for all of them."""
        return self.store.uri(table.placed(_keys(table)[0]))

    def replace(self, table: Table, key: str, frame: pl.LazyFrame, fingerprint: str) -> Receipt:
        with _named(table, key):
            made = self.store.replace(table.placed(key), WHOLE_KEY, frame, fingerprint)
        return replace(made, key=key)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        stored = self.describe(table)
        wanted = list(stored) if keys is None else list(keys)
        refuse_missing(table, wanted, stored, self.uri(table))
        axis = table.slicing.axis
        empty = pl.LazyFrame(schema={**polars_schema(table.schema), axis: pl.String()})
        return pl.concat([empty, *(self._slice(table, key) for key in wanted)])

    def _slice(self, table: Table, key: str) -> pl.LazyFrame:
        with _named(table, key):
            rows = self.store.scan(table.placed(key), [WHOLE_KEY]).drop(Whole.axis)
        return rows.with_columns(pl.lit(key, dtype=pl.String).alias(table.slicing.axis))

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, Receipt]:
        receipts: dict[str, Receipt] = {}
        for key in _keys(table):
            if key not in without:
                with _named(table, key):
                    found = self.store.describe(table.placed(key)).get(WHOLE_KEY)
                receipts |= {key: replace(found, key=key)} if found else {}
        return receipts

    def drop(self, table: Table, keys: Sequence[str]) -> None:
        for key in keys:
            self.store.drop(table.placed(key), [WHOLE_KEY])


def _keys(table: Table) -> list[str]:
    assert table.placement is not None
    return list(table.placement.suffixes or ())


@contextmanager
def _named(table: Table, key: str | None = None) -> Iterator[None]:
    """Errors of the table that lies in the store as errors of the table itself.

    ``key`` is that of the slice which the table in the store is by itself.
    """
    try:
        yield
    except DamagedSliceError as error:
        raise DamagedSliceError(table, key or error.key, error.where, error.reason) from None
    except ChangedColumnsError as error:
        raise ChangedColumnsError(table, error.changed) from None
    except MissingSliceError as error:
        raise MissingSliceError(table, error.keys, error.where) from None
