"""Days on which no daemon evaluated a schedule are in the next run that it requests, once."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import PythonFileTarget
from dagster._scheduler.scheduler import launch_scheduled_runs
from dagster._utils.error import SerializableErrorInfo

from synth_assets.core.model import Domain
from synth_assets.orchestration.schedules import (
    PARTITION,
    RANGE_END,
    RANGE_START,
    SCHEDULE_TAG,
    schedules_of,
)
from synth_assets.orchestration.shipped import PROJECT

# What the scheduler's code server loads.
SERVED = """
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.orchestration.conftest import tiny

defs = build_definitions([tiny()], Settings.from_environment(), with_dbt=False)
"""


def _requested(
    domain: Domain, instance: dg.DagsterInstance, name: str, day: int
) -> tuple[str, str] | None:
    """The first and the last day that a schedule requests on a day of January; None for none."""
    (schedule,) = (s for s in schedules_of(domain) if s.name == name)
    at = datetime(2026, 1, day, 3, 20, tzinfo=UTC)
    with dg.build_schedule_context(instance, at) as context:
        due = schedule(context)
    if isinstance(due, dg.SkipReason):
        return None
    if due.partition_key:
        return due.partition_key, due.partition_key
    return due.tags[RANGE_START], due.tags[RANGE_END]


def _ran(instance: dg.DagsterInstance, name: str, **tags: str) -> None:
    """Records a run that a schedule has requested."""
    run = dg.DagsterRun(job_name=name, tags={SCHEDULE_TAG: name, **tags})
    instance.add_run(run)


def test_days_since_the_latest_run_are_one_run(
    domain: Domain, instance: dg.DagsterInstance
) -> None:
    assert _requested(domain, instance, "tiny_daily", 3) == ("2026-01-02", "2026-01-02")
    _ran(instance, "tiny_daily", **{PARTITION: "2026-01-02"})
    assert _requested(domain, instance, "tiny_daily", 4) == ("2026-01-03", "2026-01-03")
    # Without a daemon from the fourth to the seventh.
    assert _requested(domain, instance, "tiny_daily", 8) == ("2026-01-03", "2026-01-07")
    _ran(instance, "tiny_daily", **{RANGE_START: "2026-01-03", RANGE_END: "2026-01-07"})
    assert _requested(domain, instance, "tiny_daily", 9) == ("2026-01-08", "2026-01-08")


def test_days_that_do_not_exist_are_not_missed(
    domain: Domain, instance: dg.DagsterInstance
) -> None:
    _ran(instance, "tiny_daily", **{PARTITION: "2026-01-08"})
    assert _requested(domain, instance, "tiny_daily", 31) == ("2026-01-09", "2026-01-10")
    _ran(instance, "tiny_daily", **{RANGE_START: "2026-01-09", RANGE_END: "2026-01-10"})
    assert _requested(domain, instance, "tiny_daily", 31) is None


@pytest.mark.parametrize(("latest", "first"), [("2026-01-04", "2026-01-04"),
                                               ("2026-01-02", "2026-01-03")])  # fmt: skip
def test_a_schedule_of_several_days_begins_where_it_ended(
    latest: str, first: str, domain: Domain, instance: dg.DagsterInstance
) -> None:
    _ran(instance, "tiny_daily", **{PARTITION: "2026-01-01"})  # another schedule
    _ran(instance, "tiny_weekly", **{RANGE_START: "2026-01-01", RANGE_END: latest})
    assert _requested(domain, instance, "tiny_weekly", 11) == (first, "2026-01-10")


@pytest.mark.slow
def test_the_scheduler_itself_requests_missed_days_once(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    served = tmp_path / "served.py"
    served.write_text(SERVED)
    target = PythonFileTarget(str(served), "defs", str(PROJECT), "tiny")
    with WorkspaceProcessContext(instance, target) as workspace:
        (location,) = workspace.create_request_context().code_locations
        (repository,) = location.get_repositories().values()
        schedule = repository.get_schedule("tiny_daily")
        with freeze_time(datetime(2026, 1, 3, 0, 0, tzinfo=UTC)):
            instance.start_schedule(schedule)
        for day in (3, 8, 8):  # the daemon looks twice on the last day
            now = datetime(2026, 1, day, 12, 0, tzinfo=UTC)
            with freeze_time(now):
                looked = launch_scheduled_runs(workspace, logging.getLogger(), now, {})
                assert not [error for error in looked if isinstance(error, SerializableErrorInfo)]
    found = [(run.tags.get(PARTITION), run.tags.get(RANGE_END)) for run in instance.get_runs()]
    assert found == [(None, "2026-01-07"), ("2026-01-02", None)]
