"""Claims of tables: which processes write a table at this moment, and for which scenario.

Stored partitions tell a run that another scenario has written a table; they cannot tell it that
another run is about to. Claims are files in the home that are locked while their process lives, so
that those of a killed process count for nothing. Homes of other machines are not seen.

Runs of one scenario may write a table together, because they store the same rows. Where extents add
rows, they have to be the same as well: a smaller run would remove rows of a larger one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.scenario import Scenario
from synth_assets.orchestration.locking import locked

# What claims of removals are for: no scenario has this fingerprint.
REMOVAL = "removal"


def rows_of(table: Table, scenario: Scenario) -> str:
    """What a scenario's rows of a table depend on: its fingerprint, and extents that add rows.

    Args:
        table: The table.
        scenario: The scenario.
    """
    extents = scenario.extents()
    grown = ", ".join(f"{name} {extents[name]}" for name in table.grows_with if name in extents)
    return scenario.fingerprint() + (f" with {grown}" if grown else "")


@contextmanager
def all_claimed(home: Path, tables: Sequence[Table], scenario: Scenario) -> Iterator[None]:
    """Claims tables for the duration of a block, for the rows of a scenario.

    Args:
        home: The home.
        tables: The tables.
        scenario: The scenario.

    Raises:
        UserError: A process writes one of the tables for other rows, or removes it.
    """
    with ExitStack() as claims:
        for table in tables:
            claims.enter_context(claimed(home, table, rows_of(table, scenario)))
        yield


@contextmanager
def claimed(home: Path, table: Table, rows: str) -> Iterator[None]:
    """Claims a table for the duration of a block; claims for the same rows exclude nobody.

    Args:
        home: The home.
        table: The table.
        rows: Which rows are written (``rows_of``), or ``REMOVAL``.

    Raises:
        UserError: A process writes the table for other rows, or removes it.
    """
    folder = home / "claims" / table.domain / table.name
    folder.mkdir(parents=True, exist_ok=True)
    own = FileLock(folder / f"{rows}-{uuid4().hex}")
    with locked(folder / ".lock"):
        _refuse_others(folder, table, rows)
        own.acquire()
    try:
        yield
    finally:
        own.release()
        Path(own.lock_file).unlink(missing_ok=True)


def _refuse_others(folder: Path, table: Table, rows: str) -> None:
    for file in folder.glob("*-*"):
        lock = FileLock(file)
        with suppress(Timeout):
            lock.acquire(timeout=0)
            # Its process has died.
            file.unlink(missing_ok=True)
            lock.release()
            continue
        other = file.name.rpartition("-")[0]
        if other == REMOVAL:
            raise UserError(f"{table.path} is being removed by another command: run this again")
        if other != rows:
            what = "removed" if rows == REMOVAL else f"written for scenario {rows}"
            raise UserError(
                f"{table.path} is being written by another run (scenario {other}), and cannot be "
                f"{what} before that has ended"
            )
