"""Partitions as rows of one DuckDB file: one schema per domain, one table per table.

``store`` is the store itself, ``connections`` opens the file, ``tables`` has the statements that
create and inspect tables. Only the store writes the file: dbt writes its own warehouse file.
"""

from __future__ import annotations

from synth_assets.stores.duckdb.store import DuckDBStore

__all__ = ["DuckDBStore"]
