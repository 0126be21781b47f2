"""Claims of tables: which processes write a table at this moment, and for which scenario.

Stored partitions tell a run that another scenario has written a table; they cannot tell it that
another run is about to. Claims are files in the home that are locked while their process lives, so
that those of a killed process count for nothing. Homes of other machines are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.orchestration.locking import locked

# What is written where rows are removed: no scenario has this fingerprint.
REMOVAL = "removal"


@contextmanager
def claimed(home: Path, table: Table, fingerprint: str) -> Iterator[None]:
    """Claims a table for the duration of a block; claims of one scenario do not exclude each other.

    Args:
        home: The home.
        table: The table.
        fingerprint: The fingerprint of the scenario, or ``REMOVAL``.

    Raises:
        UserError: A process writes the table for another scenario, or removes it.
    """
    folder = home / "claims" / table.domain / table.name
    folder.mkdir(parents=True, exist_ok=True)
    own = FileLock(folder / f"{fingerprint}-{uuid4().hex}")
    with locked(folder / ".lock"):
        _refuse_others(folder, table, fingerprint)
        own.acquire()
    try:
        yield
    finally:
        own.release()
        Path(own.lock_file).unlink(missing_ok=True)


def _refuse_others(folder: Path, table: Table, fingerprint: str) -> None:
    for file in folder.glob("*-*"):
        lock = FileLock(file)
        with suppress(Timeout):
            lock.acquire(timeout=0)
            # Its process has died.
            file.unlink(missing_ok=True)
            lock.release()
            continue
        other = file.name.partition("-")[0]
        if other == REMOVAL:
            raise UserError(f"{table.path} is being removed by another command: run this again")
        if other != fingerprint:
            what = "removed" if fingerprint == REMOVAL else f"written for scenario {fingerprint}"
            raise UserError(
                f"{table.path} is being written by another run (scenario {other}), and cannot be "
                f"{what} before that has ended"
            )
