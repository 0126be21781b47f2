"""Dagster's SQLite event log, which stores events in batches over one open engine.

A range run of 60 days writes thousands of events. Dagster's class opens the database, compiles the
same statements and commits for each of them, which takes 20 ms per event. This class keeps the
events of a run for up to a second and stores them in one transaction (``event_batches``), which
takes half a millisecond per event (measured on 2 cores, Dagster 1.13.27), their texts compressed
(``event_text``). ``dagster.yaml`` names
it. It overrides two private methods of its base class: ``_connect``, and ``_init_db``, which also
completes a database if its creation was interrupted. A test compares what both classes store.
"""

from __future__ import annotations

import logging
import math
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
from dagster._utils.concurrency import ConcurrencyClaimStatus

from synth_assets.orchestration import event_batches
from synth_assets.orchestration.abandoned_runs import end_abandoned
from synth_assets.orchestration.event_text import compress_events
from synth_assets.orchestration.interruption import stop_if_interrupted
from synth_assets.orchestration.locking import locked

compress_events()

# How long SQLite waits for a lock.
BUSY_SECONDS = 60
# The most events that wait, and how long: a process that is killed loses no more.
MOST_WAITING, WAITING_SECONDS = 500, 1.0
# How long a step waits before it asks for a slot again, and how long usually in all.
ASK_AGAIN_SECONDS, USUAL_SECONDS = 0.5, 60.0
log = logging.getLogger(__name__)


class PooledSqliteEventLogStorage(ConsolidatedSqliteEventLogStorage):
    """The consolidated SQLite event log with a connection pool, in write-ahead mode.

    Events wait until the status of a run changes, until the log is read in this process, for at
    most ``WAITING_SECONDS``, or until there are ``MOST_WAITING``. Their order is kept.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        # The base class reads the log when it creates it.
        self._waiting: list[EventLogEntry] = []
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        # Since when each step waits for a slot; infinite once that was logged.
        self._blocked: dict[tuple[str, str], float] = {}
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

    def claim_concurrency_slot(
        self, concurrency_key: str, run_id: str, step_key: str, priority: int | None = None
    ) -> ConcurrencyClaimStatus:
        """Claims a slot of a pool for a step; a step that gets none waits here for a while.

        Dagster asks again and again without a pause, which takes a processor from the run that has
        the slot. That run may have been killed, so that nothing else would free the slot.

        Args:
            concurrency_key: The pool.
            run_id: Id of the run.
            step_key: The step.
            priority: Steps of a higher one get a slot first.

        Raises:
            KeyboardInterrupt: The process was interrupted.
        """
        status: ConcurrencyClaimStatus = super().claim_concurrency_slot(
            concurrency_key, run_id, step_key, priority
        )
        if status.is_claimed:
            self._blocked.pop((run_id, step_key), None)
            return status
        self._tell(concurrency_key, run_id, step_key)
        end_abandoned(self._instance)
        stop_if_interrupted()
        time.sleep(ASK_AGAIN_SECONDS)
        at_once: ConcurrencyClaimStatus = status.with_sleep_interval(0.0)
        return at_once

    def _tell(self, pool: str, run_id: str, step: str) -> None:
        """Logs once that a step waits for longer than usual."""
        since = self._blocked.setdefault((run_id, step), time.monotonic())
        if time.monotonic() - since > USUAL_SECONDS:
            self._blocked[run_id, step] = math.inf
            log.warning("%s waits for another run, which has the pool %s", step, pool)

    def flush(self) -> None:
        """Stores the events that wait; they go on waiting if that fails."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._waiting:
                with self._engine.begin() as connection:
                    event_batches.write(self, connection, self._waiting)
                self._waiting.clear()

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
        def _set_synchronous(connection: object, _: object) -> None:
            # With a write-ahead log, a power failure loses at most the last events.
            connection.execute("pragma synchronous = normal")  # type: ignore[attr-defined]

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
