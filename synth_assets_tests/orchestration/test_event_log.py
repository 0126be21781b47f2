"""The event log in batches stores what Dagster's own class stores, and loses no event."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage

from synth_assets.orchestration import event_batches, event_log, event_text
from synth_assets.orchestration.event_log import PooledSqliteEventLogStorage
from synth_assets_tests.orchestration.conftest import DAILY

KEYS = list(DAILY.keys())
SPOIL = {"resources": {"tiny_scenario": {"config": {"spoil": 1.0}}}}
TABLES = ("event_logs", "asset_keys", "asset_event_tags", "asset_check_executions")


def stored(folder: Path) -> dict[str, list[dict[str, object]]]:
    """The rows that another process finds, without the time at which they were inserted."""
    with sqlite3.connect(folder / "event_log.db") as connection:
        connection.row_factory = sqlite3.Row
        found = {t: connection.execute(f"select * from {t} order by id").fetchall() for t in TABLES}
    return {
        table: [{k: row[k] for k in row.keys() if k != "create_timestamp"} for row in rows]  # noqa: SIM118
        for table, rows in found.items()
    }


@pytest.fixture(scope="module")
def recorded() -> list[dg.EventLogEntry]:
    """The events that the module's tests share, once one of them has recorded them."""
    return []


@pytest.fixture
def events(
    recorded: list[dg.EventLogEntry], request: pytest.FixtureRequest
) -> list[dg.EventLogEntry]:
    """All events of three runs: of a range, of a day again, and one that fails."""
    if not recorded:
        run, instance = request.getfixturevalue("run"), request.getfixturevalue("instance")
        for outcome in (run(KEYS), run(KEYS[1:2]), run(KEYS[:4], run_config=SPOIL)):
            recorded += instance.all_logs(outcome.run_id)
    return recorded


@pytest.fixture
def log(tmp_path: Path) -> Iterator[PooledSqliteEventLogStorage]:
    """An empty log in batches."""
    storage = PooledSqliteEventLogStorage(str(tmp_path / "batches"))
    yield storage
    storage.dispose()


@pytest.mark.parametrize("most", [7, 10_000])
def test_batches_store_what_dagster_stores_one_by_one(
    most: int,
    events: list[dg.EventLogEntry],
    log: PooledSqliteEventLogStorage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_log, "MOST_WAITING", most)
    one_by_one = ConsolidatedSqliteEventLogStorage(str(tmp_path / "dagsters"))
    for event in events:
        one_by_one.store_event(event)
        log.store_event(event)
    log.flush()
    found, expected = stored(tmp_path / "batches"), stored(tmp_path / "dagsters")
    assert len(found["event_logs"]) == len(events) > 200
    assert len(found["asset_check_executions"]) > 90
    # Runs plan checks that are not evaluated: only Dagster's class keeps them.
    checks = expected["asset_check_executions"]
    evaluated = [row for row in checks if row["execution_status"] != "PLANNED"]
    assert len(evaluated) < len(checks)
    expected["asset_check_executions"] = evaluated
    for table in TABLES:
        assert found[table] == expected[table], table


