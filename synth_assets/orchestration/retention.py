"""Retention: removes what Dagster has recorded of runs that ended long ago.

Dagster purges ticks of schedules and sensors by itself (``retention`` in ``dagster.yaml``), but
never runs and their events. This module removes both. What the assets show stays: the latest
materialization and observation of each partition, and the latest result of each check. A
schedule's latest run stays too, because it tells which days were missed.

It reads and writes the tables of Dagster's storage, on SQLite and PostgreSQL; Dagster's own
``delete_run`` would remove the materializations of partitions that are still stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import sqlalchemy as db
from dagster._core.storage.compute_log_manager import ComputeLogManager
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable as Results,
)
from dagster._core.storage.event_log.schema import (
    AssetEventTagsTable as EventTags,
)
from dagster._core.storage.event_log.schema import (
    SqlEventLogStorageTable as Events,
)
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager

from synth_assets.core.errors import UserError
from synth_assets.orchestration.event_log import PooledSqliteEventLogStorage
from synth_assets.orchestration.schedules import SCHEDULE_TAG

MATERIALIZED = dg.DagsterEventType.ASSET_MATERIALIZATION.value
OBSERVED = dg.DagsterEventType.ASSET_OBSERVATION.value
EVALUATED = dg.DagsterEventType.ASSET_CHECK_EVALUATION.value
# The events that assets show, whatever becomes of their runs.
HISTORY = (MATERIALIZED, OBSERVED, EVALUATED)
# Status of a check's result while its run lasts.
PLANNED = "PLANNED"
# Runs that are removed in one transaction.
BATCH = 100


@dataclass(frozen=True)
class Purged:
    """What was removed.

    Attributes:
        runs: Number of runs.
        events: Number of events.
        results: Number of check results.
    """

    runs: int = 0
    events: int = 0
    results: int = 0


def cutoff(days: int) -> datetime:
    """The moment so many days ago.

    Args:
        days: Number of days.
    """
    return datetime.now(UTC) - timedelta(days=days)


def purge_runs(instance: dg.DagsterInstance, before: datetime) -> Purged:
    """Removes runs that ended before a moment, and what assets had recorded before it.

    Args:
        instance: The instance that recorded them.
        before: The moment, with a time zone.

    Raises:
        UserError: The instance has a storage without tables.
    """
    storage, logs = _storage_of(instance), _logs_of(instance)
    old = runs_before(instance, before)
    with storage.index_connection() as connection:
        results = _remove_results(connection, before)
        events = _remove_history(connection, before)
    for start in range(0, len(old), BATCH):
        batch = old[start : start + BATCH]
        with storage.index_connection() as connection:
            events += _remove_events(connection, batch)
        # Runs go last: those of an interrupted purge are found again.
        for run in batch:
            logs.delete_logs(prefix=[run])
            instance.run_storage.delete_run(run)
    if events and isinstance(storage, PooledSqliteEventLogStorage):
        storage.shrink()
    return Purged(len(old), events, results)


def runs_before(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    """Ids of the runs that ended before a moment, without the latest one of each schedule.

    Args:
        instance: The instance that recorded them.
        before: The moment, with a time zone.
    """
    old = instance.get_runs(dg.RunsFilter(statuses=FINISHED_STATUSES, updated_before=before))
    schedules = {run.tags[SCHEDULE_TAG] for run in old if SCHEDULE_TAG in run.tags}
    kept = {
        run.run_id
        for name in schedules
        for run in instance.get_runs(dg.RunsFilter(tags={SCHEDULE_TAG: name}), limit=1)
    }
    return [run.run_id for run in old if run.run_id not in kept]


def _storage_of(instance: dg.DagsterInstance) -> SqlEventLogStorage:
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        raise UserError(f"runs in a {type(storage).__name__} cannot be purged: it has no tables")
    return storage


def _logs_of(instance: dg.DagsterInstance) -> ComputeLogManager[Any]:
    """Where runs of the UI and of schedules keep what they print: commands keep nothing."""
    if isinstance(instance.compute_log_manager, NoOpComputeLogManager):
        return LocalComputeLogManager(instance.storage_directory())
    return instance.compute_log_manager


def _remove_results(connection: db.Connection, before: datetime) -> int:
    """Removes check results that are older than a moment and not the latest."""
    by = (Results.c.asset_key, Results.c.check_name, Results.c.partition)
    evaluated = Results.c.execution_status != PLANNED
    latest = db.select(db.func.max(Results.c.id)).where(evaluated).group_by(*by)
    old = Results.c.evaluation_event_timestamp < _stored(before)
    return connection.execute(Results.delete().where(old, Results.c.id.not_in(latest))).rowcount


def _remove_history(connection: db.Connection, before: datetime) -> int:
    """Removes events of assets that are older than a moment and not the latest."""
    by = (Events.c.asset_key, Events.c.partition, Events.c.dagster_event_type)
    of_rows = Events.c.dagster_event_type.in_([MATERIALIZED, OBSERVED])
    latest = db.select(db.func.max(Events.c.id)).where(of_rows).group_by(*by)
    evaluation = Results.c.evaluation_event_storage_id
    of_results = db.select(evaluation).where(evaluation.is_not(None))
    old = db.and_(
        Events.c.dagster_event_type.in_(HISTORY),
        Events.c.timestamp < _stored(before),
        Events.c.id.not_in(latest),
        Events.c.id.not_in(of_results),
    )
    tagged = EventTags.c.event_id.in_(db.select(Events.c.id).where(old))
    connection.execute(EventTags.delete().where(tagged))
    return connection.execute(Events.delete().where(old)).rowcount


def _remove_events(connection: db.Connection, runs: Sequence[str]) -> int:
    """Removes the events of runs that no asset shows: steps, inputs, logs."""
    kind = Events.c.dagster_event_type
    others = db.or_(kind.is_(None), kind.not_in(HISTORY))
    return connection.execute(Events.delete().where(Events.c.run_id.in_(runs), others)).rowcount


def _stored(moment: datetime) -> datetime:
    """A moment as Dagster stores it: UTC, without a time zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)
