"""Errors of the machine, which are no bugs: a full disk, a disk that fails, too many open files.

Stores translate the errors of their own files. These come from everything else that writes: the
instance's database, reports, settings, temporary files.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator

# What the operating system reports of itself; a missing file, for example, would be a bug.
NUMBERS = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE,
    errno.ENOMEM,
)  # fmt: skip
SQLITE_CODES = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
# Libraries in other languages pass the system's text on, in errors of their own.
TEXTS = re.compile("|".join(re.escape(os.strerror(number)) for number in NUMBERS))


def machine_error(error: BaseException) -> str | None:
    """The machine's part in an error, in a line; None if it has none.

    Args:
        error: The error, with those that it was raised from.
    """
    for each in _chain(error):
        text = _text(each)
        if text:
            file = getattr(each, "filename", None)
            return f"{text}: {file}" if isinstance(file, str) else text
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
        return os.strerror(error.errno).lower()
    if isinstance(error, sqlite3.Error):
        # The low byte is the code, the others say more of it.
        code = getattr(error, "sqlite_errorcode", 0) or 0
        return str(error) if code & 0xFF in SQLITE_CODES else None
    if isinstance(error, MemoryError):
        return os.strerror(errno.ENOMEM).lower()
    found = TEXTS.search(str(error))
    return found[0].lower() if found else None
