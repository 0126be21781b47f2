"""The time and memory that a query may take, and how a query is stopped.

The query runs in a thread of its own. The waiting thread interrupts its databases when the time is
up or when a user presses Ctrl-C.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import duckdb

from synth_assets.core.errors import UserError
from synth_assets.core.variables import variable
from synth_assets.domains.clean_room.analysis_rules.errors import RefusedError

SECONDS, MEMORY = "SYNTH_CLEAN_ROOM_QUERY_SECONDS", "SYNTH_CLEAN_ROOM_QUERY_MEMORY"
UNITS = {"MIB": 2**20, "GIB": 2**30}
LEAST_MEMORY = 64 * 2**20
# Seconds to wait for a stopped query; a query that has not ended by then ends by itself later.
GRACE = 10.0
# Seconds between two interrupts.
STEP = 0.05
Result = TypeVar("Result")


class LimitError(RefusedError):
    """A query that exceeded its time or memory limit."""


@dataclass(frozen=True)
class Limits:
    """What one query may take: ``seconds`` of time and bytes of ``memory``."""

    seconds: float = 60
    memory: int = 2 * 2**30

    @classmethod
    def from_environment(cls) -> Limits:
        """Read the limits from the environment.

        Raises:
            UserError: A variable has a value that is not allowed.
        """
        seconds, memory = variable(SECONDS) or "60", variable(MEMORY) or "2GiB"
        if not re.fullmatch(r"[1-9][0-9]{0,4}", seconds):
            raise UserError(f"{SECONDS} = {seconds!r}: must be a whole number from 1 to 99999")
        sized = re.fullmatch(r"([1-9][0-9]{0,5}) ?(MiB|GiB)", memory, re.IGNORECASE)
        size = int(sized[1]) * UNITS[sized[2].upper()] if sized else 0
        if size < LEAST_MEMORY:
            raise UserError(f"{MEMORY} = {memory!r}: must be like 512MiB or 2GiB, at least 64MiB")
        return cls(int(seconds), size)


class Watchdog:
    """Runs one query under its limits.

    Args:
        limits: Time and memory.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._databases: list[duckdb.DuckDBPyConnection] = []
        self._lock = threading.Lock()
        self._stopped = False

    def register(self, database: duckdb.DuckDBPyConnection) -> None:
        """Register a database that is interrupted when the query has to stop.

        Args:
            database: A connection that the query opened.
        """
        with self._lock:
            self._databases.append(database)

    def check(self) -> None:
        """Refuse to continue a query that was stopped.

        Raises:
            LimitError: The query was stopped.
        """
        if self._stopped:
            raise LimitError(
                f"the query was stopped after {self.limits.seconds:g} seconds: ask for less, or "
                f"raise {SECONDS}"
            )

    def too_large(self) -> LimitError:
        """The error for a query that needs too much memory."""
        return LimitError(
            f"the query was stopped, since it needs more memory than {self.limits.memory >> 20} "
            f"MiB: ask for less, or raise {MEMORY}"
        )

    def run(self, work: Callable[[], Result]) -> Result:
        """Run a function in a thread, until it ends or its time is up.

        Args:
            work: The function, which uses registered databases.

        Returns:
            Its result; an exception that it raises is raised here.

        Raises:
            LimitError: The time was up.
        """
        results: list[Result] = []
        faults: list[BaseException] = []
        # Thread.join would report the thread as ended when an interrupt arrives during the wait.
        done = threading.Event()

        def working() -> None:
            try:
                results.append(work())
            except BaseException as error:  # a panic is no Exception
                faults.append(error)
            finally:
                done.set()

        worker = threading.Thread(target=working, name="clean-room query", daemon=True)
        worker.start()
        end = time.monotonic() + self.limits.seconds
        try:
            while not done.wait(STEP) and time.monotonic() < end:
                pass
        finally:
            if not done.is_set():
                self._stop(done)
        if faults:
            raise faults[0]
        if results:
            return results[0]
        self.check()
        raise RuntimeError("a query ended without an answer")

    def _stop(self, done: threading.Event) -> None:
        self._stopped = True
        end = time.monotonic() + GRACE
        while not done.wait(STEP) and time.monotonic() < end:
            # Repeated, since an interrupt between two statements has no effect.
            with self._lock:
                for database in self._databases:
                    with suppress(duckdb.Error):  # closed by now
                        database.interrupt()
