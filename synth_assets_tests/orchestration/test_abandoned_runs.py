"""Runs of killed commands are recorded as failed; those of others are left alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import dagster as dg

from synth_assets.orchestration.abandoned_runs import PROCESS, end_abandoned, this_process


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
