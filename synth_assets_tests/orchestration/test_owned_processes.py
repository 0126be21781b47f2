"""Processes that a server has started end with it, also if it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

SECONDS = 30
# Starts a child that starts another one, and a child in a session of its own; then it replaces
# itself, as the commands of servers do. SIGTERM is written down by the grandchild.
SERVER = """
import os, subprocess, sys
from synth_assets.orchestration.owned_processes import end_with_this_process
end_with_this_process(grace=float(sys.argv[1]))
grandchild = '''
import os, signal, sys, time
def end(*_):
    open(sys.argv[1], "w").close()
    sys.exit()
signal.signal(signal.SIGTERM, end)
print(os.getpid(), flush=True)
time.sleep(600)
'''
child = '''
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])
print(os.getpid(), flush=True)
time.sleep(600)
'''
detached = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", child, grandchild, sys.argv[2]])
subprocess.Popen([sys.executable, "-c", detached], start_new_session=True)
os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"])
"""


@pytest.fixture
def started() -> Iterator[list[psutil.Process]]:
    """Processes that are killed after the test."""
    processes: list[psutil.Process] = []
    yield processes
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.mark.parametrize("grace", [2, 0])
def test_a_killed_server_leaves_no_process_behind(
    tmp_path: Path, started: list[psutil.Process], grace: int
) -> None:
    said = tmp_path / "terminated"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(grace), str(said)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    started += [psutil.Process(int(server.stdout.readline())) for _ in range(3)]
    detached = next(p for p in started if os.getsid(p.pid) == p.pid)
    others = [p for p in started if p != detached]
    os.kill(server.pid, signal.SIGKILL)
    server.wait(SECONDS)
    assert psutil.wait_procs(others, timeout=SECONDS)[1] == []
    assert detached.is_running()
    assert said.exists() == bool(grace)
