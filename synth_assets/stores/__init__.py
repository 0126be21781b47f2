"""Where slices land. One module a kind of store; each keeps the ``Store`` protocol.

A new kind of store is one module here and one line in ``open_store``. Imports generation only.
"""

from __future__ import annotations

from synth_assets.generation.errors import UnknownNameError
from synth_assets.stores.duckdb import DuckDBStore
from synth_assets.stores.parquet import ParquetStore
from synth_assets.stores.store import DamagedSliceError, Store

KINDS = ("parquet", "duckdb")

__all__ = ["KINDS", "DamagedSliceError", "DuckDBStore", "ParquetStore", "Store", "open_store"]


def open_store(kind: str, location: str) -> Store:
    """The store of a kind at its location: a folder or URL (parquet), a file (duckdb)."""
    if kind == "parquet":
        return ParquetStore(location)
    if kind == "duckdb":
        return DuckDBStore(location)
    raise UnknownNameError("store", kind, list(KINDS))
