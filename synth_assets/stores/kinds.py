"""The kinds of store, each with all that is to be known of it before one is opened.

A new kind is its module and one ``register`` here. What Dagster's own connections are for some of
them is in ``orchestration``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from synth_assets.core.errors import UnknownNameError

if TYPE_CHECKING:
    from synth_assets.stores.store import Store

# Gives a variable's value, or None.
Lookup = Callable[[str], str | None]


def _as_named(where: str, lookup: Lookup) -> str:
    return where


@dataclass(frozen=True)
class StoreKind:
    """What is to be known of a kind of store.

    Attributes:
        name: As ``SYNTH_STORE`` and the UI have it.
        cls: Its class, as ``module:Class``; imported when a store is opened, since the clients of
            warehouses take a while.
        variable: The environment variable of its location.
        warehouse: The dbt target that builds models of its tables.
        at_home: Its location under SYNTH_HOME where the variable is not set; None if it must be.
        path: ``local`` for a path on this machine, ``any`` for a path or URL, None for neither.
        read_as: How DuckDB reads its tables when it builds models: ``lake`` for Parquet in Hive
            folders, ``delta``, ``duckdb`` for a file that is attached; None where the warehouse
            holds the tables itself.
        further: Further variables of its location, which ``locate`` reads.
        locate: The location from the variable's value and ``further`` ones.
    """

    name: str
    cls: str
    variable: str
    warehouse: str = "duckdb"
    at_home: str | None = None
    path: Literal["local", "any"] | None = None
    read_as: Literal["lake", "delta", "duckdb"] | None = None
    further: tuple[str, ...] = ()
    locate: Callable[[str, Lookup], str] = _as_named

    def open(self, location: str, **options: Any) -> Store:
        """The store of this kind at a location."""
        module, _, name = self.cls.partition(":")
        return getattr(import_module(module), name)(location, **options)  # type: ignore[no-any-return]


KINDS: dict[str, StoreKind] = {}


def register(kind: StoreKind) -> None:
    """Makes a kind known by its name."""
    KINDS[kind.name] = kind


def kind_named(name: str) -> StoreKind:
    """The kind of a name; an error that lists those there are."""
    if name not in KINDS:
        raise UnknownNameError("store", name, list(KINDS))
    return KINDS[name]


def open_store(kind: str, location: str, **options: Any) -> Store:
    """The store of a kind at its location: a folder, file, URL or project, as its class says."""
    return kind_named(kind).open(location, **options)


def _with_prefix(where: str, lookup: Lookup) -> str:
    """``project.prefix``, or the project alone."""
    prefix = lookup("SYNTH_BIGQUERY_PREFIX")
    return f"{where}.{prefix}" if prefix else where


def _with_root(where: str, lookup: Lookup) -> str:
    """``catalog.prefix@root``: the tables' files are under the root."""
    prefix = lookup("SYNTH_UNITY_PREFIX")
    return f"{where}{f'.{prefix}' if prefix else ''}@{lookup('SYNTH_UNITY_ROOT') or ''}"


for _kind in (
    StoreKind(
        "parquet",
        "synth_assets.stores.parquet:ParquetStore",
        "SYNTH_LAKE",
        at_home="lake",
        path="any",
        read_as="lake",
    ),
    StoreKind(
        "duckdb",
        "synth_assets.stores.duckdb:DuckDBStore",
        "SYNTH_DUCKDB",
        at_home="store.duckdb",
        path="local",
        read_as="duckdb",
    ),
    StoreKind(
        "postgres",
        "synth_assets.stores.postgres:PostgresStore",
        "SYNTH_POSTGRES_URL",
        warehouse="postgres",
        at_home="postgres",
        path="any",
    ),
    StoreKind(
        "bigquery",
        "synth_assets.stores.bigquery:BigQueryStore",
        "SYNTH_BIGQUERY_PROJECT",
        warehouse="bigquery",
        further=("SYNTH_BIGQUERY_PREFIX", "SYNTH_BIGQUERY_PARTIES", "SYNTH_BIGQUERY_LOCATION"),
        locate=_with_prefix,
    ),
    StoreKind(
        "delta",
        "synth_assets.stores.delta:DeltaStore",
        "SYNTH_DELTA",
        at_home="delta",
        path="any",
        read_as="delta",
    ),
    StoreKind(
        "unity",
        "synth_assets.stores.unity:UnityStore",
        "SYNTH_UNITY_CATALOG",
        read_as="delta",
        further=("SYNTH_UNITY_PREFIX", "SYNTH_UNITY_ROOT"),
        locate=_with_root,
    ),
):
    register(_kind)
