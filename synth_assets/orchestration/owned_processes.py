"""Ends the processes that a server has started when it ends, also if it was killed.

Dagster's servers start code servers, and those start runs. A server that is killed cannot end them,
and they would keep its port. A small watcher of it does: the processes have a mark of the server in
their environment, which those that they start inherit. Processes in other sessions are left alone:
they were detached on purpose, as an embedded PostgreSQL is, which others may use.

This file is also run as a script, so that a watcher stays small: it imports nothing of the project.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress

# The marks of a process: ids of the servers that it belongs to, with a comma after each.
MARKS = "_SYNTH_SERVERS"
# Seconds between looks for the server, and seconds that a process has to end in its own way.
LOOK_SECONDS, GRACE_SECONDS = 0.5, 10.0


def end_with_this_process(grace: float = GRACE_SECONDS) -> None:
    """Has the processes that this one will start end with it; it may replace itself by ``exec``.

    Args:
        grace: Seconds that they have to end after SIGTERM; with 0 they are killed at once.
    """
    mark = f"{os.getpid()}-{time.time_ns()},"
    session = os.getsid(0)
    subprocess.Popen(
        # -P keeps this folder off the path: it has modules with names of other libraries.
        [sys.executable, "-P", __file__, str(os.getpid()), str(session), mark, str(grace)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    os.environ[MARKS] = os.environ.get(MARKS, "") + mark


def main() -> None:
    """Waits until the server has ended, then ends its processes."""
    server, session, mark, grace = sys.argv[1:]
    while os.getppid() == int(server):
        time.sleep(LOOK_SECONDS)
    end_marked(int(session), mark, float(grace))


def end_marked(session: int, mark: str, grace: float) -> None:
    """Ends the processes of a session that have a mark.

    Args:
        session: The id of the session.
        mark: The mark.
        grace: Seconds between SIGTERM and SIGKILL; with 0 there is no SIGTERM.
    """
    import psutil  # type: ignore[import-untyped]

    def marked() -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            # Other users' processes cannot be read; others end meanwhile.
            with suppress(psutil.Error, OSError):
                if os.getsid(process.pid) == session and mark in process.environ().get(MARKS, ""):
                    found.append(process)
        return found

    processes = marked()
    if grace:
        for process in processes:
            with suppress(psutil.Error):
                process.terminate()
        psutil.wait_procs(processes, timeout=grace)
    while processes := marked():  # also those that were started meanwhile
        for process in processes:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(processes, timeout=LOOK_SECONDS)


if __name__ == "__main__":
    main()
