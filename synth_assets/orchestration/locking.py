"""One process at a time: what two would disturb is done under a lock that says so in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from synth_assets.core.errors import UserError

# Seconds to wait for another process.
PATIENCE = 60


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Holds a lock file; ``UserError`` where another process does not let go of it."""
    try:
        with FileLock(file, timeout=PATIENCE):
            yield
    except Timeout:
        raise UserError(f"another process holds {file} for {PATIENCE} seconds") from None
