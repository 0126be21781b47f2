"""A process that has imported dbt, and forks for each command that it is asked to run.

Importing dbt takes two processor seconds. A process that runs several commands of dbt, as a run of
daily and whole models does, pays for them once. ``dbt_process`` starts the server and talks to it
over a socket; requests and answers are lines of JSON, and a request carries the file descriptor of
the command's output. The server ends when its owner has, or when nothing was asked for a while. A
command ends with its owner as well.

This file is run as a script: it imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from typing import Any

# Seconds without a request after which the server ends, and frees its memory.
IDLE_SECONDS = 60
# The most bytes of a request that are read at once, and the descriptors that come with it.
READ_BYTES, DESCRIPTORS = 1 << 16, 1
# Seconds in which an interrupted command cancels the queries of its database.
GRACE_SECONDS = 3


def serve(channel: socket.socket) -> None:
    """Runs commands until the owner is gone, or asks for nothing.

    Args:
        channel: The socket to the owner.
    """
    # A terminal sends it to the command as well. The owner has blocked it until now: an import that
    # is interrupted prints a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    import dbt.cli.main  # noqa: F401

    gc.freeze()  # commands need not look at what is imported, and share its memory
    channel.settimeout(IDLE_SECONDS)
    while request := _received(channel):
        asked, output = request
        command = os.fork()
        if not command:
            _run(asked, output, channel)
        os.close(output)
        _answer(channel, command)
        _, status = os.waitpid(command, 0)
        _answer(channel, os.waitstatus_to_exitcode(status))


def _received(channel: socket.socket) -> tuple[dict[str, Any], int] | None:
    """A request and the descriptor of its output; None at the end."""
    text = b""
    descriptors: list[int] = []
    try:
        while not text.endswith(b"\n"):
            part, found, _, _ = socket.recv_fds(channel, READ_BYTES, DESCRIPTORS)
            if not part:
                return None
            text, descriptors = text + part, descriptors + found
    except (TimeoutError, ConnectionResetError):
        return None
    return json.loads(text), descriptors[0]


def _answer(channel: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # the owner is gone, which the next read finds
        channel.sendall(f"{number}\n".encode())


def _run(asked: dict[str, Any], output: int, channel: socket.socket) -> None:
    """Executes a command of dbt in this process, which then ends."""
    from dbt.cli.main import cli

    signal.signal(signal.SIGINT, _interrupted)
    threading.Thread(target=_end_with_owner, args=[channel], daemon=True).start()
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    sys.stdout.reconfigure(write_through=True)  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv = asked["args"]
    cli.main(args=asked["args"][1:], prog_name="dbt")
    sys.exit(0)


def _end_with_owner(channel: socket.socket) -> None:
    """Ends this process when the owner is gone: until then it asks for nothing else."""
    select.select([channel], [], [])
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


def _interrupted(number: int, frame: Any) -> None:
    """Stops dbt without a word: it would print a traceback of the interruption."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(silence, standard)
    raise KeyboardInterrupt


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
