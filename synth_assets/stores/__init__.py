"""Where slices land. One module a kind of store; each keeps the ``Store`` protocol.

A new kind of store is one module here and one line in ``KINDS``. Imports generation only.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from synth_assets.generation.errors import UnknownNameError
from synth_assets.stores.store import ChangedColumnsError, DamagedSliceError, Store

# Kind of store, which is its module's name, and its class.
KINDS = {
    "parquet": "ParquetStore",
    "duckdb": "DuckDBStore",
    "postgres": "PostgresStore",
    "bigquery": "BigQueryStore",
    "delta": "DeltaStore",
    "unity": "UnityStore",
}

__all__ = ["KINDS", "ChangedColumnsError", "DamagedSliceError", "Store", "open_store"]


def open_store(kind: str, location: str, **options: Any) -> Store:
    """The store of a kind at its location: a folder, file, URL or project, as its class says.

    Only then is the kind's module imported, since the clients of warehouses take a while.
    """
    if kind not in KINDS:
        raise UnknownNameError("store", kind, list(KINDS))
    store = getattr(import_module(f"synth_assets.stores.{kind}"), KINDS[kind])
    return store(location, **options)  # type: ignore[no-any-return]
