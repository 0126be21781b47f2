"""Runs of commands that were killed: Dagster would show them as running for ever.

A run that a command launches carries its process in a tag. Runs that Dagster's daemon launches do
not; their launcher watches them.

Slots of pools are also freed here. A step that was killed or interrupted keeps its slot, and every
later step of the pool would wait; Dagster frees such slots only while its daemon runs.
"""

from __future__ import annotations

import os
import socket

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from synth_assets.stores.postgres.watcher import start_of, still_runs

# Tag of a run: the machine, and the process that executes it with its start.
PROCESS = "synth/process"
UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def this_process() -> str:
    """The value of the tag for runs of this process."""
    return f"{socket.gethostname()}:{os.getpid()}@{start_of(os.getpid())}"


def end_abandoned(instance: dg.DagsterInstance) -> list[str]:
    """Records a failure of each unfinished run with a process of this machine that does not exist.

    The slots of all runs that have ended are freed.

    Args:
        instance: The instance.

    Returns:
        Ids of the runs.
    """
    ended = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=UNFINISHED)):
        run, since = record.dagster_run, record.create_timestamp.timestamp()
        host, _, process = run.tags.get(PROCESS, "").rpartition(":")
        pid, _, start = process.partition("@")
        of_here = host == socket.gethostname() and pid.isdecimal()
        if of_here and not still_runs(int(pid), since, start):
            instance.report_run_failed(run, "The process of the run was killed.")
            ended.append(run.run_id)
    _free_slots(instance)
    return ended


def _free_slots(instance: dg.DagsterInstance) -> None:
    """Frees the slots of runs that have ended, or of which nothing is recorded any more."""
    storage = instance.event_log_storage
    holders = storage.get_concurrency_run_ids()
    if not holders:
        return
    records = instance.get_run_records(dg.RunsFilter(run_ids=list(holders)))
    runs = [record.dagster_run for record in records]
    for run_id in holders - {run.run_id for run in runs if run.status not in FINISHED_STATUSES}:
        storage.free_concurrency_slots_for_run(run_id)
