"""Runs a command as a process of its own, and measures the tree of all processes it starts.

Processor seconds are those of the command and of all its descendants; on Linux also of those that
nobody waited for, such as servers and a JVM: this process adopts and then ends them. Memory is the
largest sum over the tree at one moment; pages that processes share are divided among them
(proportional set size) where the system tells.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from synth_assets.orchestration.shipped import PROJECT

SAMPLE_SECONDS, LONGEST_SECONDS = 0.2, 1_800.0
PR_SET_CHILD_SUBREAPER = 36  # of Linux's prctl


class MeasureError(Exception):
    """A measured command failed, or took too long."""


class TooSlowError(MeasureError):
    """A measured command was stopped after its time limit."""


@dataclass(frozen=True)
class Usage:
    """What a process tree used.

    Attributes:
        cpu_seconds: Processor seconds of all processes.
        wall_seconds: Seconds that passed.
        peak_mib: Peak memory of the tree.
        stdout: What the command printed.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float
    stdout: str


class Tree:
    """All processes that a command has started, those that left it included."""

    def __init__(self, pid: int) -> None:
        self.root = psutil.Process(pid)
        self.peak = 0
        self._seen: dict[int, psutil.Process] = {pid: self.root}
        # What else this process has started: it and what it starts do not count.
        self._others = {process.pid for process in psutil.Process().children()} - {pid}

    def sample(self) -> None:
        """Looks at the tree once."""
        self._find()
        sizes = [self._look(process) for process in self.alive()]
        self.peak = max(self.peak, sum(sizes))

    def _find(self) -> None:
        """Parents come before their children; what left the tree is a child of this process."""
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if process.pid in self._others or process.ppid() in self._others:
                    self._others.add(process.pid)
                else:
                    self._seen.setdefault(process.pid, process)

    def alive(self) -> list[psutil.Process]:
        """The processes that still run."""
        return [process for process in self._seen.values() if process.is_running()]

    def adopted(self) -> list[int]:
        """Those that became children of this process, since their parents ended before them."""
        self._find()
        found = []
        for process in self.alive():
            with contextlib.suppress(psutil.Error):
                if process.pid != self.root.pid and process.ppid() == os.getpid():
                    found.append(process.pid)
        return found

    def _look(self, process: psutil.Process) -> int:
        try:
            return _bytes(process, alone=len(self._seen) == 1)
        except psutil.Error:
            return 0


def _bytes(process: psutil.Process, *, alone: bool) -> int:
    if not alone and psutil.LINUX:
        return int(process.memory_full_info().pss)
    return int(process.memory_info().rss)


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without the project's settings, for commands of this checkout.

    Compiled modules are kept, as users have them.

    Args:
        extra: Variables to add.
    """
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("SYNTH_", "DAGSTER_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PYTHONPATH": str(PROJECT)} | dict(extra or {})


def run(
    command: Sequence[str | Path],
    *,
    extra: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    limit: float = LONGEST_SECONDS,
) -> Usage:
    """Runs a command to its end and measures its tree; nothing of it goes on running.

    Args:
        command: The command.
        extra: Environment variables besides ``clean_environment``.
        cwd: The folder to run in.
        limit: The most seconds.

    Raises:
        TooSlowError: It was stopped after ``limit`` seconds.
        MeasureError: It failed.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        _adopt_orphans()
        started = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)), env=clean_environment(extra), cwd=cwd, stdout=out,
            stderr=err, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        tree = Tree(process.pid)
        status, used = _waited(tree, started + limit)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        adopted = _end(tree)
        if wall >= limit:
            raise TooSlowError(f"stopped after {limit:g} s")
        out.seek(0)
        err.seek(0)
        if process.returncode:
            last = ((err.read() or out.read()).strip().splitlines() or [""])[-1]
            raise MeasureError(f"exit code {process.returncode}: {last[-500:]}")
        cpu = used.ru_utime + used.ru_stime + adopted
        return Usage(cpu, wall, tree.peak / 2**20, out.read())


def _waited(tree: Tree, deadline: float) -> tuple[int, resource.struct_rusage]:
    """Samples a tree until its first process ends; gives that one's status and what it used."""
    stopped = threading.Event()
    sampler = threading.Thread(target=_sample, args=(tree, stopped, deadline))
    sampler.start()
    try:
        return os.wait4(tree.root.pid, 0)[1:]
    except BaseException:  # an interruption, too: nothing of it goes on running
        tree.sample()
        stop(tree)
        raise
    finally:
        stopped.set()
        sampler.join()


def _sample(tree: Tree, stopped: threading.Event, deadline: float) -> None:
    while not stopped.wait(SAMPLE_SECONDS):
        with contextlib.suppress(psutil.Error):
            tree.sample()
        if time.perf_counter() >= deadline:
            stop(tree)


def _adopt_orphans() -> None:
    if psutil.LINUX:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end(tree: Tree) -> float:
    """Ends what still runs, and gives the processor seconds of what nobody waited for."""
    cpu = 0.0
    while True:
        stop(tree)
        adopted = tree.adopted()
        if not adopted:
            return cpu
        for pid in adopted:
            with contextlib.suppress(ChildProcessError):
                used = os.wait4(pid, 0)[2]
                cpu += used.ru_utime + used.ru_stime


def stop(tree: Tree) -> None:
    """Ends what still runs of a tree."""
    for process in reversed(tree.alive()):
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            process.send_signal(signal.SIGKILL)


def measure(module: str, name: str, *arguments: object, **variables: str) -> dict[str, Any]:
    """A measure of a part in a process of its own.

    Args:
        module: The part's module.
        name: The measure.
        arguments: Its arguments.
        variables: Environment variables.

    Returns:
        What the measure returned, with the tree's ``peak_mib``, and the whole process's seconds
        if the measure did not time itself.

    Raises:
        MeasureError: It failed.
    """
    command = [sys.executable, "-m", module, name, *map(str, arguments)]
    usage = run(command, extra=variables, cwd=PROJECT)
    found: dict[str, Any] = json.loads(usage.stdout.splitlines()[-1])
    whole = {"cpu_seconds": usage.cpu_seconds, "wall_seconds": usage.wall_seconds}
    return whole | found | {"peak_mib": usage.peak_mib}


def answer(measures: Mapping[str, Any]) -> None:
    """The other side of ``measure``: runs one measure and prints what it returns.

    Args:
        measures: Functions by name; their arguments are texts.
    """
    name, *arguments = sys.argv[1:]
    print(json.dumps(measures[name](*arguments)))
