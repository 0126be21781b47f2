"""Processor seconds and memory of process trees: children, and what their parents left behind."""

import os
import sys
import time

import psutil
import pytest

from synth_assets_tests.bench import processes

WORK = "import time\nend = time.process_time() + {seconds}\nwhile time.process_time() < end: pass\n"
CHILD = (
    "import subprocess, sys, time\n"
    "subprocess.run([sys.executable, '-S', '-c', sys.argv[1]])\n"
    "held = bytearray(b'x' * (40 << 20))\n"
    "other = subprocess.Popen([sys.executable, '-S', '-c', "
    "'import time; held = bytearray(40 << 20); held[::4096] = bytes(len(held[::4096])); "
    "time.sleep(1)'])\n"
    "other.wait()\n"
)
LEFT = (
    "import subprocess, sys\n"
    "left = subprocess.Popen([sys.executable, '-S', '-c', "
    "sys.argv[1] + 'print(1, flush=True); time.sleep(60)'], "
    "stdout=subprocess.PIPE, start_new_session=True)\n"
    "left.stdout.readline()\n"
    "print(left.pid, flush=True)\n"
)


def test_children_count_with_their_time_and_memory() -> None:
    used = processes.run([sys.executable, "-S", "-c", CHILD, WORK.format(seconds=0.2)])
    assert 0.2 <= used.cpu_seconds < used.wall_seconds * (os.cpu_count() or 1)
    assert 80 < used.peak_mib < 200


@pytest.mark.skipif(not psutil.LINUX, reason="only Linux lets a process adopt others")
def test_what_is_left_behind_counts_and_ends() -> None:
    used = processes.run([sys.executable, "-S", "-c", LEFT, WORK.format(seconds=0.2)])
    assert used.cpu_seconds >= 0.2
    assert not psutil.pid_exists(int(used.stdout))


def test_a_command_that_fails_or_takes_too_long_is_an_error() -> None:
    with pytest.raises(processes.MeasureError, match="exit code 1: no such thing"):
        processes.run([sys.executable, "-S", "-c", "raise SystemExit('no such thing')"])
    started = time.perf_counter()
    with pytest.raises(processes.TooSlowError, match=r"stopped after 0\.3 s"):
        processes.run([sys.executable, "-S", "-c", "import time; time.sleep(60)"], limit=0.3)
    assert time.perf_counter() - started < 30


def test_settings_of_the_user_do_not_reach_a_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_SEED", "7")
    monkeypatch.setenv("DAGSTER_HOME", "/somewhere")
    found = processes.clean_environment({"SYNTH_HOME": "/there"})
    ours = {n: v for n, v in found.items() if n.startswith(("SYNTH_", "DAGSTER_"))}
    assert ours == {"SYNTH_HOME": "/there"}
