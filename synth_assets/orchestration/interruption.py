"""Whether a signal asked the process to stop, even if its exception was lost.

A signal raises an exception in the line that is running, and the library that the line has called
may replace it by an error of its own: Polars replaced one by a ``TypeError``. Therefore signals
are also recorded independently of their handlers, which Dagster sets and restores. Loops over
days, partitions and files call ``stop_if_interrupted``.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

SIGNALS = {signal.SIGINT, signal.SIGTERM}


class _Received:
    """The signals since the command began; ``pipe`` has those that were not read yet."""

    pipe: int | None = None
    interrupted = False


@contextmanager
def recording_interruptions() -> Iterator[None]:
    """Records SIGINT and SIGTERM during a block; both interrupt it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives signals
        return
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    _Received.pipe, _Received.interrupted = reader, False
    # Python writes the signal here before it runs any handler.
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    terminated = signal.signal(signal.SIGTERM, signal.default_int_handler)
    report, sys.unraisablehook = sys.unraisablehook, _report
    try:
        yield
    finally:
        sys.unraisablehook = report
        signal.signal(signal.SIGTERM, terminated)
        signal.set_wakeup_fd(before)
        _Received.pipe, _Received.interrupted = None, False
        os.close(reader)
        os.close(writer)


def _report(lost: Any) -> None:
    """Reports an exception that could not be raised, unless the process has been interrupted."""
    if not interrupted():
        sys.__unraisablehook__(lost)


def interrupted() -> bool:
    """Whether the process has received SIGINT or SIGTERM."""
    if _Received.pipe is not None and not _Received.interrupted:
        with suppress(BlockingIOError):  # no signal
            _Received.interrupted = bool(SIGNALS & set(os.read(_Received.pipe, 512)))
    return _Received.interrupted


def stop_if_interrupted() -> None:
    """Stops the process if it has received SIGINT or SIGTERM.

    Raises:
        KeyboardInterrupt: The process has received one of them.
    """
    if interrupted():
        raise KeyboardInterrupt


def without_traceback() -> None:
    """Has an interruption that ends this process print nothing, as of a code server that starts."""
    before = sys.excepthook

    def report(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if issubclass(kind, Exception):
            before(kind, error, traceback)

    sys.excepthook = report


@contextmanager
def silencing(silence: Callable[[], None]) -> Iterator[None]:
    """Silences code that would print a traceback of an interruption, before it is interrupted.

    Args:
        silence: Called when a signal interrupts the block.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread receives signals
        return

    def interrupt(number: int, frame: Any) -> None:
        silence()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
