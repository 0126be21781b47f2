"""Work that a page needs and does not wait for: a thread does it again when it is old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Work that takes long is done less often: it rests for this multiple of its time at least.
REST = 2


class Background:
    """Work whose result is kept elsewhere, done once for all sessions.

    Args:
        work: Does it; what it raises is the result's business.
        fresh: Seconds after which it is done again, when a page asks.
    """

    def __init__(self, work: Callable[[], None], fresh: float) -> None:
        self._work, self._fresh = work, fresh
        self._took = 0.0
        self._at: float | None = None
        self._working = threading.Lock()
        self._done = threading.Event()

    def ensure(self, patience: float = 0.0) -> None:
        """Starts the work if it is old.

        Args:
            patience: Seconds to wait for a result that is not old.
        """
        rest = max(self._fresh, REST * self._took)
        old = self._at is None or time.monotonic() - self._at > rest
        if old and self._working.acquire(blocking=False):
            self._done.clear()
            threading.Thread(target=self._run, name="studio", daemon=True).start()
        self._done.wait(patience)

    def outdated(self) -> None:
        """Has it done again, the next time that a page asks."""
        self._at = None

    def join(self) -> None:
        """Waits until no work is being done."""
        with self._working:
            pass

    def _run(self) -> None:
        started = time.monotonic()
        try:
            self._work()
        finally:
            self._at = time.monotonic()
            self._took = self._at - started
            self._done.set()
            self._working.release()
