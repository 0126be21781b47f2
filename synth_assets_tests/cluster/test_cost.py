"""What distribution costs, printed as a table (``pytest -s``), for docs/how-to/deploy.md.

Wall seconds are from the request to the last result of the gates. Processor seconds are those of
the workers, or of the command on one machine.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import dagster as dg
import pytest

from synth_assets_tests.cluster.conftest import Deployment
from synth_assets_tests.shell import Shell

pytestmark = pytest.mark.slow
TABLE = "identity_resolution/crm_customers"
MINUTES, EVENTS = 60, 500


def _measured(spent: Callable[[], float], work: Callable[[], None]) -> tuple[float, float]:
    """Wall and processor seconds of work."""
    before, started = spent(), time.perf_counter()
    work()
    return time.perf_counter() - started, spent() - before


def test_throughput_by_workers(deployment: Deployment, alone: Shell) -> None:
    cluster = deployment.cluster

    def submit() -> None:
        command = cluster.synth("client", "submit", TABLE, "--recreate")
        assert command.wait(30 * MINUTES) == 0, cluster.log("client").read_text()

    def here() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def materialize() -> None:
        made = alone("materialize", TABLE, POLARS_MAX_THREADS="1")
        assert made.returncode == 0, made.stderr

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


def test_events_a_second(deployment: Deployment) -> None:
    """Materializations that one process records in PostgreSQL."""
    key, started = dg.AssetKey(["measured", "events"]), time.perf_counter()
    for number in range(EVENTS):
        event = dg.AssetMaterialization(key, partition=str(number), metadata={"rows": number})
        deployment.instance.report_runless_asset_event(event)
    print(f"\n{EVENTS / (time.perf_counter() - started):,.0f} events a second")
    deployment.instance.wipe_assets([key])
