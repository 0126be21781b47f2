"""Connections to a DuckDB file that other processes may have locked.

DuckDB lets one process write a file at a time, or several read it. A locked file is waited for, and
the wait is logged once; any other error is raised immediately.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import duckdb

log = logging.getLogger(__name__)
# Seconds to wait for another process to release its lock, and between attempts.
LOCK_TIMEOUT, WAIT = 30.0, 0.25
LOCKED = re.compile(r"Could not set lock|Conflicting lock|used by another process")

# Opens the file; the argument says whether the connection is read-only.
Connect = Callable[[bool], AbstractContextManager[duckdb.DuckDBPyConnection]]


def open_file(
    path: str,
    read_only: bool = False,
    config: dict[str, Any] | None = None,
    lock_timeout: float = LOCK_TIMEOUT,
) -> duckdb.DuckDBPyConnection:
    """Opens a DuckDB file.

    Args:
        path: The file; a connection that can write creates it.
        read_only: Whether the connection cannot write, so that several processes can have one.
        config: DuckDB's own settings.
        lock_timeout: Seconds to wait for another process to release its lock.

    Raises:
        duckdb.IOException: The file is still locked, or cannot be read.
    """
    until, waiting = time.monotonic() + lock_timeout, False
    while True:
        try:
            return duckdb.connect(path, read_only=read_only, config=config or {})
        except duckdb.ConnectionException:
            # This process has the file open in the other mode; it never locks itself out.
            if read_only:
                return duckdb.connect(path, config=config or {})
            if time.monotonic() >= until:
                raise
        except duckdb.IOException as error:
            if not LOCKED.search(str(error)) or time.monotonic() >= until:
                raise
            if not waiting:
                log.warning("%s is held by another process: waiting up to %g s", path, lock_timeout)
                waiting = True
        time.sleep(WAIT)
