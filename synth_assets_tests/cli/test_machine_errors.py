"""A full disk is a line and an exit code, wherever a command writes; a bug keeps its traceback."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from shutil import disk_usage

import psycopg2
import pytest
from polars.exceptions import ComputeError
from sqlalchemy import create_engine, exc, text

from synth_assets.cli import listing, machine_errors
from synth_assets.cli.machine_errors import machine_error
from synth_assets.orchestration.settings import Settings
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


def test_a_full_disk_is_named_where_the_error_names_no_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.dagster_home.mkdir(parents=True)
    state = disk_usage(settings.home)
    monkeypatch.setattr(machine_errors, "disk_usage", lambda folder: state._replace(free=4_096))
    where = f"the disk of {settings.dagster_home} is full"
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    for error, line in (
        (full, "database or disk is full"),
        (ValueError("IO Error: No space left on device"), "no space left on device"),
        (OSError(errno.ENOSPC, "x"), "no space left on device"),
    ):
        assert machine_error(error) == f"{line}: {where}"


def test_damaged_pages_are_a_line() -> None:
    error = ComputeError("parquet: File out of specification: wrong page\nmore of it")
    assert machine_error(error) == (
        "a Parquet file cannot be read (parquet: File out of specification: wrong page): "
        "`synth gate` names a damaged slice"
    )


def test_a_damaged_database_is_named(settings: Settings) -> None:
    file = settings.dagster_home / "history" / "runs.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(exc.DatabaseError) as found:
        create_engine(f"sqlite:///{file}").connect().execute(text("select 1 from runs"))
    line = machine_error(found.value)
    assert line is not None
    assert line.startswith(f"{file} is damaged (file is not a database): remove it")


def test_a_lost_server_is_a_line_without_its_user() -> None:
    engine = create_engine("postgresql://somebody:pa55word@127.0.0.1:1/dagster")
    with pytest.raises(exc.OperationalError) as found:
        engine.connect()
    wrapped = RuntimeError("too many retries for DB connection")
    wrapped.__cause__ = found.value
    line = machine_error(wrapped)
    assert line == "the PostgreSQL of DAGSTER_POSTGRES_URL cannot be reached: Connection refused"
    gone = psycopg2.OperationalError('FATAL:  password authentication failed for user "somebody"')
    assert machine_error(gone) == (
        "the PostgreSQL of DAGSTER_POSTGRES_URL cannot be reached: password authentication failed "
        "for the user"
    )


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
