"""Connections as the store needs them: one is kept for several writes, others come and go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from synth_assets.stores.postgres.address import Address
from synth_assets.stores.postgres.faults import connecting

Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT_SECONDS = 10
# Text that means the same whatever the database's own settings are.
SESSION = """
set client_encoding to 'UTF8'; set datestyle to 'ISO, YMD'; set timezone to 'UTC';
set bytea_output to 'hex'; set extra_float_digits to 1; set standard_conforming_strings to on;
set default_transaction_isolation to 'read committed';
set client_min_messages to 'warning'
"""


class Connections:
    """Connections to one database, each in autocommit mode."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._kept: Connection | None = None
        self._in_use = threading.Lock()

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keeps one connection open meanwhile."""
        if self._kept is not None:
            yield
            return
        with self._connect() as self._kept:
            try:
                yield
            finally:
                self._kept = None

    @contextmanager
    def lease(self) -> Iterator[Connection]:
        """The kept connection while nobody else uses it, otherwise one of its own."""
        kept = self._kept
        if kept is None or kept.closed or not self._in_use.acquire(blocking=False):
            with self._connect() as db:
                yield db
            return
        try:
            yield kept
        finally:
            self._in_use.release()

    def _connect(self) -> Connection:
        parameters = {"connect_timeout": str(CONNECT_SECONDS), "application_name": "synth"}
        parameters |= self._address.parameters()
        try:
            db = psycopg.connect(autocommit=True, **parameters)  # type: ignore[arg-type]
        except psycopg.Error as error:
            raise connecting(error, self._address.shown, parameters) from None
        db.execute(SESSION)
        return db
