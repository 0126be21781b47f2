"""DuckDB connections as Dagster configures them, for the store.

Dagster's own ``get_connection`` opens every file for writing, and takes any fault of input or
output for one that passes: it tries again for 103 seconds and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from dagster_duckdb import DuckDBResource

from synth_assets.stores.duckdb import PATIENCE, Connect, patiently


class PatientDuckDBResource(DuckDBResource):
    """Dagster's resource, which waits for locks alone."""

    read_only: bool = False
    patience: float = PATIENCE

    @contextmanager
    def get_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for as long as it is needed."""
        config = {"custom_user_agent": "dagster", **self.connection_config}
        opened = patiently(self.database, self.read_only, config, self.patience)
        with opened as connection:
            yield connection


def connections_to(database: str, patience: float = PATIENCE) -> Connect:
    """What opens the file, for the DuckDB store; waits so many seconds for a lock."""
    return lambda read_only: PatientDuckDBResource(
        database=database, read_only=read_only, patience=patience
    ).get_connection()
