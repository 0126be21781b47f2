"""DuckDB connections as Dagster configures them, for the store.

Dagster's own ``get_connection`` opens every file for writing, and takes every I/O error for a
transient one: it retries for 103 seconds without a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from dagster_duckdb import DuckDBResource

from synth_assets.stores.duckdb.connections import LOCK_TIMEOUT, Connect, open_file


class LockRetryingDuckDBResource(DuckDBResource):
    """Dagster's resource, but it retries only while another process holds the file's lock."""

    read_only: bool = False
    lock_timeout: float = LOCK_TIMEOUT

    @contextmanager
    def get_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that is closed at the end of the block."""
        config = {"custom_user_agent": "dagster", **self.connection_config}
        opened = open_file(self.database, self.read_only, config, self.lock_timeout)
        with opened as connection:
            yield connection


def connections_to(database: str, lock_timeout: float = LOCK_TIMEOUT) -> Connect:
    """The function with which the DuckDB store opens a file.

    Args:
        database: Path of the file.
        lock_timeout: Seconds to wait for a lock that another process holds.
    """
    return lambda read_only: LockRetryingDuckDBResource(
        database=database, read_only=read_only, lock_timeout=lock_timeout
    ).get_connection()
