"""Work that several processes share: tasks are given out one at a time, results come as they end.

A worker starts as a new interpreter, because a forked one would have threads of Polars that do not
run. It sends messages while it works, and its result at the end. An interruption, and the death of
a worker, stop all of them.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from synth_assets.core.errors import UserError
from synth_assets.orchestration.interruption import (
    SIGNALS,
    interrupted,
    recording_interruptions,
    stop_if_interrupted,
)

# How long a worker that was interrupted may take to stop.
STOP_SECONDS = 30
# How often a waiting command looks for an interruption whose exception a library has swallowed.
LOOK_SECONDS = 1.0

Send = Callable[[Any], None]
# Does a task: gets the task and a function that sends messages, returns the result.
Work = Callable[[Any, Send], Any]


class WorkerDiedError(UserError):
    """A worker ended without a result, for example because the machine has no memory left."""


def work_on(
    tasks: Sequence[Any], work: Work, processes: int, on_message: Callable[[Any, Any], None]
) -> Iterator[tuple[Any, Any]]:
    """Does tasks in several processes.

    Args:
        tasks: The tasks, which can be pickled; the first ones are started first.
        work: What does a task, a function of a module.
        processes: How many processes at most.
        on_message: Called with a task and each message that its worker sends.

    Yields:
        A task and its result, in the order in which they end.

    Raises:
        WorkerDiedError: A worker ended without a result.
        UserError: A task failed with it.
        KeyboardInterrupt: The process, or a worker, was interrupted.
    """
    context = get_context("spawn")
    waiting, busy = list(tasks), {}
    workers: list[tuple[BaseProcess, Connection]] = []
    processes_of: dict[Connection, BaseProcess] = {}
    # It lifts the block of signals when it starts, so it starts first.
    resource_tracker.ensure_running()
    try:
        for _ in range(min(processes, len(waiting))):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, work), daemon=True)
            with _deferring_signals():
                process.start()
                workers.append((process, ours))
            theirs.close()
            processes_of[ours] = process
            busy[ours] = waiting.pop(0)
            _give(ours, busy[ours])
        while busy:
            stop_if_interrupted()
            for connection in wait(list(busy), LOOK_SECONDS):
                assert isinstance(connection, Connection)
                task = busy[connection]
                kind, content = _received(connection, processes_of[connection], task)
                if kind == "message":
                    on_message(task, content)
                    continue
                del busy[connection]
                if kind == "error":
                    raise content
                if waiting:
                    busy[connection] = waiting.pop(0)
                    _give(connection, busy[connection])
                else:
                    connection.close()
                yield task, content
    finally:
        _stop(workers)


@contextmanager
def _deferring_signals() -> Iterator[None]:
    """Signals that arrive in the block take effect at its end.

    A process that starts in the block does not receive them before it lifts the block itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread handles signals
        return
    received: list[int] = []

    def keep(number: int, frame: FrameType | None) -> None:
        received.append(number)

    # The mask is for the process that starts; another thread of this one may still receive them.
    before = {number: signal.signal(number, keep) for number in SIGNALS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        signal.raise_signal(received[0])


def _give(connection: Connection, task: Any) -> None:
    """Sends a task; that a worker has died is found when its result is received."""
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.send(task)


def _received(connection: Connection, process: BaseProcess, task: Any) -> tuple[str, Any]:
    try:
        return connection.recv()  # type: ignore[no-any-return]
    except (EOFError, OSError):  # OSError: it died in the middle of a message
        process.join(STOP_SECONDS)
        raise WorkerDiedError(f"{task}: its process {_end(process.exitcode)}") from None


def _end(code: int | None) -> str:
    """How a process ended, from its exit code, which is negative after a signal."""
    if code is None or code >= 0:
        return "failed" if code else "ended without a result"
    name = signal.Signals(-code).name
    hint = " (is there enough memory?)" if -code == signal.SIGKILL else ""
    return f"was ended by {name}, without a result{hint}"


def _stop(workers: Sequence[tuple[BaseProcess, Connection]]) -> None:
    """Ends all workers, those at work by SIGTERM."""
    for process, connection in workers:
        if not connection.closed:
            connection.close()
            process.terminate()
    for process, _ in workers:
        process.join(STOP_SECONDS)
        if process.is_alive():
            process.kill()


def _serve(connection: Connection, work: Work) -> None:
    """A worker: does tasks until the connection closes."""
    with recording_interruptions():
        # Ctrl-C is for the command, which stops its workers in its own time.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        try:
            while True:
                task = connection.recv()
                result = work(task, lambda message: connection.send(("message", message)))
                connection.send(("result", result))
        except (EOFError, BrokenPipeError):
            return
        except UserError as error:
            # Its subclasses have arguments of their own, which pickling does not keep.
            _report(connection, UserError(str(error)))
        except BaseException as error:
            # Libraries replace the exception of a signal by errors of their own.
            if not (isinstance(error, KeyboardInterrupt) or interrupted()):
                raise
            _report(connection, KeyboardInterrupt())


def _report(connection: Connection, error: BaseException) -> None:
    # The command may have stopped already, and stops this process while it reports.
    with suppress(OSError, KeyboardInterrupt):
        connection.send(("error", error))
