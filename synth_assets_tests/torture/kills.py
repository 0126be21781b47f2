"""Writers killed at random instants, while they replace, read or maintain partitions."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from synth_assets_tests.stores.places import Place
from synth_assets_tests.torture.places import KINDS
from synth_assets_tests.torture.states import (
    first_versions,
    maintain_forever,
    problem,
    read_forever,
    write_forever,
)
from synth_assets_tests.torture.trials import Budget, Trial

# Writers are forked from a process that has imported the large libraries, and used none of them:
# starting one is most of what a kill takes.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["dataframely", "deltalake", "duckdb", "google.cloud.bigquery", "moto.server", "psycopg",
     "pyarrow.parquet", "pytest", "synth_assets.stores"]
)  # fmt: skip
# How long a process may take until it writes, and the longest life after that in first replaces.
START_SECONDS, REPLACES = 120, 6

Work = Callable[[Place, Connection], None]


def kills(budget: Budget) -> Iterator[Trial]:
    """Kills a writer, and looks at what it has left; the next writer continues with that."""
    works: list[tuple[str, Work, list[str]]] = [
        ("replacing", write_forever, list(KINDS)),
        ("replacing and reading", read_forever, list(KINDS)),
        ("replacing and maintaining", maintain_forever, ["delta"]),
    ]
    lines = sum(len(kinds) for _, _, kinds in works)
    for doing, work, kinds in works:
        for kind in kinds:
            trial = Trial(f"killed while {doing}", kind)
            with KINDS[kind]() as opened:
                place = opened()
                first_versions(place)
                for chance in budget.rounds(trial, lines):
                    reported = killed(place, work, chance.uniform(0, REPLACES), trial)
                    trial.hold(problem(place, reported))
            yield trial


def killed(place: Place, work: Work, life: float, trial: Trial) -> dict[str, int]:
    """Kills a process that works on a store; the versions that it had reported.

    Args:
        place: The store.
        work: What the process does.
        life: How long it lives once it is ready, as a multiple of what its first replace took.
        trial: Counts the partitions that were replaced.
    """
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(
        target=_begin, args=(dict(os.environ), work, place, theirs), daemon=True
    )
    process.start()
    theirs.close()
    try:
        if not ours.poll(START_SECONDS):
            raise RuntimeError(f"no writer of {place.kind} has started")
        _, seconds = ours.recv()
        time.sleep(life * seconds)
    finally:
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    reported = dict(_received(ours))
    trial.count("replaced", sum(reported.values()))
    return reported


def _begin(environment: dict[str, str], work: Work, place: Place, reports: Connection) -> None:
    os.environ.update(environment)  # the addresses of servers that have started since
    work(place, reports)


def _received(reports: Connection) -> Iterator[Any]:
    try:
        while True:
            yield reports.recv()
    except (EOFError, OSError):  # the last report may be cut off
        return


PART = (kills,)
