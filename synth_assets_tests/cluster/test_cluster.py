"""Workers that share no disk make what one machine makes, also when one of them is killed."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from synth_assets.orchestration.backfill_gates import BACKFILL
from synth_assets_tests.cluster.conftest import (
    MONTH,
    Deployment,
    digests_of_bucket,
    digests_of_database,
    digests_of_folder,
)
from synth_assets_tests.cluster.processes import process_of, until
from synth_assets_tests.shell import Shell

pytestmark = pytest.mark.slow
MINUTES = 60
# A busy machine needs many times what a quiet one does.
LONGEST = 120 * MINUTES


def test_a_month_with_gates_and_dbt(deployment: Deployment, alone: Shell) -> None:
    words = ["jaffle", "--partitions", MONTH, "--dbt"]
    submitted = deployment.cluster.synth("client", "submit", *words)
    assert submitted.wait(LONGEST) == 0, deployment.cluster.log("client").read_text()
    made = alone("materialize", *words)
    assert made.returncode == 0, made.stderr
    ours = digests_of_database(deployment.data)
    theirs = digests_of_database(alone.environment["SYNTH_POSTGRES_URL"])
    assert len(ours) > 30
    assert ours == theirs


def test_a_worker_is_killed(deployment: Deployment, alone: Shell) -> None:
    cluster, instance = deployment.cluster, deployment.instance
    submitted = cluster.synth("client", "submit", "identity_resolution")
    killed = _kill_one_at_work(deployment)
    code = submitted.wait(LONGEST)
    if code != 0:  # it failed cleanly: another run repairs
        again = cluster.synth("client", "submit", "identity_resolution")
        assert again.wait(LONGEST) == 0, cluster.log("client").read_text()

    lost = instance.get_run_by_id(killed)
    assert lost is not None
    assert lost.status is dg.DagsterRunStatus.FAILURE
    assert "does not have the run any more" in _failure(instance, killed)
    unfinished = [run for run in _runs(instance) if not run.is_finished]
    assert not unfinished

    made = alone("materialize", "identity_resolution")
    assert made.returncode == 0, made.stderr
    ours = digests_of_bucket(deployment.bucket)
    assert len(ours) == 10 * 16 + 2
    assert ours == digests_of_folder(Path(alone.environment["SYNTH_HOME"]) / "lake")


def _kill_one_at_work(deployment: Deployment) -> str:
    """Kills the worker of a run that has stored slices, and returns the run's id."""
    victims: list[tuple[str, str]] = []

    def find() -> bool:
        for run in _runs(deployment.instance, dg.DagsterRunStatus.STARTED):
            process = process_of(run, deployment.broker)
            made = dg.DagsterEventType.ASSET_MATERIALIZATION
            if process and deployment.instance.all_logs(run.run_id, of_type=made):
                worker = deployment.cluster.worker_of(process)
                victims.extend([(run.run_id, worker)] if worker else [])
        return bool(victims)

    until(find, 20 * MINUTES, "a run with slices on a worker")
    run_id, worker = victims[0]
    deployment.cluster.kill(worker)
    return run_id


def _runs(instance: dg.DagsterInstance, *statuses: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
    runs = instance.get_runs(dg.RunsFilter(statuses=list(statuses) or None))
    return [run for run in runs if BACKFILL in run.tags]


def _failure(instance: dg.DagsterInstance, run_id: str) -> str:
    ended = instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    return " ".join(entry.message or entry.user_message for entry in ended)