def test_waiting_events_are_read_here_at_once_and_elsewhere_soon(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    steps = [e for e in events if e.dagster_event and not e.dagster_event.is_job_event][:3]
    for event in steps[:2]:
        log.store_event(event)
    assert stored(tmp_path / "batches")["event_logs"] == []
    assert len(log.get_logs_for_run(steps[0].run_id)) == 2
    log.store_event(steps[2])
    deadline = time.monotonic() + 20
    while len(stored(tmp_path / "batches")["event_logs"]) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_status_of_a_run_is_stored_at_once(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    count = next(n for n, e in enumerate(events) if e.dagster_event_type == "PIPELINE_START") + 1
    for event in events[:count]:
        log.store_event(event)
    assert len(stored(tmp_path / "batches")["event_logs"]) == count


def test_events_that_could_not_be_stored_go_on_waiting(
    events: list[dg.EventLogEntry],
    log: PooledSqliteEventLogStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(event_batches, "_write_assets", fail)
        for event in events[:5]:
            log.store_event(event)
        with pytest.raises(OSError, match="disk full"):
            log.flush()
    assert len(log.get_logs_for_run(events[0].run_id)) == 5


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_events_are_stored_soon_after_a_failure(
    events: list[dg.EventLogEntry],
    log: PooledSqliteEventLogStorage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    failed = threading.Event()

    def fail(*_: object) -> None:
        failed.set()
        raise OSError("disk full")

    monkeypatch.setattr(event_log, "WAITING_SECONDS", 0.05)
    steps = [e for e in events if e.dagster_event and not e.dagster_event.is_job_event][:2]
    with monkeypatch.context() as patch:
        patch.setattr(event_batches, "_write_assets", fail)
        log.store_event(steps[0])
        assert failed.wait(20)
    log.store_event(steps[1])
    deadline = time.monotonic() + 20
    while len(stored(tmp_path / "batches")["event_logs"]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)


# --- a creation that was interrupted --------------------------------------------------------


def _content(folder: Path) -> set[tuple[str, ...]]:
    """Tables and indexes of a log, and the migrations that it is marked with."""
    with sqlite3.connect(folder / "event_log.db") as connection:
        found = set(connection.execute("select type, name from sqlite_master"))
        return found | set(connection.execute("select name from secondary_indexes"))


def _statements_of_creation(folder: Path) -> list[str]:
    """What creates a log: tables and indexes, then the marks of migrations."""
    with sqlite3.connect(folder / "event_log.db") as connection:
        found = [line for line in connection.iterdump() if line.startswith(("CREATE", "INSERT"))]
    return sorted(found, key=lambda line: line.startswith("INSERT"))


def test_a_log_is_completed_from_wherever_its_creation_ended(tmp_path: Path) -> None:
    PooledSqliteEventLogStorage(str(tmp_path / "whole")).dispose()
    expected = _content(tmp_path / "whole")
    statements = _statements_of_creation(tmp_path / "whole")
    assert len(statements) > 15
    for count in range(len(statements)):
        folder = tmp_path / str(count)
        folder.mkdir()
        (folder / "event_log.db").touch()
        with sqlite3.connect(folder / "event_log.db") as connection:
            connection.executescript(";".join(statements[:count]))
        storage = PooledSqliteEventLogStorage(str(folder))
        assert list(storage.all_asset_keys()) == []
        storage.dispose()
        assert _content(folder) == expected, statements[:count][-1:]


def test_completing_a_log_keeps_its_events(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    for event in events:
        log.store_event(event)
    log.dispose()
    before = stored(tmp_path / "batches")
    with sqlite3.connect(tmp_path / "batches" / "event_log.db") as connection:
        connection.execute("drop table asset_keys")
        connection.execute("delete from secondary_indexes")
    storage = PooledSqliteEventLogStorage(str(tmp_path / "batches"))
    storage.dispose()
    after = stored(tmp_path / "batches")
    assert after["event_logs"] == before["event_logs"]
    names = {row["asset_key"] for row in before["asset_keys"]}
    assert {row["asset_key"] for row in after["asset_keys"]} == names


def test_a_log_whose_creation_was_killed_is_completed(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from dagster._core.storage.event_log import SqlEventLogStorageMetadata\n"
        "from synth_assets.orchestration.event_log import PooledSqliteEventLogStorage\n"
        "import sqlalchemy\n"
        "table = SqlEventLogStorageMetadata.tables['asset_keys']\n"
        "sqlalchemy.event.listen(table, 'before_create', lambda *_, **__: os._exit(9))\n"
        "PooledSqliteEventLogStorage(sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "killed")], timeout=300)
    assert done.returncode == 9
    with sqlite3.connect(tmp_path / "killed" / "event_log.db") as connection:
        names = {name for (name,) in connection.execute("select name from sqlite_master")}
    assert "event_logs" in names
    assert "asset_keys" not in names
    PooledSqliteEventLogStorage(str(tmp_path / "killed")).dispose()
    PooledSqliteEventLogStorage(str(tmp_path / "whole")).dispose()
    assert _content(tmp_path / "killed") == _content(tmp_path / "whole")


# --- compressed texts ---------------------------------------------------------------------

# "Größe" as it has been stored since texts are compressed.
STORED = "01732f3abcedf0fc5400"
# SHA-256 of the dictionary.
DIGEST = "22f2d135a4cfb5030f0a3876579050ca9fdf96c71821da44e1c9c5c5e68bfaf3"


@pytest.mark.parametrize("value", ["", "Größe", '{"__class__": "EventLogEntry"}', "x" * 100_000])
def test_a_text_is_read_as_it_was_written(value: str) -> None:
    assert event_text.text(event_text.compressed(value)) == value


def test_what_was_stored_stays_readable() -> None:
    assert event_text.text(bytes.fromhex(STORED)) == "Größe"
    digest = hashlib.sha256(event_text.DICTIONARY).hexdigest()
    assert digest == DIGEST, "another dictionary cannot read what was stored"
    with pytest.raises(ValueError, match="unknown form"):
        event_text.text(b"\x07abc")


def test_events_take_a_fifth_of_their_text(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    for event in events:
        log.store_event(event)
    log.flush()
    texts = sum(len(dg.serialize_value(event)) for event in events)
    assert sum(len(row["event"]) for row in stored(tmp_path / "batches")["event_logs"]) < texts / 5


def test_texts_of_an_older_log_are_read(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    log.store_event(events[0])
    log.flush()
    with sqlite3.connect(tmp_path / "batches" / "event_log.db") as connection:
        connection.execute("update event_logs set event = ?", [dg.serialize_value(events[0])])
    assert log.get_logs_for_run(events[0].run_id) == [events[0]]
