"""Work that several processes share: tasks are given out one at a time, results come as they end.

A worker starts as a new interpreter, because a forked one would have threads of Polars that do not
run. It sends messages while it works, and its result at the end. An interruption, and the death of
a worker, stop all of them.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from synth_assets.core.errors import UserError
from synth_assets.orchestration.interruption import recording_interruptions

# How long a worker that was interrupted may take to stop.
STOP_SECONDS = 30

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
    try:
        for _ in range(min(processes, len(waiting))):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, work), daemon=True)
            with _ignoring_ctrl_c():
                process.start()
            theirs.close()
            workers.append((process, ours))
            busy[ours] = waiting.pop(0)
            ours.send(busy[ours])
        while busy:
            for connection in wait(list(busy)):
                assert isinstance(connection, Connection)
                task = busy[connection]
                kind, content = _received(connection)
                if kind == "message":
                    on_message(task, content)
                    continue
                del busy[connection]
                if kind == "error":
                    raise content
                if waiting:
                    busy[connection] = waiting.pop(0)
                    connection.send(busy[connection])
                else:
                    connection.close()
                yield task, content
    finally:
        _stop(workers)


@contextmanager
def _ignoring_ctrl_c() -> Iterator[None]:
    """Processes that start in the block ignore Ctrl-C: this one stops them, in its own time."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _received(connection: Connection) -> tuple[str, Any]:
    try:
        return connection.recv()  # type: ignore[no-any-return]
    except (EOFError, ConnectionResetError):
        raise WorkerDiedError("a process ended without a result; is there enough memory?") from None


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
        except KeyboardInterrupt as error:
            _report(connection, error)


def _report(connection: Connection, error: BaseException) -> None:
    try:
        connection.send(("error", error))
    except (BrokenPipeError, OSError):
        return  # the command has stopped already
