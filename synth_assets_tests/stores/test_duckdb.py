"""The DuckDB store and other processes: what waits for a lock, and what fails immediately."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from synth_assets.core.errors import UserError
from synth_assets.orchestration.settings import Settings
from synth_assets.stores import Store, open_store
from synth_assets.stores.duckdb import connections
from synth_assets_tests.stores.frames import FRAME, table

TABLE = table()
HOLD = """
import duckdb, sys
db = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
print(1, flush=True)
input()
"""


@contextmanager
def held(file: Path, to: str = "write") -> Iterator[subprocess.Popen[str]]:
    """Another process that has the file open."""
    words = [sys.executable, "-c", HOLD, str(file), to]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def file(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path that the settings give to the store's file."""
    monkeypatch.setenv("SYNTH_DUCKDB", str(tmp_path / "store.duckdb"))
    return tmp_path / "store.duckdb"


def opened(*, patient: bool = True) -> Store:
    """The store as commands open it."""
    return Settings.from_environment().open_store("duckdb", patient=patient)


def test_a_file_that_is_no_database_fails_immediately(file: Path) -> None:
    file.write_text("notes " * 1000)
    begun = time.monotonic()
    with pytest.raises(UserError, match=r"cannot open the DuckDB file .*not a valid DuckDB"):
        opened().describe(TABLE)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("name", [TABLE.domain, "with space.and-more"])
def test_a_file_may_be_called_as_the_domain(tmp_path: Path, name: str) -> None:
    store = open_store("duckdb", str(tmp_path / f"{name}.duckdb"))
    for _ in range(2):
        store.replace(TABLE, "s0000", FRAME.lazy(), "f")
    assert store.scan(TABLE, ["s0000"]).collect().height == FRAME.height
    store.drop(TABLE, ["s0000"])
    assert store.describe(TABLE) == {}


def test_reading_creates_no_file(file: Path) -> None:
    store = opened()
    assert store.describe(TABLE) == {}
    assert store.scan(TABLE).collect().is_empty()
    store.drop(TABLE, ["s0000"])
    assert not file.exists()


def test_readers_do_not_wait_for_readers(file: Path) -> None:
    opened().replace(TABLE, "s0000", FRAME.lazy(), "f")
    with held(file, "read"):
        assert opened(patient=False).describe(TABLE)["s0000"].rows == len(FRAME)
        assert len(opened(patient=False).scan(TABLE).collect()) == len(FRAME)


def test_a_lock_is_waited_for_and_logged_once_unless_the_caller_is_impatient(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opened().replace(TABLE, "s0000", FRAME.lazy(), "f")
    monkeypatch.setattr(connections, "LOCK_TIMEOUT", 0.6)
    with held(file) as other:
        for patient in (False, True):
            with pytest.raises(UserError, match=f"PID {other.pid}"):
                opened(patient=patient).describe(TABLE)
        with caplog.at_level(logging.WARNING):
            caplog.clear()
            monkeypatch.setattr(connections, "LOCK_TIMEOUT", 30)
            Timer(0.6, other.kill).start()
            assert opened().replace(TABLE, "s0000", FRAME.lazy(), "g").fingerprint == "g"
    assert [r.getMessage() for r in caplog.records] == [
        f"{file} is held by another process: waiting up to 30 s"
    ]


def test_a_table_is_derived_from_another_of_the_same_file(file: Path) -> None:
    store = opened()
    store.replace(TABLE, "s0000", FRAME.lazy(), "f")
    store.replace(TABLE, "s0000", store.scan(TABLE).select(FRAME.columns), "g")
    assert store.describe(TABLE)["s0000"].rows == len(FRAME)
