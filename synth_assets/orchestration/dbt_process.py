"""A command of dbt in a process that a server of this process has forked (``dbt_server``).

It has what dagster-dbt uses of ``subprocess.Popen``.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

SERVER = Path(__file__).with_name("dbt_server.py")


class _Server:
    """A server, and the socket to it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.channel, theirs = socket.socketpair()
        with theirs:
            # The server unblocks it once it ignores it.
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                # -P keeps this folder off the path: it has modules with names of other packages.
                self.process = subprocess.Popen(
                    [sys.executable, "-P", SERVER, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()], env=env, stdin=subprocess.DEVNULL, cwd="/",
                )  # fmt: skip
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self.answers = self.channel.makefile("r")

    def request(self, text: str, output: int) -> int | None:
        """Asks for a command; its process id, or None if the server has ended."""
        data = text.encode() + b"\n"
        try:
            sent = socket.send_fds(self.channel, [data], [output])
            self.channel.sendall(data[sent:])
        except OSError:
            return None
        return self.answer()

    def answer(self) -> int | None:
        """The next answer; None if the server has ended."""
        try:
            line = self.answers.readline()
        except OSError:
            return None
        return int(line) if line else None

    def close(self) -> None:
        """Closes the socket, at which the server ends."""
        self.answers.close()
        self.channel.close()
        self.process.wait()


# Servers without a command. Each runs one command at a time.
_idle: list[_Server] = []


class DbtProcess:
    """A command of dbt that runs.

    Attributes:
        args: The command's words.
        stdout: What it prints, and its errors.
        pid: Its process.
        returncode: How it ended; None while it runs, negative after a signal.
    """

    def __init__(
        self, args: Sequence[str], *, env: Mapping[str, str], cwd: str | Path, **_: Any
    ) -> None:
        """Starts a command.

        Args:
            args: The command's words, the first of which is dbt.
            env: Its environment.
            cwd: Its working folder.
        """
        self.args = list(args)
        self.returncode: int | None = None
        asked = json.dumps({"args": self.args, "env": dict(env), "cwd": str(cwd)})
        output, theirs = os.pipe()
        self.stdout: IO[bytes] = os.fdopen(output, "rb")
        try:
            self._server, self.pid = _started(asked, theirs, env)
        finally:
            os.close(theirs)
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="dbt", daemon=True).start()

    def _watch(self) -> None:
        code = self._server.answer()
        self.returncode = 1 if code is None else code
        if code is None:
            self._server.close()
        else:
            _idle.append(self._server)
        self._ended.set()

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Waits until it ends.

        Args:
            timeout: Seconds to wait at most.

        Raises:
            subprocess.TimeoutExpired: It still runs.
        """
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless it has ended.

        Args:
            number: The signal.
        """
        if self.returncode is None:
            os.kill(self.pid, number)


def _started(asked: str, output: int, env: Mapping[str, str]) -> tuple[_Server, int]:
    """The server that runs a command, and the command's process."""
    while _idle:
        server = _idle.pop()
        if (pid := server.request(asked, output)) is not None:
            return server, pid
        server.close()  # it had nothing to do for a while
    server = _Server(env)
    pid = server.request(asked, output)
    if pid is None:
        server.close()
        raise OSError("dbt cannot be started")
    return server, pid
