"""``synth`` run in this process: one for each command would take seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from synth_assets.cli import command
from synth_assets.cli.selection import domain_named
from synth_assets.core.model import Table
from synth_assets.core.sources import frames
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.shell import InProcess, Shell


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


Synth = Callable[..., Done]


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Synth:
    """``synth`` with these words, in the environment as it is."""

    def run(*words: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["synth", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            command()
        return Done(int(left.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def synth(home: Path, in_process: Synth) -> Synth:
    """``synth`` in this process, with an empty home."""
    return in_process


@pytest.fixture
def ads(settings: Settings) -> Table:
    """The table of Google's ads, with two days of it stored in the home."""
    domain = domain_named("jaffle")
    table, store = domain.table("stg_google_ads"), settings.open_stores().of(domain.tables[0])
    for partition, frame in frames(table, domain.scenario, table.partitioning.keys()[:2]):
        store.replace(table, partition.key, frame, domain.scenario.fingerprint())
    return table


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """``synth`` in this process, with an environment of its own."""
    return InProcess(tmp_path / "home")
