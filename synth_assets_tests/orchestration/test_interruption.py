"""Signals that arrive where Python or a library loses their exception, or after the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from synth_assets.orchestration.interruption import silencing

PREPARED = """
import signal
from unittest.mock import patch
import synth_assets.cli.app as app
from synth_assets.cli import main
from synth_assets.orchestration.interruption import stop_if_interrupted

class Panic(BaseException):
    "What Polars raises when its own code is interrupted."

def lost():
    class Left:
        def __del__(self):
            signal.raise_signal(signal.SIGTERM)
    Left()  # what its removal raises cannot be raised
    stop_if_interrupted()

def panics():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise Panic from None

def ends():
    import atexit
    atexit.register(signal.raise_signal, signal.SIGTERM)
    atexit.register(signal.raise_signal, signal.SIGINT)

with patch.object(app, "app", lambda **_: {0}()):
    main()
"""


@pytest.mark.parametrize(("case", "code"), [("lost", 130), ("panics", 130), ("ends", 0)])
def test_a_command_ends_with_its_own_exit_code(case: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PREPARED.replace("{0}", case)], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert ("interrupted" in done.stderr) == (code == 130)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_would_print_a_traceback_is_silenced_before_it_is_interrupted(number: int) -> None:
    before = signal.getsignal(number)
    said: list[str] = []

    def wait() -> None:
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        except KeyboardInterrupt:
            said.append("interrupted")
            raise

    with silencing(lambda: said.append("silenced")), pytest.raises(KeyboardInterrupt):
        wait()
    assert said == ["silenced", "interrupted"]
    assert signal.getsignal(number) is before
