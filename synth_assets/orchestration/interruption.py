"""Whether the process was asked to stop, whatever became of the exception that said so.

A signal is an exception in whichever line runs, and what that line called may turn it into an
error of its own: Polars made a ``TypeError`` of one. So the signals are noted beside their
handlers, which Dagster sets and restores, and loops over days, partitions and files ask here.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SIGNALS = {signal.SIGINT, signal.SIGTERM}


class _Noted:
    """The signals since the command began; ``pipe`` has those that were not looked at yet."""

    pipe: int | None = None
    asked = False


@contextmanager
def noting_interruptions() -> Iterator[None]:
    """Notes SIGINT and SIGTERM, and lets both interrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    _Noted.pipe, _Noted.asked = reader, False
    # Python itself writes here, before a handler runs, whichever is set.
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    terminated = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, terminated)
        signal.set_wakeup_fd(before)
        _Noted.pipe, _Noted.asked = None, False
        os.close(reader)
        os.close(writer)


def interrupted() -> bool:
    """Whether a signal asked the process to stop."""
    if _Noted.pipe is not None and not _Noted.asked:
        with suppress(BlockingIOError):  # none came
            _Noted.asked = bool(SIGNALS & set(os.read(_Noted.pipe, 512)))
    return _Noted.asked


def stop_if_interrupted() -> None:
    """``KeyboardInterrupt`` where a signal asked the process to stop."""
    if interrupted():
        raise KeyboardInterrupt
