"""Odd words for every command: each ends with an exit code of the command's own, never a traceback.

Nothing is made: what a command would run with words that it accepts is replaced.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from synth_assets.cli import (
    gate,
    identity_graph,
    identity_resolution,
    jaffle,
    psql,
    running,
    service,
    ui,
)
from synth_assets.cli.app import COMMANDS, load
from synth_assets.orchestration import daemon_lock
from synth_assets_tests.cli.conftest import Synth

ODD = [
    "", " ", "-", "--", "---", "-x", "--no-such", "=", "a=b=c", "seed=", "=1", "seed=1e400",
    "seed=١٢", "seed=[", "0", "-1", "1e9", "nan", "inf", "9" * 400, "x" * 5_000, "💥", "é\u0301",
    "[bold]", "[/]", "[/bold]", "\x1b[31m", "a\nb", "a\tb", "%s", "{0}", "$(id)", "`id`", "*", "?",
    "[", "[!]", "**/x", "/", "//", "../..", "~nobody-of-this-name/x", "jaffle", "jaffle/",
    "jaffle/*", "JAFFLE", "jaffle/raw_orders_training/x", "all", "all/all", "2026-02-30",
    "/jaffle", "2026-01-01", "2026-1-1", "20260101", "..", "2026-01-01..", "..2026-01-01",
    "a..b..c", "2026-01-01..s0001", "s0000", "s9999", "training", "parquet", "parquet:",
    "postgres:x", "delta:s3://", "bigquery", "unity:x", "file:///etc", "s3://", "/dev/null",
    "/dev/null/x", "/proc/self/x", "merchant", "select 1", "None", "null", "true", "\ufeff",
]  # fmt: skip
EXITS = {0, 1, 2, 3}


def _options(command: Any) -> list[str]:
    names = [name for param in command.params for name in param.opts if name.startswith("-")]
    inner = getattr(command, "commands", {})
    return [*names, *inner, *(name for sub in inner.values() for name in _options(sub))]


def _words(name: str) -> st.SearchStrategy[list[str]]:
    """Odd words, options of the command, and options with an odd value."""
    odd = st.sampled_from(ODD) | st.text(max_size=12).filter(lambda text: "\0" not in text)
    options = st.sampled_from(_options(load(name)))
    valued = st.tuples(options, odd).map("=".join)
    return st.lists(odd | options | valued, max_size=6)


@pytest.fixture
def harmless(synth: Synth, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Synth:
    """The command, which parses and validates, and then does nothing."""

    def nothing(*args: object, **options: object) -> int:
        return 0

    def passed(*args: object, **options: object) -> Any:
        return type("Report", (), {"passed": True})

    for module, name, replacement in (
        (running, "run", nothing),
        (gate, "write_gate_report", nothing),
        (jaffle, "run", nothing),
        (jaffle, "write_gate_report", nothing),
        (jaffle, "_dbt_build", nothing),
        (identity_graph, "_run", nothing),
        (identity_resolution, "publish", passed),
        (psql, "_run", nothing),
        (os, "execv", nothing),
        (daemon_lock, "take", nothing),
        (ui, "end_with_this_process", nothing),
        (service, "end_with_this_process", nothing),
    ):
        monkeypatch.setattr(module, name, replacement)
    for name in ("clean_room", "journey"):
        module = pytest.importorskip(f"synth_assets.cli.{name}")
        monkeypatch.setattr(module, "run", lambda *args, **options: 3)
    monkeypatch.chdir(tmp_path)
    return synth


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_odd_words_end_in_an_exit_code(harmless: Synth, name: str) -> None:
    before = dict(os.environ)
    strategy = _words(name) if name else st.lists(st.sampled_from([*ODD, "--version"]), max_size=3)

    # What fails is as short as it has to be: making it shorter would take minutes.
    @settings(max_examples=25, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def hold(words: list[str]) -> None:
        os.environ.clear()
        os.environ.update(before)  # commands set variables
        done = harmless(*([name] if name else []), *words)
        assert done.code in EXITS, (words, done.err)
        assert "Traceback" not in done.out + done.err, words
        assert done.code != 2 or (done.err or done.out).strip(), words

    hold()
