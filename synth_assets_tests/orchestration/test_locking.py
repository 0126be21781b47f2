"""A file lock of another process is waited for, and the wait is logged; it ends with an error."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Timer

import pytest
from filelock import FileLock

from synth_assets.core.errors import UserError
from synth_assets.orchestration.locking import locked


@pytest.fixture
def held(tmp_path: Path) -> FileLock:
    """A lock that another holder has; a lock of the same file, opened apart, is another one."""
    lock = FileLock(tmp_path / "lock", thread_local=False)
    lock.acquire()
    return lock


def test_a_wait_is_logged_once_and_ends_with_the_lock(
    held: FileLock, caplog: pytest.LogCaptureFixture
) -> None:
    timer = Timer(0.4, held.release)
    timer.start()
    file = Path(held.lock_file)
    with caplog.at_level(logging.WARNING), locked(file, 30, unnoticed=0.1):
        pass
    timer.join()
    assert [record.getMessage() for record in caplog.records] == [
        f"{held.lock_file} is held by another process: waiting up to 30 s"
    ]


def test_a_lock_that_is_held_for_too_long_is_an_error(held: FileLock) -> None:
    with (
        pytest.raises(UserError, match=r"another process holds .*lock for 0\.1 seconds"),
        locked(Path(held.lock_file), 0.1, unnoticed=0.05),
    ):
        pass
    held.release()


def test_a_free_lock_is_taken_silently(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with locked(tmp_path / "lock"):
        pass
    assert not caplog.records
