"""Runs of killed commands are recorded as failed; those of others are left alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import dagster as dg

from synth_assets.orchestration.abandoned_runs import PROCESS, end_abandoned, this_process
from synth_assets.stores.postgres.watcher import CLOCK_TOLERANCE, start_of


@dg.job
def nothing() -> None:
    """A job without steps."""


def test_runs_of_processes_that_ended_are_failed() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = socket.gethostname()
    processes = {
        "killed": f"{here}:{ended.pid}",
        "this": this_process(),
        "parent": f"{here}:{os.getppid()}",
        "elsewhere": f"{here}-2:{ended.pid}",
        "odd": f"{here}:?",
    }
    with dg.DagsterInstance.ephemeral() as instance:
        runs = {
            name: instance.create_run_for_job(
                nothing, status=dg.DagsterRunStatus.STARTED, tags={PROCESS: process}
            ).run_id
            for name, process in processes.items()
        }
        runs["daemon"] = instance.create_run_for_job(
            nothing, status=dg.DagsterRunStatus.STARTED
        ).run_id
        assert end_abandoned(instance) == [runs["killed"]]
        found = {name: instance.get_run_by_id(run) for name, run in runs.items()}
        failed = {name for name, run in found.items() if run and run.is_failure}
    assert failed == {"killed"}


def test_a_process_is_known_by_its_start_wherever_the_clock_is_set() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        runs = [
            instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
            for _ in range(2)
        ]
        time.sleep(CLOCK_TOLERANCE + 0.5)
        # By the clock it started after the runs, as if that had been set forward.
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        start = start_of(process.pid)
        for run, of in zip(runs, (start, f"{start}0"), strict=True):
            tag = {PROCESS: f"{socket.gethostname()}:{process.pid}@{of}"}
            instance.add_run_tags(run.run_id, tag)
        assert end_abandoned(instance) == [runs[1].run_id]
        process.communicate()


def test_a_process_that_was_given_the_id_later_does_not_execute_the_run() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
        time.sleep(CLOCK_TOLERANCE + 0.5)
        later = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        tag = {PROCESS: f"{socket.gethostname()}:{later.pid}"}
        instance.add_run_tags(run.run_id, tag)
        assert end_abandoned(instance) == [run.run_id]
        later.communicate()
