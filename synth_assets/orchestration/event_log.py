"""Dagster's SQLite event log, which stores events in batches over one open engine.

A range run of 60 days writes thousands of events. Dagster's class opens the database, compiles the
same statements and commits for each of them, which takes 20 ms per event. This class keeps the
events of a run for up to a second and stores them in one transaction (``event_batches``), which
takes half a millisecond per event (measured on 2 cores, Dagster 1.13.27), their texts compressed
(``event_text``) and with fewer indexes (``event_indexes``). ``dagster.yaml`` names it. It overrides
two private methods of its base class: ``_connect``, and ``_init_db``, which also completes a
database if its creation was interrupted. A test compares what both classes store.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import sqlalchemy as db
from dagster import EventLogEntry, Field, StringSource
from dagster._core.storage.event_log import (
    ConsolidatedSqliteEventLogStorage,
    SqlEventLogStorageMetadata,
)
from dagster._core.storage.event_log.migration import (
    ASSET_DATA_MIGRATIONS,
    EVENT_LOG_DATA_MIGRATIONS,
)
from dagster._core.storage.event_log.schema import AssetKeyTable

from synth_assets.orchestration import event_batches
from synth_assets.orchestration.event_indexes import reduce_indexes
from synth_assets.orchestration.event_text import compress_events
from synth_assets.orchestration.event_watching import watched
from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.pool_slots import WaitsForSlots

compress_events()
reduce_indexes()

log = logging.getLogger(__name__)
# What SQLite raises of values that it does not take, whatever the disk and the locks.
REFUSED = (db.exc.IntegrityError, db.exc.DataError, db.exc.InterfaceError, ValueError, TypeError)
# How long SQLite waits for a lock.
BUSY_SECONDS = 60
# The most events that wait, and how long: a process that is killed loses no more.
MOST_WAITING, WAITING_SECONDS = 500, 1.0


def _is_refusal(error: BaseException) -> bool:
    """Whether an event cannot be stored, now or later."""
    in_sqlalchemy = isinstance(error, db.exc.StatementError)
    in_sqlite = isinstance(error, db.exc.DBAPIError)
    return isinstance(error, REFUSED) or (in_sqlalchemy and not in_sqlite)


class PooledSqliteEventLogStorage(WaitsForSlots, ConsolidatedSqliteEventLogStorage):
    """The consolidated SQLite event log with a connection pool, in write-ahead mode.

    Events wait until the status of a run changes, until the log is read in this process, for at
    most ``WAITING_SECONDS``, or until there are ``MOST_WAITING``. Their order is kept.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        # The base class reads the log when it creates it.
        self._waiting: list[EventLogEntry] = []
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        super().__init__(base_dir, inst_data)
        # A process that created it may have been killed, or its disk was full.
        if not self._is_complete():
            self._init_db()

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """``base_dir`` is optional: DAGSTER_HOME by default, else a temporary folder."""
        return {"base_dir": Field(StringSource, is_required=False)}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, Any]) -> Self:
        """The storage that an instance's configuration describes."""
        folder = config_value.get("base_dir") or os.environ.get("DAGSTER_HOME")
        return cls(inst_data=inst_data, base_dir=folder or tempfile.mkdtemp(prefix="dagster-"))

    def store_event(self, event: EventLogEntry) -> None:
        """Stores an event, at once or with those that follow it.

        Args:
            event: The event.
        """
        with self._lock:
            self._waiting.append(event)
            status_changes = event.is_dagster_event and event.get_dagster_event().is_job_event
            if status_changes or len(self._waiting) >= MOST_WAITING:
                self.flush()
            elif self._timer is None:
                self._timer = threading.Timer(WAITING_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Stores the events that wait; they go on waiting if that fails."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._waiting:
                try:
                    self._write(self._waiting)
                except Exception as error:
                    if not _is_refusal(error):
                        raise
                    self._write_one_by_one()
                ended = any(e.dagster_event_type in event_batches.RUN_ENDED for e in self._waiting)
                self._waiting.clear()
                if ended:
                    self._give_back_space()

    def _write(self, events: Sequence[EventLogEntry]) -> None:
        with self._engine.begin() as connection:
            event_batches.write(self, connection, events)

    def _write_one_by_one(self) -> None:
        """Stores the events that wait but those that the database refuses, as it would alone."""
        waiting, self._waiting = self._waiting, []
        for n, event in enumerate(waiting):
            try:
                self._write([event])
            except BaseException as error:
                if not _is_refusal(error):
                    self._waiting = waiting[n:]
                    raise
                log.exception("an event of run %r cannot be stored", event.run_id)
        self._waiting = waiting

    def _give_back_space(self) -> None:
        """Shrinks the file by the pages of what was planned."""
        # Another process may write, or the disk be full: the space is used by what comes next.
        with suppress(sqlite3.Error), self._engine.connect() as connection:
            sqlite: Any = connection.connection.driver_connection
            # ``execute`` gives one page back at a time.
            sqlite.executescript("pragma incremental_vacuum")

    def watch(self, run_id: str, cursor: str | None, callback: Any) -> None:
        """Calls back with each new event of a run, which the UI shows while the run lasts.

        Args:
            run_id: Id of the run.
            cursor: Where to begin; None for the first event.
            callback: Takes an event and its cursor.
        """
        if not self._obs:
            self._obs = watched(self, self._base_dir)
        self._watchers[run_id][callback] = cursor

    def _is_complete(self) -> bool:
        """Whether the database was created as a whole: the marks of migrations are the last."""
        missing = set(SqlEventLogStorageMetadata.tables) - set(
            db.inspect(self._engine).get_table_names()
        )
        marks = [*EVENT_LOG_DATA_MIGRATIONS, *ASSET_DATA_MIGRATIONS]
        return not missing and all(map(self.has_secondary_index, marks))

    def _init_db(self) -> None:
        """Creates what the database lacks, one process at a time; what there is stays."""
        folder = Path(self._base_dir)
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".event_log.lock"):
            SqlEventLogStorageMetadata.create_all(self._engine)
            # SQLAlchemy creates no index of a table that exists.
            for table in SqlEventLogStorageMetadata.sorted_tables:
                for index in table.indexes:
                    index.create(self._engine, checkfirst=True)
            super()._init_db()  # type: ignore[no-untyped-call]

    @cached_property
    def _engine(self) -> db.Engine:
        options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = db.create_engine(self._conn_string, connect_args=options)

        @db.event.listens_for(engine, "connect")
        def _set_up(connection: Any, _: object) -> None:
            # With a write-ahead log, a power failure loses at most the last events.
            connection.execute("pragma synchronous = normal")
            # Without effect in a file that has tables.
            connection.execute("pragma auto_vacuum = incremental")

        return engine

    @contextmanager
    def _connect(self) -> Iterator[db.Connection]:
        # Whoever reads sees what was stored before.
        self.flush()
        with self._engine.begin() as connection:
            yield connection

    @cached_property
    def supports_asset_checks(self) -> bool:
        """Cached: Dagster reads it before every check event, and it does not change."""
        return bool(super().supports_asset_checks)

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether the table of assets has a column: Dagster asks the database before each step.

        Args:
            column_name: Name of the column.
        """
        return column_name in self._asset_columns

    @cached_property
    def _asset_columns(self) -> frozenset[str]:
        columns = db.inspect(self._engine).get_columns(AssetKeyTable.name)
        return frozenset(column["name"] for column in columns)

    def delete_events_for_run(self, conn: db.Connection, run_id: str) -> None:
        """Removes the events of a run; the results of its checks keep theirs, as in Dagster.

        What it had planned is forgotten, as when a run ends.

        Args:
            conn: A connection.
            run_id: Id of the run.
        """
        event_batches.forget_planned_checks(conn, [run_id])
        event_batches.copy_events(conn, run_id)
        super().delete_events_for_run(conn, run_id)

    def shrink(self) -> None:
        """Gives the space of removed rows back to the file system."""
        self.flush()
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("vacuum")

    def dispose(self) -> None:
        """Stores what waits and closes the pool."""
        self.flush()
        self._engine.dispose()
        super().dispose()  # type: ignore[no-untyped-call]
