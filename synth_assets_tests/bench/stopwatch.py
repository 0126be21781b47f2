"""Processor and wall seconds of a piece of code, inside the process that runs it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

import psutil

REPEATS = 3


def cpu_seconds(servers: Sequence[int] = ()) -> float:
    """Processor seconds of this process, of its finished children, and of servers' trees.

    Args:
        servers: Process ids of servers that are not children of this process.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() + children.ru_utime + children.ru_stime
    return own + sum(_of_tree(psutil.Process(pid)) for pid in servers)


def _of_tree(process: psutil.Process) -> float:
    """Read again if a child ended meanwhile: its seconds become its parent's when it is reaped."""
    while True:
        children = process.children(recursive=True)
        try:
            total = sum(sum(one.cpu_times()[:4]) for one in (process, *children))
        except psutil.NoSuchProcess:
            continue
        if process.children(recursive=True) == children:
            return float(total)


class Stopwatch:
    """Measures what happens within it.

    Attributes:
        cpu: Processor seconds, of threads, finished children and servers too.
        wall: Seconds that passed.
    """

    def __init__(self, servers: Sequence[int] = ()) -> None:
        self.cpu = self.wall = 0.0
        self._servers = servers

    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), cpu_seconds(self._servers)
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu = cpu_seconds(self._servers) - self._cpu
        self.wall = time.perf_counter() - self._wall

    def numbers(self, prefix: str = "") -> dict[str, float]:
        """Both, by name."""
        return {f"{prefix}cpu_seconds": self.cpu, f"{prefix}wall_seconds": self.wall}


def best(
    action: Callable[[], Any],
    before: Callable[[], Any] = lambda: None,
    servers: Sequence[int] = (),
) -> Stopwatch:
    """The cheapest of a few runs, by processor seconds.

    Args:
        action: What is measured.
        before: Called before each run, not measured.
        servers: Servers that work for it.
    """
    runs = []
    for _ in range(REPEATS):
        before()
        with Stopwatch(servers) as watch:
            action()
        runs.append(watch)
    return min(runs, key=lambda watch: watch.cpu)
