"""Many events of Dagster's log in one transaction, in the tables of the pinned version.

The rows are those that Dagster's ``SqlEventLogStorage`` writes one by one: every event, the latest
event of each asset, and the result of each asset check in place of the planned one. There are two
differences. When a run ends, its planned checks without a result are forgotten, which the UI would
show like checks that have failed. A result has no copy of its event: it names the event
(``event_text.TextOfEvent`` reads it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as db
from dagster import DagsterEventType, EventLogEntry
from dagster._core.events import ASSET_EVENTS
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

CHECKS = AssetCheckExecutionsTable
# What identifies the result of a check in a run.
CHECK_KEYS = ("asset_key", "check_name", "run_id", "partition")
RUN_ENDED = (
    DagsterEventType.RUN_SUCCESS,
    DagsterEventType.RUN_FAILURE,
    DagsterEventType.RUN_CANCELED,
)


class Written(NamedTuple):
    """An event that has been written, with its row and the row's id."""

    event: EventLogEntry
    row: dict[str, Any]
    id: int


def write(
    storage: SqlEventLogStorage, connection: db.Connection, events: Sequence[EventLogEntry]
) -> None:
    """Writes events, in order.

    Args:
        storage: The log, for the rows of events and assets.
        connection: A connection in a transaction.
        events: The events, at least one.
    """
    rows = [storage._event_to_row(event) for event in events]
    table = SqlEventLogStorageTable
    inserted = db.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    ids = connection.execute(inserted, rows).scalars().all()
    written = [Written(*parts) for parts in zip(events, rows, ids, strict=True)]
    _write_assets(storage, connection, written)
    _write_checks(connection, written)
    if ended := {one.event.run_id for one in _of_types(written, *RUN_ENDED)}:
        forget_planned_checks(connection, ended)


def copy_events(connection: db.Connection, run_id: str) -> None:
    """Gives the check results of a run copies of their events, which are to be removed.

    Args:
        connection: A connection in a transaction.
        run_id: Id of the run.
    """
    events = SqlEventLogStorageTable.c
    stored = db.select(events.event).where(events.id == CHECKS.c.evaluation_event_storage_id)
    lacking = db.and_(CHECKS.c.run_id == run_id, CHECKS.c.evaluation_event.is_(None))
    copied = {"evaluation_event": stored.scalar_subquery()}
    connection.execute(db.update(CHECKS).where(lacking).values(copied))


def _of_types(written: Sequence[Written], *types: DagsterEventType) -> list[Written]:
    return [one for one in written if one.event.dagster_event_type in types]


def _write_assets(
    storage: SqlEventLogStorage, connection: db.Connection, written: Sequence[Written]
) -> None:
    """Tags of events, and the latest event of each type for each asset."""
    assets = [one for one in _of_types(written, *ASSET_EVENTS) if one.row["asset_key"]]
    if assets:
        storage._store_asset_event_tags(
            connection, [one.event for one in assets], [one.id for one in assets]
        )
    latest = {(one.row["asset_key"], one.row["dagster_event_type"]): one for one in assets}
    for one in sorted(latest.values(), key=lambda one: one.id):
        storage._store_asset_event(connection, one.event, one.id)


def _write_checks(connection: db.Connection, written: Sequence[Written]) -> None:
    """What is planned and what was found, in their order: the UI shows the last row of a check."""
    planned = DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
    of_checks = _of_types(written, planned, DagsterEventType.ASSET_CHECK_EVALUATION)
    for kind, some in groupby(of_checks, key=lambda one: one.event.dagster_event_type):
        write_some = _write_planned_checks if kind is planned else _write_check_results
        write_some(connection, list(some))


def _write_planned_checks(connection: db.Connection, written: Sequence[Written]) -> None:
    rows = [
        _execution(one, AssetCheckExecutionRecordStatus.PLANNED)
        | {
            "asset_key": planned.asset_key.to_string(),
            "check_name": planned.check_name,
            "partition": key,
        }
        for one in written
        for planned in [_data(one)]
        for key in _planned_keys(planned)
    ]
    if rows:
        connection.execute(db.insert(CHECKS), rows)


def _planned_keys(planned: Any) -> Iterator[str | None]:
    if planned.partitions_subset:
        yield from planned.partitions_subset.get_partition_keys()
    else:
        yield None


def _write_check_results(connection: db.Connection, written: Sequence[Written]) -> None:
    """Results replace what was planned; the latest one of a check in a run is kept."""
    # Without a run, every result is one of its own.
    rows: dict[object, dict[str, Any]] = {}
    for one in written:
        row = _result(one)
        key = tuple(row[name] for name in CHECK_KEYS) if row["run_id"] else one.id
        rows.pop(key, None)
        rows[key] = row
    in_runs = [row for row in rows.values() if row["run_id"]]
    known = _known(connection, {tuple(row[name] for name in CHECK_KEYS[:3]) for row in in_runs})
    if replaced := [known[key] for key in rows if key in known]:
        connection.execute(db.delete(CHECKS).where(CHECKS.c.id.in_(replaced)))
    connection.execute(db.insert(CHECKS), list(rows.values()))


def forget_planned_checks(connection: db.Connection, runs: Collection[str]) -> None:
    """Removes the checks of runs that were planned and not evaluated.

    Args:
        connection: A connection in a transaction.
        runs: Ids of the runs.
    """
    planned = CHECKS.c.execution_status == AssetCheckExecutionRecordStatus.PLANNED.value
    connection.execute(db.delete(CHECKS).where(planned, CHECKS.c.run_id.in_(list(runs))))


def _known(connection: db.Connection, checks: set[tuple[str, ...]]) -> dict[object, int]:
    """Ids of the rows of checks in runs."""
    columns = [CHECKS.c[name] for name in CHECK_KEYS]
    of_checks = db.tuple_(*columns[:3]).in_(list(checks))
    found = connection.execute(db.select(*columns, CHECKS.c.id).where(of_checks))
    return {tuple(row[:4]): row[4] for row in found}


def _result(one: Written) -> dict[str, Any]:
    evaluation = _data(one)
    status = AssetCheckExecutionRecordStatus
    target = evaluation.target_materialization_data
    return _execution(one, status.SUCCEEDED if evaluation.passed else status.FAILED) | {
        "asset_key": evaluation.asset_key.to_string(),
        "check_name": evaluation.check_name,
        "partition": evaluation.partition,
        "materialization_event_storage_id": target.storage_id if target else None,
    }


def _execution(one: Written, status: AssetCheckExecutionRecordStatus) -> dict[str, Any]:
    return {
        "run_id": one.event.run_id,
        "execution_status": status.value,
        "evaluation_event_timestamp": one.row["timestamp"],
        "evaluation_event_storage_id": one.id,
    }


def _data(one: Written) -> Any:
    return one.event.get_dagster_event().event_specific_data
