"""Ctrl-C and SIGTERM at random instants of long commands, and commands that are killed."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from synth_assets_tests.torture.commands import Done, Home, begin, ended, failures_of, run
from synth_assets_tests.torture.trials import Budget, Trial

SIGNALS = {"Ctrl-C": signal.SIGINT, "SIGTERM": signal.SIGTERM}
# A command that takes longer to stop has failed.
STOP_SECONDS = 30
SAYS = "interrupted"
# Before this instant, the interpreter itself may be interrupted, which it reports as it likes.
EARLIEST_SECONDS = 0.15
DAYS = "2026-01-01..2026-01-05"
# Commands that make something and run first, and then those that read it.
COMMANDS: dict[str, tuple[str, ...]] = {
    "materialize": ("materialize", "jaffle", "--dbt", "--partitions", DAYS),
    "gate": ("gate", "jaffle"),
    "copy": ("copy", "jaffle/raw_*", "--from", "parquet", "--to", "delta"),
    "export": ("export", "jaffle", "--to", "{home}/export", "--format", "parquet"),
    "maintain": ("maintain", "jaffle/raw_orders_training"),
    "jaffle": ("jaffle", "--days-back", "2"),
    "identity-graph": ("identity-graph", "--households", "1000"),
    "identity-resolution": (
        "identity-resolution", "--scale", "200K", "--output-dir", "{home}/records",
    ),
    "demo": ("demo", "--days", "2"),
}  # fmt: skip
# Settings that a command needs beside those of its home.
VARIABLES = {"maintain": {"SYNTH_STORE": "delta"}}


def interruptions(budget: Budget) -> Iterator[Trial]:
    """Signals at random instants; afterwards the command runs to its end."""
    with tempfile.TemporaryDirectory(prefix="synth-torture-", dir="/tmp") as root:
        Path(root).chmod(0o755)
        for name in COMMANDS:
            trial = Trial("Ctrl-C or SIGTERM", f"synth {name}")
            home = Home(Path(root) / "home")
            whole = _run(home, name)
            if found := failures_of(whole, {0, 1}):
                trial.hold(f"uninterrupted: {found}")
                yield trial
                continue
            for chance in budget.rounds(trial, len(COMMANDS)):
                sent = chance.choice(sorted(SIGNALS))
                after = chance.uniform(EARLIEST_SECONDS, whole.seconds)
                done = _interrupted(home, name, SIGNALS[sent], after)
                if done is None:
                    trial.count("ended before")
                    continue
                trial.largest("longest seconds to stop", done.seconds)
                found = _not_stopped(done) or home.damaged()
                trial.hold(f"{sent} after {after:.1f} s: {found}" if found else None)
            again = _run(home, name)
            if found := failures_of(again, {0, 1}):
                trial.hold(f"afterwards: {found}")
            yield trial


def _words(home: Home, name: str) -> list[str]:
    return [word.replace("{home}", str(home.folder)) for word in COMMANDS[name]]


def _run(home: Home, name: str) -> Done:
    return run(home, *_words(home, name), **VARIABLES.get(name, {}))


def _interrupted(home: Home, name: str, number: signal.Signals, after: float) -> Done | None:
    """How a command ended after a signal; None if it ended before."""
    process = begin(home, *_words(home, name), **VARIABLES.get(name, {}))
    until = time.monotonic() + after
    while time.monotonic() < until:
        if process.poll() is not None:
            process.communicate()
            return None
        time.sleep(0.01)
    # A terminal sends Ctrl-C to all processes of the command, a service manager its SIGTERM to one.
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    done = ended(process, time.monotonic())
    return None if done.code in (0, 1) and SAYS not in done.err else done


def _not_stopped(done: Done) -> str | None:
    if found := failures_of(done, {130}):
        return found
    if SAYS not in done.err:
        return f"it says nothing of it: {done.err[-200:]!r}"
    return f"it took {done.seconds:.0f} s" if done.seconds > STOP_SECONDS else None


def orphans(budget: Budget) -> Iterator[Trial]:
    """Commands that use the embedded PostgreSQL are killed; the server must not outlive them."""
    trial = Trial("killed with its embedded server", "synth materialize")
    with tempfile.TemporaryDirectory(prefix="synth-pg-", dir="/tmp") as root:
        Path(root).chmod(0o755)
        home = Home(Path(root) / "home")
        words = ("materialize", "jaffle/raw_*", "--partitions", DAYS)
        whole = run(home, *words, SYNTH_STORE="postgres")
        if whole.code:
            raise RuntimeError(whole.err)
        for chance in budget.rounds(trial):
            process = begin(home, *words, SYNTH_STORE="postgres")
            time.sleep(chance.uniform(EARLIEST_SECONDS, whole.seconds))
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            trial.hold(_still_runs(home))
        again = run(home, *words, SYNTH_STORE="postgres")
        trial.hold(failures_of(again, {0}))
    yield trial


def _still_runs(home: Home) -> str | None:
    """A PostgreSQL of the home that still runs, after its watcher had time to stop it."""
    until = time.monotonic() + STOP_SECONDS
    while time.monotonic() < until:
        found = [p for p in psutil.process_iter(["cmdline"]) if _is_of(p, home)]
        if not found:
            return None
        time.sleep(0.2)
    return f"PostgreSQL (process {found[0].pid}) goes on"


def _is_of(process: psutil.Process, home: Home) -> bool:
    words = process.info["cmdline"] or []
    return bool(words) and "postgres" in words[0] and str(home.folder) in " ".join(words)


PART = (interruptions, orphans)
