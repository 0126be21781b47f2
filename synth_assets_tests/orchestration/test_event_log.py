"""The event log in batches stores what Dagster's own class stores, and loses no event."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from hypothesis import given
from hypothesis import strategies as st

from synth_assets.orchestration import event_batches, event_indexes, event_log, event_text
from synth_assets.orchestration.event_dictionary import DICTIONARY, TEMPLATES
from synth_assets.orchestration.event_log import PooledSqliteEventLogStorage
from synth_assets_tests.orchestration.conftest import DAILY

KEYS = list(DAILY.keys())
SPOIL = {"resources": {"tiny_scenario": {"config": {"spoil": 1.0}}}}
TABLES = ("event_logs", "asset_keys", "asset_event_tags")
# Results of checks with their events, wherever these are stored.
RESULTS = """
select asset_key, check_name, run_id, partition, execution_status, evaluation_event_timestamp,
    evaluation_event_storage_id, materialization_event_storage_id, coalesce(evaluation_event,
    (select event from event_logs where event_logs.id = evaluation_event_storage_id)) as event
from asset_check_executions order by evaluation_event_storage_id, partition
"""


def stored(folder: Path) -> dict[str, list[dict[str, object]]]:
    """The rows that another process finds, without the time at which they were inserted."""
    with sqlite3.connect(folder / "event_log.db") as connection:
        connection.row_factory = sqlite3.Row
        found = {t: connection.execute(f"select * from {t} order by id").fetchall() for t in TABLES}
    return {
        table: [{k: row[k] for k in row.keys() if k != "create_timestamp"} for row in rows]  # noqa: SIM118
        for table, rows in found.items()
    }


def results(folder: Path) -> list[dict[str, object]]:
    """The results of checks that another process finds."""
    with sqlite3.connect(folder / "event_log.db") as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(RESULTS)]


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


def store(log: PooledSqliteEventLogStorage, events: Sequence[dg.EventLogEntry]) -> None:
    """Stores events one by one, as runs do."""
    for event in events:
        log.store_event(event)


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
    for table in TABLES:
        assert found[table] == expected[table], table
    # Runs plan checks that are not evaluated: only Dagster's class keeps them.
    checks = results(tmp_path / "dagsters")
    evaluated = [row for row in checks if row["execution_status"] != "PLANNED"]
    assert 90 < len(evaluated) < len(checks)
    assert results(tmp_path / "batches") == evaluated


def _evaluated(log: PooledSqliteEventLogStorage, key: dg.AssetCheckKey) -> list[object]:
    """What Dagster reads of a check: its history, and the latest result."""
    history = log.get_asset_check_execution_history(key, limit=1_000)
    latest = log.get_latest_asset_check_execution_by_key([key])[key]
    return [(r.run_id, r.partition, r.status, r.event) for r in (*history, latest)]


def test_results_have_their_events_also_when_those_are_removed(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    store(log, events)
    log.flush()
    with sqlite3.connect(tmp_path / "batches" / "event_log.db") as connection:
        [copies] = connection.execute("select count(evaluation_event) from asset_check_executions")
    assert copies == (0,), "an event is stored twice"
    key = dg.AssetCheckKey(dg.AssetKey(["tiny", "children"]), "fk_parent_id")
    before = _evaluated(log, key)
    assert len(before) > len(KEYS)
    assert all(row[3].dagster_event.asset_check_evaluation_data for row in before)
    for run_id in {event.run_id for event in events}:
        log.delete_events(run_id)
    assert stored(tmp_path / "batches")["event_logs"] == []
    assert _evaluated(log, key) == before


def test_waiting_events_are_read_here_at_once_and_elsewhere_soon(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    steps = [e for e in events if e.dagster_event and not e.dagster_event.is_job_event][:3]
    store(log, steps[:2])
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
    store(log, events[:count])
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
        store(log, events[:5])
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


def test_a_watcher_is_told_of_events_that_another_process_writes(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    run_id, told = events[0].run_id, list[str]()
    store(log, events[:3])
    log.watch(run_id, None, lambda event, cursor: told.append(cursor))
    other = PooledSqliteEventLogStorage(str(tmp_path / "batches"))
    deadline = time.monotonic() + 30
    for event in events[3:8]:
        other.store_event(event)
        other.flush()
    while len(told) < 8:
        assert time.monotonic() < deadline, f"{len(told)} of 8 events"
        time.sleep(0.05)
    other.dispose()


def test_an_event_that_cannot_be_stored_holds_up_no_other(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    wrong = events[1]._replace(timestamp="no number")
    store(log, [*events[:3], wrong, *events[3:6]])
    log.flush()
    assert len(stored(tmp_path / "batches")["event_logs"]) == 6
    log.store_event(events[6])
    assert len(log.get_logs_for_run(events[0].run_id)) == 7


def test_the_last_row_of_a_check_is_of_its_last_event(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage
) -> None:
    key = dg.AssetCheckKey(dg.AssetKey(["tiny", "children"]), "fk_parent_id")
    about = [e for e in events if key.name in str(e.dagster_event)]
    result = next(e for e in about if e.dagster_event_type == "ASSET_CHECK_EVALUATION")
    planned = next(e for e in about if e.dagster_event_type == "ASSET_CHECK_EVALUATION_PLANNED")
    store(log, [result._replace(run_id="a"), planned._replace(run_id="b")])
    latest = log.get_latest_asset_check_execution_by_key([key])[key]
    assert (latest.run_id, latest.status.value) == ("b", "PLANNED")
    store(log, [result._replace(run_id="c"), result._replace(run_id="")])
    assert log.get_latest_asset_check_execution_by_key([key])[key].run_id == ""
    log.delete_events("b")
    assert "b" not in {r.run_id for r in log.get_asset_check_execution_history(key, limit=100)}


QUERIES = {
    "select id from event_logs where asset_key = ? and dagster_event_type = ? order by id desc":
        "idx_events_by_asset ",
    "select max(id) from event_logs where asset_key = ? and dagster_event_type in (?, ?) "
    "and partition in (?, ?) group by partition": "idx_events_by_asset_partition ",
    "select id from asset_check_executions where asset_key = ? and check_name = ? order by id":
        "idx_asset_check_executions_unique ",
}  # fmt: skip


@pytest.mark.parametrize(("query", "index"), QUERIES.items())
def test_queries_of_assets_and_checks_use_the_indexes_that_are_left(
    query: str, index: str, log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "batches" / "event_log.db") as connection:
        values = ["x"] * query.count("?")
        plan = connection.execute(f"explain query plan {query}", values).fetchall()
        indexes = {name for (name,) in connection.execute("select name from sqlite_master")}
    assert index in "".join(row[3] for row in plan) + " ", plan
    assert not indexes & event_indexes.UNUSED


def test_a_run_leaves_no_free_pages(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    store(log, events)
    log.dispose()
    with sqlite3.connect(tmp_path / "batches" / "event_log.db") as connection:
        assert connection.execute("pragma freelist_count").fetchone() == (0,)


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
    store(log, events)
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
# A text with marks, and as it is stored.
TEXT_MARKED = (
    '{"path": ["jaffle", "raw_orders"], "run_id": "1114b03e-fc1d-4b37-927b-3f20a257b036", '
    '"step_key": "jaffle__raw_orders", "timestamp": 1796067838.0392013, '
    '"pipeline_name": "jaffle_all"}'
)
STORED_MARKED = (
    "021114b03efc1d4b37927b3f20a257b0360141dac3747f828246c358ab81321ec8508d592292e12c2c9eab0500"
)
# SHA-256 of the dictionaries.
DIGEST = "d463a57c96493cbe737eab6a6fc2316b4589659aaacc6bdf6735c2d060d0e7d2"
# Texts whose names are in one another, are marks, have escapes, or are repeated.
NAME = st.text(st.sampled_from('ab"\\\x01\x0eß_'), max_size=6)


@pytest.mark.parametrize("value", ["", "Größe", '{"__class__": "EventLogEntry"}', "x" * 100_000])
def test_a_text_is_read_as_it_was_written(value: str) -> None:
    assert event_text.text(event_text.compressed(value)) == value


@given(names=st.lists(NAME, min_size=6, max_size=6), number=st.floats(0, 2e9), again=NAME)
def test_an_event_is_read_as_it_was_written(names: list[str], number: float, again: str) -> None:
    domain, table, job, step, check, partition = names
    event = {
        "path": [domain, table], "pipeline_name": job, "step_key": step, "check_name": check,
        "partition": partition, "timestamp": number, "run_id": str(uuid.UUID(int=int(number))),
        "again": [again, f"{domain}{again}{step}", {"timestamp": 1.50}],
    }  # fmt: skip
    for value in (json.dumps(event), json.dumps(event, ensure_ascii=False)):
        assert event_text.text(event_text.compressed(value)) == value


def test_what_was_stored_stays_readable() -> None:
    assert event_text.text(bytes.fromhex(STORED)) == "Größe"
    digest = hashlib.sha256(DICTIONARY + TEMPLATES).hexdigest()
    assert digest == DIGEST, "another dictionary cannot read what was stored"
    assert event_text.text(bytes.fromhex(STORED_MARKED)) == TEXT_MARKED
    with pytest.raises(ValueError, match="unknown form"):
        event_text.text(b"\x07abc")


def test_events_take_a_tenth_of_their_text(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    store(log, events)
    log.flush()
    texts = sum(len(dg.serialize_value(event)) for event in events)
    assert sum(len(row["event"]) for row in stored(tmp_path / "batches")["event_logs"]) < texts / 10


def test_texts_of_an_older_log_are_read(
    events: list[dg.EventLogEntry], log: PooledSqliteEventLogStorage, tmp_path: Path
) -> None:
    log.store_event(events[0])
    log.flush()
    with sqlite3.connect(tmp_path / "batches" / "event_log.db") as connection:
        connection.execute("update event_logs set event = ?", [dg.serialize_value(events[0])])
    assert log.get_logs_for_run(events[0].run_id) == [events[0]]
