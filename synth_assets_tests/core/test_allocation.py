"""The heap that threads share, by what a process has reserved."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Two threads that allocate; then the number of ranges that are reserved and not used yet: a heap
# of a thread has one.
THREADS = """
import sys, threading
import numpy as np
from synth_assets.core.allocation import share_heap
if sys.argv[1] == "shared":
    assert share_heap()
turns = threading.Barrier(2)
def allocate():
    turns.wait()
    (np.ones(60_000) + 1).sum()
threads = [threading.Thread(target=allocate) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(open("/proc/self/maps").read().count("---p 00000000 00:00 0"))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the heaps of threads are glibc's")
def test_threads_share_a_heap() -> None:
    separate, shared = (
        int(subprocess.check_output([sys.executable, "-c", THREADS, how], timeout=120))
        for how in ("separate", "shared")
    )
    assert shared < separate
