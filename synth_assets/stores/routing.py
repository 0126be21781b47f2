"""Which table is in which store: one setting, for all tables, for a domain, or for a table.

``parquet,jaffle=postgres,jaffle/raw_orders_training=delta`` stores one table in Delta Lake, the
rest of its domain in PostgreSQL and everything else in Parquet files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.model import Table
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.stores import KINDS
from synth_assets.stores.relocated import store_for
from synth_assets.stores.store import DamagedPartitionError, Store

DEFAULT_KIND = "parquet"


@dataclass(frozen=True)
class Routes:
    """The default kind of store, and the kinds of domains and tables that override it.

    Attributes:
        default: The kind of every table without an override.
        overrides: Kinds by ``domain`` or ``domain/table``; the table takes precedence.
    """

    default: str = DEFAULT_KIND
    overrides: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Routes:
        """Parses the routes of a setting.

        Args:
            text: ``kind,domain=kind,domain/table=kind``, in any order; empty for the default.

        Raises:
            UserError: A part names no kind, or repeats the default or an override.
        """
        default: list[str] = []
        overrides: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, equals, kind = (word.strip() for word in part.rpartition("="))
            if kind not in KINDS:
                raise UserError(f"{part!r}: must be one of {', '.join(KINDS)}")
            if not equals and default:
                raise UserError(f"{default[0]!r} and {kind!r}: there is one store for the rest")
            if name in overrides:
                raise UserError(f"{part!r}: {name} has a store already, {overrides[name]}")
            if equals:
                overrides[name] = kind
            else:
                default.append(kind)
        return cls(default[0] if default else DEFAULT_KIND, overrides)

    def kind_of(self, table: Table) -> str:
        """The kind of store of a table.

        Args:
            table: The table; its own ``store``, if set, takes precedence over every route.
        """
        if table.store is not None:
            return table.store
        by_domain = self.overrides.get(table.domain, self.default)
        return self.overrides.get(table.path, by_domain)

    def refuse_unknown(self, tables: Iterable[Table]) -> None:
        """Checks that every override names a domain or a table.

        Args:
            tables: All tables; those with a ``store`` of their own cannot be overridden.

        Raises:
            UnknownNameError: An override names neither.
        """
        tables = [table for table in tables if table.store is None]
        known = [*dict.fromkeys(t.domain for t in tables), *(t.path for t in tables)]
        for name in self.overrides:
            if name not in known:
                raise UnknownNameError("domain or table in SYNTH_STORE", name, known)


class Stores:
    """The stores of all tables; it is also a reader of all of them.

    Args:
        routes: The kind of store of each table.
        open_: Opens the store of a kind; called once per kind, when the store is first needed.
    """

    def __init__(self, routes: Routes, open_: Callable[[str], Store]) -> None:
        self.routes = routes
        self._open = cache(open_)

    @classmethod
    def only(cls, store: Store) -> Stores:
        """Keeps every table in one store.

        Args:
            store: The store.
        """
        return cls(Routes(store.kind), lambda kind: store)

    def of(self, table: Table) -> Store:
        """The store of a table.

        Args:
            table: The table.

        Returns:
            The store, which takes the table's ``location`` into account.
        """
        return store_for(table, self.of_kind(self.routes.kind_of(table)))

    def of_kind(self, kind: str) -> Store:
        """The store of a kind, as it is, without regard to any table's ``location``.

        Args:
            kind: Name of the kind.
        """
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

    def damaged(self, table: Table, keys: Sequence[str]) -> dict[str, DamagedPartitionError]:
        """See ``Store``."""
        return self.of(table).damaged(table, keys)
