"""The kinds of store, each with all that is known of it before a store is opened.

A new kind needs its module and one ``register`` here. Dagster's connections to some of them are in
``orchestration``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from synth_assets.core.errors import UnknownNameError

if TYPE_CHECKING:
    from synth_assets.stores.store import Store

# Returns the value of an environment variable, or None.
Lookup = Callable[[str], str | None]


def _unchanged(value: str, lookup: Lookup) -> str:
    return value


@dataclass(frozen=True)
class StoreKind:
    """A kind of store.

    Attributes:
        name: Its name in ``SYNTH_STORE`` and in the UI.
        cls: Its class, as ``module:Class``; imported when a store is opened, since importing the
            clients of warehouses is slow.
        variable: The environment variable of its location.
        warehouse: The dbt target that builds models of its tables.
        default_location: Its location below SYNTH_HOME where the variable is not set; None if the
            variable is required.
        path: What the location is: ``local`` for a path on this machine, ``any`` for a path or
            URL, None for neither.
        read_as: How DuckDB reads its tables when it builds models: ``lake`` for Parquet in Hive
            folders, ``delta``, ``duckdb`` for an attached file; None where the warehouse itself
            holds the tables, or where DuckDB cannot read them and they have no models.
        enforces_keys: Whether it refuses a row without its parent, so that partitions whose rows
            refer to each other cannot be made in any order.
        other_variables: Other environment variables that its location depends on.
        locate: Computes the location from the variable's value and a lookup of other variables.
    """

    name: str
    cls: str
    variable: str
    warehouse: str = "duckdb"
    default_location: str | None = None
    path: Literal["local", "any"] | None = None
    read_as: Literal["lake", "delta", "duckdb"] | None = None
    enforces_keys: bool = False
    other_variables: tuple[str, ...] = ()
    locate: Callable[[str, Lookup], str] = _unchanged

    def open(self, location: str, **options: Any) -> Store:
        """Opens the store of this kind at a location.

        Args:
            location: A folder, file, URL or project, as the class expects it.
            options: Further arguments of the class.
        """
        module, _, name = self.cls.partition(":")
        return getattr(import_module(module), name)(location, **options)  # type: ignore[no-any-return]


KINDS: dict[str, StoreKind] = {}


def register(kind: StoreKind) -> None:
    """Adds a kind to ``KINDS``.

    Args:
        kind: The kind; it replaces another one of its name.
    """
    KINDS[kind.name] = kind


def kind_named(name: str) -> StoreKind:
    """Looks up a kind.

    Args:
        name: Its name.

    Raises:
        UnknownNameError: There is no such kind.
    """
    if name not in KINDS:
        raise UnknownNameError("store", name, list(KINDS))
    return KINDS[name]


def open_store(kind: str, location: str, **options: Any) -> Store:
    """Opens the store of a kind at a location.

    Args:
        kind: Name of the kind.
        location: A folder, file, URL or project, as the kind expects it.
        options: Further arguments of the store's class.

    Raises:
        UnknownNameError: There is no such kind.
    """
    return kind_named(kind).open(location, **options)


def _with_prefix(project: str, lookup: Lookup) -> str:
    """``project.prefix``, or ``project`` where no prefix is set."""
    prefix = lookup("SYNTH_BIGQUERY_PREFIX")
    return f"{project}.{prefix}" if prefix else project


def _with_root(catalog: str, lookup: Lookup) -> str:
    """``catalog.prefix@root``; the files of the tables are below the root."""
    prefix = lookup("SYNTH_UNITY_PREFIX")
    return f"{catalog}{f'.{prefix}' if prefix else ''}@{lookup('SYNTH_UNITY_ROOT') or ''}"


for _kind in (
    StoreKind(
        "parquet",
        "synth_assets.stores.parquet:ParquetStore",
        "SYNTH_LAKE",
        default_location="lake",
        path="any",
        read_as="lake",
    ),
    StoreKind(
        "duckdb",
        "synth_assets.stores.duckdb:DuckDBStore",
        "SYNTH_DUCKDB",
        default_location="store.duckdb",
        path="local",
        read_as="duckdb",
    ),
    StoreKind(
        "postgres",
        "synth_assets.stores.postgres:PostgresStore",
        "SYNTH_POSTGRES_URL",
        warehouse="postgres",
        default_location="postgres",
        path="any",
        enforces_keys=True,
    ),
    StoreKind(
        "bigquery",
        "synth_assets.stores.bigquery:BigQueryStore",
        "SYNTH_BIGQUERY_PROJECT",
        warehouse="bigquery",
        other_variables=(
            "SYNTH_BIGQUERY_PREFIX",
            "SYNTH_BIGQUERY_PARTIES",
            "SYNTH_BIGQUERY_LOCATION",
        ),
        locate=_with_prefix,
    ),
    StoreKind(
        "delta",
        "synth_assets.stores.delta:DeltaStore",
        "SYNTH_DELTA",
        default_location="delta",
        path="any",
        read_as="delta",
    ),
    StoreKind(
        "unity",
        "synth_assets.stores.unity:UnityStore",
        "SYNTH_UNITY_CATALOG",
        read_as="delta",
        other_variables=("SYNTH_UNITY_PREFIX", "SYNTH_UNITY_ROOT"),
        locate=_with_root,
    ),
):
    register(_kind)
