"""Commands as a person runs them, in a home of their own, and what they leave behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from synth_assets.orchestration.shipped import PROJECT
from synth_assets.stores import DamagedPartitionError, open_store
from synth_assets_tests.environment import OURS, only
from synth_assets_tests.shell import InProcess

LONGEST_SECONDS = 600
MAIN = "from synth_assets.cli import main; main()"


@dataclass(frozen=True)
class Done:
    """How a command ended.

    Attributes:
        code: Its exit code.
        out: What it printed.
        err: Its errors.
        seconds: How long it took; after a signal, how long from then.
        left: Processes that it started and that go on.
    """

    code: int
    out: str
    err: str
    seconds: float
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Home:
    """A SYNTH_HOME."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command in this home."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
        return kept | {"SYNTH_HOME": str(self.folder), "PYTHONPATH": str(PROJECT), "COLUMNS": "160"}

    def damaged(self) -> str | None:
        """A partition of the lake that cannot be read, or an unfinished file; None without one."""
        from synth_assets.domains import load_domains

        store = open_store("parquet", str(self.folder / "lake"))
        with only(SYNTH_HOME=self.folder):
            tables = [table for domain in load_domains() for table in domain.tables]
        for table in tables:
            try:
                store.describe(table)
            except DamagedPartitionError as error:
                return f"torn: {error}"
        unfinished = [file.name for file in self.folder.rglob("*.tmp")]
        return f"left behind: {unfinished[0]}" if unfinished else None

    def remove(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def run(home: Home, *words: str, **environment: str) -> Done:
    """Runs a command to its end.

    Args:
        home: Its home.
        words: Its arguments.
        environment: Further variables.
    """
    process = begin(home, *words, **environment)
    return ended(process, time.monotonic())


def run_here(home: Home, *words: str) -> Done:
    """Runs a command in this process, which has imported everything already.

    Args:
        home: Its home.
        words: Its arguments.
    """
    started = time.monotonic()
    done = InProcess(home.folder)(*words)
    return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - started)


def begin(home: Home, *words: str, **environment: str) -> subprocess.Popen[str]:
    """Starts a command in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", MAIN, *words], cwd=PROJECT,
        env=home.environment | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, text=True, start_new_session=True, preexec_fn=_hears_ctrl_c,
    )  # fmt: skip


def _hears_ctrl_c() -> None:
    # A shell's background job ignores it, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended(process: subprocess.Popen[str], since: float) -> Done:
    """Waits until a command ends; one that does not is killed, with code -9.

    Args:
        process: The command.
        since: The moment from which its seconds count.
    """
    try:
        out, err = process.communicate(timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    seconds = time.monotonic() - since
    return Done(process.returncode, out, err, seconds, _left(process.pid))


def _left(session: int) -> tuple[str, ...]:
    """The processes of a command's session; those that are about to end have a moment for it."""
    for _ in range(50):
        found = []
        for process in psutil.process_iter(["pid", "cmdline", "status"]):
            try:
                if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(" ".join(process.info["cmdline"] or [])[:120])
            except (ProcessLookupError, PermissionError, psutil.Error):
                continue
        if not found:
            return ()
        time.sleep(0.1)
    return tuple(found)


def failures_of(done: Done, codes: set[int]) -> str | None:
    """What is wrong with how a command ended; None if nothing is.

    Args:
        done: How it ended.
        codes: The exit codes that it may have.
    """
    if done.code not in codes:
        last = (done.err.strip().splitlines() or [""])[-1]
        return f"exit code {done.code}: {last[:200]}"
    if "Traceback" in (text := done.err + done.out):
        lines = text[text.index("Traceback") :].splitlines()
        error = next((line for line in lines[1:] if not line.startswith(" ")), lines[-1])
        return f"a traceback: {error[:200]}"
    if done.left:
        return f"left running: {done.left[0]}"
    return None
