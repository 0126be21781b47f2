"""Which table lands in which store: one setting, for all, for a domain, or for a table.

``parquet,jaffle=postgres,jaffle/raw_orders_training=delta`` sends one table to Delta Lake, the
rest of its domain to PostgreSQL and everything else to the lake.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.model import PartitionStats, Table
from synth_assets.stores import KINDS
from synth_assets.stores.apart import store_for
from synth_assets.stores.store import Store

DEFAULT_KIND = "parquet"


@dataclass(frozen=True)
class Routes:
    """The kind of store for everything, and those of domains and tables that differ."""

    default: str = DEFAULT_KIND
    others: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Routes:
        """Reads ``kind,domain=kind,domain/table=kind``; ``UserError`` says which part is wrong."""
        default: list[str] = []
        others: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, equals, kind = (word.strip() for word in part.rpartition("="))
            if kind not in KINDS:
                raise UserError(f"{part!r}: must be one of {', '.join(KINDS)}")
            if not equals and default:
                raise UserError(f"{default[0]!r} and {kind!r}: there is one store for the rest")
            if name in others:
                raise UserError(f"{part!r}: {name} has a store already, {others[name]}")
            if equals:
                others[name] = kind
            else:
                default.append(kind)
        return cls(default[0] if default else DEFAULT_KIND, others)

    def kind_of(self, table: Table) -> str:
        """The kind of store that a table lands in: its own, or that of the narrowest route."""
        if table.store is not None:
            return table.store
        by_domain = self.others.get(table.domain, self.default)
        return self.others.get(table.path, by_domain)

    def refuse_unknown(self, tables: Iterable[Table]) -> None:
        """``UserError`` for a route of a domain or table that there is not."""
        tables = [table for table in tables if table.store is None]
        known = [*dict.fromkeys(t.domain for t in tables), *(t.path for t in tables)]
        for name in self.others:
            if name not in known:
                raise UnknownNameError("domain or table in SYNTH_STORE", name, known)


class Stores:
    """The stores of all tables, each opened when the first of its tables is asked for.

    As a reader it reads every table where that lies.
    """

    def __init__(self, routes: Routes, open_: Callable[[str], Store]) -> None:
        self.routes = routes
        self._open = cache(open_)

    @classmethod
    def only(cls, store: Store) -> Stores:
        """One store for every table."""
        return cls(Routes(store.kind), lambda kind: store)

    def of(self, table: Table) -> Store:
        """The store that a table lands in."""
        return store_for(table, self.of_kind(self.routes.kind_of(table)))

    def of_kind(self, kind: str) -> Store:
        """The store of a kind, whatever tables land in it."""
        return self._open(kind)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        """See ``Reader``."""
        return self.of(table).scan(table, keys)

    def uri(self, table: Table) -> str:
        """See ``Reader``."""
        return self.of(table).uri(table)

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        """See ``Reader``."""
        return self.of(table).describe(table, without)
