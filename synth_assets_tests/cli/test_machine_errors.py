"""A full disk is a line and an exit code, wherever a command writes; a bug keeps its traceback."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, exc, text

from synth_assets.cli import listing
from synth_assets.cli.machine_errors import machine_error
from synth_assets_tests.cli.conftest import Synth


def _full_database(folder: Path) -> Exception:
    """The error of SQLAlchemy for a SQLite file that cannot grow."""
    engine = create_engine(f"sqlite:///{folder / 'small.db'}")
    with engine.connect() as db:
        db.execute(text("pragma max_page_count = 2"))
        db.execute(text("create table a (b text)"))
        with pytest.raises(exc.OperationalError) as found:
            db.execute(text("create table c (d text)"))
    engine.dispose()
    return found.value


def test_errors_of_the_machine_are_told_from_bugs(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/report.html")
    assert machine_error(full) == "no space left on device: /data/report.html"
    wrapped = RuntimeError("the step failed")
    wrapped.__cause__ = full
    assert machine_error(wrapped) == "no space left on device: /data/report.html"
    assert machine_error(_full_database(tmp_path)) == "database or disk is full"
    assert machine_error(ValueError("IO Error: No space left on device")) is not None
    for bug in (ValueError("no column"), FileNotFoundError(errno.ENOENT, "x"),
                sqlite3.OperationalError("no such table: a")):  # fmt: skip
        assert machine_error(bug) is None


def test_a_full_disk_outside_of_a_step_is_a_line(
    synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/file")

    monkeypatch.setattr(listing, "load_domains", full)
    done = synth("list")
    assert (done.code, done.err) == (
        3, "error: no space left on device: /data/file; what was finished is kept\n",
    )  # fmt: skip
