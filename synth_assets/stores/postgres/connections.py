"""Connections of the store: one can be kept for several writes, others are opened as needed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from synth_assets.stores.postgres.address import Address
from synth_assets.stores.postgres.errors import connection_error, is_starting

log = logging.getLogger(__name__)
# It logs what it ignores after an interruption, with the user's name.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)
Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT_SECONDS = 10
# How long a server may take to recover, for example after its disk was full.
RECOVERY_SECONDS, LOOK_SECONDS = 30.0, 0.2
# Session settings that make text formats independent of the database's own settings.
SESSION = """
set client_encoding to 'UTF8'; set datestyle to 'ISO, YMD'; set timezone to 'UTC';
set bytea_output to 'hex'; set extra_float_digits to 1; set standard_conforming_strings to on;
set default_transaction_isolation to 'read committed'; set quote_all_identifiers to off;
set client_min_messages to 'warning'
"""


class Connections:
    """Connections to one database, each in autocommit mode.

    Args:
        address: The server and database.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._kept: Connection | None = None
        self._in_use = threading.Lock()
        self._told = False

    @contextmanager
    def keep_open(self) -> Iterator[None]:
        """Keeps one connection open until the context ends."""
        if self._kept is not None:
            yield
            return
        with self.connect() as self._kept:
            try:
                yield
            finally:
                self._kept = None

    @contextmanager
    def lease(self) -> Iterator[Connection]:
        """Gives the kept connection if it is not in use, otherwise a new one."""
        kept = self._kept
        if kept is None or kept.closed or not self._in_use.acquire(blocking=False):
            with self.connect() as db:
                yield db
            return
        try:
            yield kept
        finally:
            self._in_use.release()

    def connect(self) -> Connection:
        """Opens a connection, which the caller closes; waits for a server that is starting.

        Raises:
            UserError: The server cannot be reached, or refuses the connection.
        """
        parameters = {"connect_timeout": str(CONNECT_SECONDS), "application_name": "synth"}
        parameters |= self._address.parameters()
        until = time.monotonic() + RECOVERY_SECONDS
        while True:
            try:
                db = psycopg.connect(autocommit=True, **parameters)  # type: ignore[arg-type]
                break
            except psycopg.Error as error:
                if not is_starting(error) or time.monotonic() > until:
                    raise connection_error(error, self._address.shown, parameters) from None
            if not self._told:
                self._told = True
                log.warning(
                    "%s is starting: waiting up to %g s", self._address.shown, RECOVERY_SECONDS
                )
            time.sleep(LOOK_SECONDS)
        db.execute(SESSION)
        return db
