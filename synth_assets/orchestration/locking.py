"""A file lock for work that only one process may do at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from synth_assets.core.errors import UserError

# How long to wait for another process.
TIMEOUT_SECONDS = 60


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Holds a file lock for the duration of a block.

    Args:
        file: The lock file, created if necessary.

    Raises:
        UserError: Another process holds the lock for longer than the timeout.
    """
    try:
        with FileLock(file, timeout=TIMEOUT_SECONDS):
            yield
    except Timeout:
        raise UserError(f"another process holds {file} for {TIMEOUT_SECONDS} seconds") from None
