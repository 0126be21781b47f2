"""The SQLite databases of Dagster's instance: which of them is damaged, and what to do about it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

# In the folder of the instance, as Dagster names them.
DATABASES = ("event_log.db", "history/runs.db", "schedules/schedules.db")
# The low byte of SQLite's code; the others say more of it.
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def sqlite_code(error: BaseException) -> int:
    """SQLite's primary code of an error; 0 if it has none.

    Args:
        error: The error.
    """
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def damage(folder: Path) -> str | None:
    """A sentence about the first damaged database of an instance; None if all are sound.

    It reads whole databases, so it is for errors that SQLite has reported.

    Args:
        folder: The folder of the instance.
    """
    for file in (folder / name for name in DATABASES):
        reason = _damage_of(file) if file.is_file() else None
        if reason:
            return (
                f"{file} is damaged ({reason}): remove it, and the next command makes it anew; "
                "Dagster's records of runs that it had are lost, stored rows stay"
            )
    return None


def _damage_of(file: Path) -> str | None:
    try:
        with closing(sqlite3.connect(file)) as connection:
            ((found,),) = connection.execute("pragma quick_check(1)").fetchall()
    except sqlite3.Error as error:
        return str(error) if sqlite_code(error) in DAMAGED else None
    return None if found == "ok" else "database disk image is malformed"
