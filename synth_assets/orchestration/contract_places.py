"""Where a stored table is, in the terms of a data contract: one function for each kind of store.

A kind of store that is registered from outside has no entry here, and is described by its URI.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import polars as pl
from open_data_contract_standard.model import Server

from synth_assets.contracts.place import Place
from synth_assets.core.model import Table
from synth_assets.core.schema import quoted, sql_type
from synth_assets.core.stored_tables import stored_tables
from synth_assets.stores import Store
from synth_assets.stores.routing import Stores

# Types of servers by the scheme of an object store's URL; a path has none.
OBJECT_STORES = {"s3": "s3", "s3a": "s3", "gs": "gcs", "az": "azure", "abfss": "azure"}
POSTGRES_PORT = 5432
# As the store shows it, without secrets. The host may be the folder of a socket file.
POSTGRES_URL = re.compile(r"postgresql://(?P<host>.*?)(?::(?P<port>\d+))?/(?P<database>[^/]*)")


def place_of(stores: Stores, table: Table) -> Place:
    """The place of a table.

    Args:
        stores: The stores of all tables.
        table: The table; it need not be stored yet.
    """
    kind = stores.routes.kind_of(table)
    return PLACES.get(kind, _other)(stores.of_kind(kind), stored_tables(table)[0])


def _parquet(store: Store, stored: Table) -> Place:
    def relation(table: Table) -> str:
        return f"read_parquet('{store.uri(table)}/*/data.parquet', hive_partitioning = true)"

    location = f"{store.location}/{stored.domain}/{{model}}/*/data.parquet"
    return Place(_files("lake", location, "parquet"), sql_type, relation)


def _delta(store: Store, stored: Table) -> Place:
    def relation(table: Table) -> str:
        return f"delta_scan('{store.uri(table)}')"

    location = f"{store.location}/{stored.domain}/{{model}}"
    return Place(_files("delta", location, "delta"), sql_type, relation)


def _files(name: str, location: str, file_format: str) -> Server:
    kind = OBJECT_STORES.get(urlsplit(location).scheme)
    if kind is None:
        return Server(server=name, type="local", path=location, format=file_format)
    return Server(server=name, type=kind, location=location, format=file_format)


def _duckdb(store: Store, stored: Table) -> Place:
    server = Server(server="duckdb", type="duckdb", database=store.location, schema=stored.domain)
    return Place(server, sql_type, _qualified)


def _postgres(store: Store, stored: Table) -> Place:
    from synth_assets.stores.postgres.address import EMBEDDED_DATABASE
    from synth_assets.stores.postgres.types import postgres_type

    # A URL, or the folder of an embedded server, which has the socket file and one database.
    found = POSTGRES_URL.fullmatch(store.location)
    server = Server(
        server="postgres",
        type="postgres",
        host=found["host"] if found else store.location,
        port=int((found and found["port"]) or POSTGRES_PORT),
        database=found["database"] if found else EMBEDDED_DATABASE,
        schema=stored.domain,
    )
    return Place(server, postgres_type, _qualified)


def _bigquery(store: Store, stored: Table) -> Place:
    from synth_assets.stores.bigquery.columns import bigquery_type

    def names(table: Table) -> list[str]:
        return store.uri(table).removeprefix("bigquery://").split("/")

    def type_name(dtype: pl.DataType) -> str:
        return bigquery_type("column", dtype)

    project, dataset, _ = names(stored)
    server = Server(server="bigquery", type="bigquery", project=project, dataset=dataset)
    return Place(server, type_name, lambda table: f"`{'.'.join(names(table))}`")


def _unity(store: Store, stored: Table) -> Place:
    from synth_assets.stores.unity.names import split_location, table_name

    catalog, prefix, _ = split_location(store.location)
    name = table_name(stored, catalog, prefix)
    server = Server(server="unity", type="databricks", catalog=catalog, schema=name.schema)
    return Place(server, sql_type, lambda table: table_name(table, catalog, prefix).path)


def _other(store: Store, stored: Table) -> Place:
    server = Server(server=store.kind, type="custom", location=store.uri(stored))
    return Place(server, sql_type, _qualified)


def _qualified(table: Table) -> str:
    return f"{quoted(table.domain)}.{quoted(table.name)}"


PLACES: dict[str, Callable[[Store, Table], Place]] = {
    "parquet": _parquet,
    "duckdb": _duckdb,
    "postgres": _postgres,
    "bigquery": _bigquery,
    "delta": _delta,
    "unity": _unity,
}
