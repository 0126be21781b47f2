"""What distribution costs, printed as tables (``pytest -s``), for docs/how-to/deploy.md.

Wall seconds are from the request to the last result of the gates. Processor seconds are those of
the workers, or of the command on one machine.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.cluster.conftest import SCENARIO, Deployment
from synth_assets_tests.environment import only
from synth_assets_tests.shell import SYNTH, Shell

pytestmark = pytest.mark.slow
# A table that reads no other: its gate passes alone.
TABLE = "identity_resolution/mobile_app_users"
SHARDS = int(SCENARIO["SYNTH_IDENTITY_RESOLUTION_SHARDS"])
MINUTES, EVENTS = 60, 500


def _measured(spent: Callable[[], float], work: Callable[[], None]) -> tuple[float, float]:
    """Wall and processor seconds of work."""
    before, started = spent(), time.perf_counter()
    work()
    return time.perf_counter() - started, spent() - before


def here() -> float:
    """Processor seconds of this process's children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_throughput_by_workers(deployment: Deployment, alone: Shell) -> None:
    cluster = deployment.cluster

    def submit() -> None:
        command = cluster.synth("client", "submit", TABLE, "--recreate")
        assert command.wait(30 * MINUTES) == 0, cluster.log("client").read_text()

    def materialize() -> None:
        # A child of this process, unlike those that ``alone`` forks: ``here`` counts it.
        names = {**alone.environment, "POLARS_MAX_THREADS": "1"}
        subprocess.run([SYNTH, "materialize", TABLE], env=names, check=True)

    print(
        "\n| execution | workers | runs | wall s | processor s |\n| --- | --- | --- | --- | --- |"
    )
    print("| local | | 1 | {:.1f} | {:.1f} |".format(*_measured(here, materialize)))
    for number in (1, 2):  # one of three remains
        cluster.kill(f"worker-{number}")
    for workers in (1, 2, 4):
        for number in range(workers):
            if f"worker-{number}" not in cluster.services:
                cluster.start(f"worker-{number}", "worker")
        submit()  # workers load the definitions with their first run
        figures = _measured(lambda: cluster.processor_seconds("worker"), submit)
        print("| celery | {} | 4 | {:.1f} | {:.1f} |".format(workers, *figures), flush=True)


@pytest.mark.parametrize("execution", ["local", "dask"])
def test_seconds_of_a_slice_without_a_service(execution: str, tmp_path: Path) -> None:
    """A run of one slice, and what each further one adds: as Dagster's own command makes them."""
    seconds, spent = {}, {}
    names = {"SYNTH_HOME": tmp_path / "home", "SYNTH_EXECUTION": execution, **SCENARIO}
    with only(**names), open_instance(Settings.from_environment()) as instance:
        os.environ["DAGSTER_HOME"] = instance.root_directory
        _materialize(0)  # parses dbt's project
        for last in (0, SHARDS - 1):
            spent[last] = _measured(here, partial(_materialize, last))[1]
            (record,) = instance.get_run_records(limit=1)
            assert record.dagster_run.is_success
            seconds[last] = (record.end_time or 0) - (record.start_time or 0)
    added = [(found[SHARDS - 1] - found[0]) / (SHARDS - 1) for found in (seconds, spent)]
    print(
        f"\n| {execution} | {seconds[0]:.2f} s | {spent[0]:.1f} s | {added[0]:.3f} s | "
        f"{added[1]:.3f} s |"
    )


def _materialize(last: int) -> None:
    words = ["asset", "materialize", "-m", "synth_assets.definitions", "--select", TABLE]
    keys = ["--partition-range", f"s0000...s{last:04}"] if last else ["--partition", "s0000"]
    command = [sys.executable, "-m", "dagster", *words, *keys]
    made = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-2000:]


def test_events_a_second(postgres_url: str, tmp_path: Path) -> None:
    """Materializations that one process records in PostgreSQL."""
    config = {"storage": {"postgres": {"postgres_url": postgres_url}}}
    (tmp_path / "dagster.yaml").write_text(str(config))
    key = dg.AssetKey(["measured", "events"])

    def report(instance: dg.DagsterInstance) -> None:
        for number in range(EVENTS):
            event = dg.AssetMaterialization(key, partition=str(number), metadata={"rows": number})
            instance.report_runless_asset_event(event)

    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        wall, spent = _measured(time.process_time, lambda: report(instance))
    print(
        f"\n{EVENTS / wall:,.0f} events a second, {1e3 * spent / EVENTS:.1f} ms each of processor"
    )
