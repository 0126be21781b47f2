"""A file lock for work that only one process may do at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from synth_assets.core.errors import UserError

log = logging.getLogger(__name__)
# How long to wait for another process, unless the work is known to take longer.
TIMEOUT_SECONDS = 60
# A longer wait is logged, unless the work usually takes longer.
UNNOTICED_SECONDS = 2


@contextmanager
def locked(
    file: Path, timeout: float = TIMEOUT_SECONDS, *, unnoticed: float = UNNOTICED_SECONDS
) -> Iterator[None]:
    """Holds a file lock for the duration of a block.

    Args:
        file: The lock file, created if necessary.
        timeout: Seconds to wait for another process.
        unnoticed: Seconds after which a wait is logged, once.

    Raises:
        UserError: Another process holds the lock for longer than the timeout.
    """
    lock = FileLock(file)
    try:
        try:
            lock.acquire(timeout=min(unnoticed, timeout))
        except Timeout:
            log.warning("%s is held by another process: waiting up to %g s", file, timeout)
            lock.acquire(timeout=timeout)
    except Timeout:
        raise UserError(f"another process holds {file} for {timeout:g} seconds") from None
    try:
        yield
    finally:
        lock.release()
