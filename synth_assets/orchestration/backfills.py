"""Backfills: partitions that the daemon has made in runs, wherever the deployment executes them.

``runs`` executes a run in this process; the gates between a backfill's runs are in
``backfill_gates``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from dagster._core.definitions.selector import (
    PartitionRangeSelector,
    PartitionsByAssetSelector,
    PartitionsSelector,
)
from dagster._core.execution.backfill import (
    BULK_ACTION_TERMINAL_STATUSES,
    BulkActionStatus,
    PartitionBackfill,
)
from dagster._core.utils import make_new_backfill_id
from dagster._daemon.controller import get_daemon_statuses

from synth_assets.core.errors import without_class
from synth_assets.orchestration.backfill_gates import BACKFILL

POLL_SECONDS = 2.0
# Dagster's name of the daemon that makes backfills.
DAEMON = "BACKFILL"


def submit(
    graph: dg.AssetGraph,
    assets: Sequence[dg.AssetKey],
    keys: Sequence[str],
    instance: dg.DagsterInstance,
    *,
    title: str,
    run_config: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> str:
    """Requests a backfill, which Dagster's daemon divides into runs.

    Args:
        graph: The graph of all assets.
        assets: The assets to materialize, with their checks.
        keys: The partition keys of those that are partitioned, in order and contiguous.
        instance: The instance on which the daemon works.
        title: What the UI shows.
        run_config: Dagster's configuration of the runs.
        tags: Tags of the runs.

    Returns:
        The backfill's id.
    """
    span = PartitionsSelector([PartitionRangeSelector(keys[0], keys[-1])]) if keys else None
    backfill = PartitionBackfill.from_partitions_by_assets(
        backfill_id=make_new_backfill_id(),
        asset_graph=graph,
        backfill_timestamp=time.time(),
        tags=dict(tags or {}),
        dynamic_partitions_store=instance,
        partitions_by_assets=[
            PartitionsByAssetSelector(
                asset_key=key, partitions=span if graph.get(key).is_partitioned else None
            )
            for key in assets
        ],
        title=title,
        description=None,
        run_config=run_config,
    )
    instance.add_backfill(backfill)
    return str(backfill.backfill_id)


def has_daemon(instance: dg.DagsterInstance) -> bool:
    """Whether a daemon that makes backfills works on an instance.

    Args:
        instance: The instance.
    """
    return bool(get_daemon_statuses(instance, [DAEMON], ignore_errors=True)[DAEMON].healthy)


def has_ended(backfill_id: str, instance: dg.DagsterInstance) -> bool:
    """Whether the daemon does nothing more about a backfill; also one that was deleted.

    Args:
        backfill_id: The backfill's id.
        instance: The instance.
    """
    backfill = instance.get_backfill(backfill_id)
    return backfill is None or backfill.status in BULK_ACTION_TERMINAL_STATUSES


def wait_for(backfill_id: str, instance: dg.DagsterInstance, seconds: float | None = None) -> bool:
    """Waits until a backfill has ended.

    Args:
        backfill_id: The backfill's id.
        instance: The instance.
        seconds: How long to wait at most; None for as long as it takes.

    Returns:
        Whether everything was made.

    Raises:
        TimeoutError: It has not ended by then.
    """
    until = None if seconds is None else time.monotonic() + seconds
    while not has_ended(backfill_id, instance):
        if until is not None and time.monotonic() > until:
            raise TimeoutError(f"backfill {backfill_id} has not ended after {seconds:g} seconds")
        time.sleep(POLL_SECONDS)
    backfill = instance.get_backfill(backfill_id)
    return backfill is not None and backfill.status is BulkActionStatus.COMPLETED_SUCCESS


def runs_of(backfill_id: str, instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The runs that a backfill has launched, the latest first.

    Args:
        backfill_id: The backfill's id.
        instance: The instance.
    """
    return list(instance.get_runs(dg.RunsFilter(tags={BACKFILL: backfill_id})))


def failed_runs(backfill_id: str, instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The runs of a backfill that ended without success and were not launched again.

    Args:
        backfill_id: The backfill's id.
        instance: The instance.
    """
    runs = runs_of(backfill_id, instance)
    again = {run.parent_run_id for run in runs}
    return [r for r in runs if r.is_finished and not r.is_success and r.run_id not in again]


def reason(backfill_id: str, instance: dg.DagsterInstance) -> str:
    """Why a backfill failed or was canceled, in a line.

    Args:
        backfill_id: The backfill's id.
        instance: The instance.
    """
    backfill = instance.get_backfill(backfill_id)
    if backfill is None:
        return "deleted"
    if backfill.error is None:
        return str(backfill.status.value.lower())
    cause = backfill.error.cause or backfill.error
    return without_class(cause.message.strip().splitlines()[0])
