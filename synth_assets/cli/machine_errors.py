"""Errors of the machine, which are no bugs: a full disk, a damaged file, a server that is gone.

Stores translate the errors of their own files. These come from everything else that writes: the
instance's databases, reports, settings, temporary files.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir

from synth_assets.core.errors import UserError
from synth_assets.orchestration.instance_databases import DAMAGED, damage, sqlite_code

# What the operating system reports of itself; a missing file, for example, would be a bug.
NUMBERS = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE,
    errno.ENOMEM,
)  # fmt: skip
SQLITE_CODES = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
# A disk with less than this is full: what failed to be written has been removed.
FULL_BYTES = 2**20
# What Polars reports of damaged pages.
OF_PARQUET = re.compile(r"parquet: |zstd error: ")
# Libraries in other languages pass the system's text on, in errors of their own.
TEXTS = re.compile("|".join(re.escape(os.strerror(number)) for number in NUMBERS))


def machine_error(error: BaseException) -> str | None:
    """The machine's part in an error, in a line; None if it has none.

    Args:
        error: The error, with those that it was raised from.
    """
    for each in _chain(error):
        if text := _text(each):
            return text
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        # SQLAlchemy has the database's own error in ``orig``.
        others = (one.__cause__, one.__context__, getattr(one, "orig", None))
        waiting += [other for other in others if isinstance(other, BaseException)]


def _text(error: BaseException) -> str | None:
    if isinstance(error, OSError) and error.errno in NUMBERS:
        return _placed(os.strerror(error.errno).lower(), error.filename)
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if "psycopg2" in sys.modules and isinstance(error, sys.modules["psycopg2"].OperationalError):
        from synth_assets.stores.postgres.errors import reason_of

        return f"the PostgreSQL of DAGSTER_POSTGRES_URL cannot be reached: {reason_of(error)}"
    if isinstance(error, MemoryError):
        return os.strerror(errno.ENOMEM).lower()
    if OF_PARQUET.match(str(error)):
        reason = str(error).splitlines()[0]
        return f"a Parquet file cannot be read ({reason}): `synth gate` names a damaged slice"
    found = TEXTS.search(str(error))
    return _placed(found[0].lower()) if found else None


def _of_sqlite(error: sqlite3.Error) -> str | None:
    code = sqlite_code(error)
    if code in DAMAGED:
        from synth_assets.orchestration.settings import Settings

        return damage(Settings.from_environment().dagster_home) or str(error)
    return _placed(str(error)) if code in SQLITE_CODES else None


def _placed(text: str, file: object = None) -> str:
    """A text with the file that it is about; where the error names none, with a full disk."""
    if isinstance(file, str):
        return f"{text}: {file}"
    full = _on_a_full_disk()
    return f"{text}: the disk of {full} is full" if full else text


def _on_a_full_disk() -> str | None:
    """The first folder that commands write into and whose disk has no space; None without one."""
    from synth_assets.orchestration.settings import Settings

    with suppress(UserError):
        settings = Settings.from_environment()
        lake = settings.locations["parquet"]
        for folder in (settings.dagster_home, settings.home, Path(lake), Path(gettempdir())):
            with suppress(OSError):
                if disk_usage(folder).free < FULL_BYTES:
                    return str(folder)
    return None
