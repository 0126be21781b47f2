"""Old runs are purged; what assets show of each partition stays, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import dagster as dg
import pytest
import yaml

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.retention import purge_runs, runs_before
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.schedules import SCHEDULE_TAG
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.orchestration.conftest import DAILY

KEYS = list(DAILY.keys())[:3]
PARENTS = dg.AssetKey(["tiny", "parents"])
CHECK = dg.AssetCheckKey(PARENTS, "value_sound")


@pytest.fixture(params=["sqlite", "postgres"])
def instance(request: pytest.FixtureRequest, settings: Settings) -> Iterator[dg.DagsterInstance]:
    """An instance with each of the two storages."""
    if request.param == "sqlite":
        from synth_assets.orchestration.home import open_instance

        with open_instance(settings) as opened:
            yield opened
        return
    settings.dagster_home.mkdir(parents=True)
    url = request.getfixturevalue("postgres_url")
    config = {"storage": {"postgres": {"postgres_url": url}}}
    (settings.dagster_home / "dagster.yaml").write_text(yaml.safe_dump(config))
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as opened:
        yield opened


class Runs:
    """Runs of the tiny domain, one after the other."""

    def __init__(self, domain: Domain, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.defs = build_definitions([domain], settings, with_dbt=False)
        self.instance = instance
        graph = self.defs.resolve_asset_graph()
        self.assets = [k for k in graph.materializable_asset_keys if k.path[1] != "gate_report"]
        self.checks = list(graph.asset_check_keys)

    def run(self, keys: list[str], **options: Any) -> RunOutcome:
        return launch(self.defs, self.assets, self.checks, self.instance, keys=keys, **options)


@pytest.fixture
def runs(domain: Domain, settings: Settings, instance: dg.DagsterInstance) -> Runs:
    return Runs(domain, settings, instance)


def _shown(instance: dg.DagsterInstance) -> dict[str, tuple[int, bool, int]]:
    """What the UI shows of each day: its latest materialization, and the check's result for it."""
    latest = instance.get_latest_storage_id_by_partition(
        PARENTS, dg.DagsterEventType.ASSET_MATERIALIZATION, set(KEYS)
    )
    history = instance.event_log_storage.get_asset_check_execution_history(CHECK, limit=100)
    shown = {}
    for key in KEYS:
        result = next(record for record in history if record.partition == key)
        assert result.event is not None
        evaluation = result.event.dagster_event.asset_check_evaluation_data
        (event,) = instance.fetch_materializations(
            dg.AssetRecordsFilter(PARENTS, storage_ids=[latest[key]]), limit=1
        ).records
        assert evaluation.target_materialization_data.storage_id == event.storage_id
        shown[key] = (event.storage_id, evaluation.passed, result.id)
    return shown


def test_what_assets_show_outlasts_their_runs(runs: Runs, instance: dg.DagsterInstance) -> None:
    first, second = runs.run(KEYS), runs.run(KEYS[:1])
    between = datetime.now(UTC)
    third = runs.run(KEYS[1:2])
    before = _shown(instance)
    purged = purge_runs(instance, between)
    assert purged.runs == 2
    assert purged.events > 20
    assert purged.results > 2
    assert [run.run_id for run in instance.get_runs()] == [third.run_id]
    assert _shown(instance) == before
    assert instance.get_materialized_partitions(PARENTS) == set(KEYS)
    # Of the first run the days that nothing has replaced are left, of the second one day.
    left = {run.run_id: instance.all_logs(run.run_id) for run in (first, second)}
    of = dg.DagsterEventType.ASSET_MATERIALIZATION
    materialized = {
        run: sorted(
            str(event.get_dagster_event().partition)
            for event in events
            if event.dagster_event_type == of and event.get_dagster_event().asset_key == PARENTS
        )
        for run, events in left.items()
    }
    assert materialized == {first.run_id: [KEYS[2]], second.run_id: [KEYS[0]]}
    kinds = {event.dagster_event_type for events in left.values() for event in events}
    assert kinds == {of, dg.DagsterEventType.ASSET_CHECK_EVALUATION}


def test_what_was_replaced_after_its_run_is_purged_goes_too(
    runs: Runs, instance: dg.DagsterInstance
) -> None:
    first = runs.run(KEYS)
    purge_runs(instance, datetime.now(UTC))
    assert instance.all_logs(first.run_id)
    runs.run(KEYS)
    purge_runs(instance, datetime.now(UTC))
    assert not instance.all_logs(first.run_id)
    assert instance.get_materialized_partitions(PARENTS) == set(KEYS)


def test_runs_that_are_young_last_or_are_of_a_schedule_stay(
    runs: Runs, instance: dg.DagsterInstance
) -> None:
    tags = {SCHEDULE_TAG: "tiny_daily"}
    older, latest = runs.run(KEYS[:1], tags=tags), runs.run(KEYS[1:2], tags=tags)
    running = dg.DagsterRun(job_name="tiny_daily", status=dg.DagsterRunStatus.STARTED)
    instance.add_run(running)
    now = datetime.now(UTC)
    assert runs_before(instance, now - timedelta(days=1)) == []
    assert runs_before(instance, now) == [older.run_id]
    purge_runs(instance, now)
    left = {run.run_id for run in instance.get_runs()}
    assert left == {latest.run_id, running.run_id}
    assert purge_runs(instance, now).runs == 0


@pytest.mark.parametrize("instance", ["sqlite"], indirect=True)
def test_the_file_of_the_event_log_shrinks(
    runs: Runs, instance: dg.DagsterInstance, settings: Settings
) -> None:
    for _ in range(4):
        runs.run(KEYS)
    file = settings.dagster_home / "event_log.db"
    with sqlite3.connect(file) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    full = file.stat().st_size
    purge_runs(instance, datetime.now(UTC))
    with sqlite3.connect(file) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert file.stat().st_size < full * 0.8


def test_the_nightly_job_purges_with_the_days_of_the_settings(
    runs: Runs, instance: dg.DagsterInstance, domain: Domain, settings: Settings
) -> None:
    young = runs.run(KEYS[:1])
    defs = build_definitions([domain], settings, with_dbt=False)
    assert defs.resolve_schedule_def("purge_runs_nightly").job_name == "purge_runs"
    result = defs.resolve_job_def("purge_runs").execute_in_process(instance=instance)
    assert result.success
    assert {run.run_id for run in instance.get_runs()} == {young.run_id, result.run_id}


@pytest.mark.parametrize("instance", ["sqlite"], indirect=True)
def test_what_runs_of_the_ui_have_printed_goes_with_them(
    runs: Runs, instance: dg.DagsterInstance
) -> None:
    old = runs.run(KEYS[:1])
    now = datetime.now(UTC)
    young = runs.run(KEYS[:1])
    # Where the launcher of the UI keeps it; commands keep nothing.
    folders = [Path(instance.storage_directory()) / r.run_id for r in (old, young)]
    for folder in folders:
        (folder / "compute_logs").mkdir(parents=True)
        (folder / "compute_logs" / "abcdefgh.out").write_text("printed")
    purge_runs(instance, now)
    assert [folder.exists() for folder in folders] == [False, True]


def test_a_storage_without_tables_is_refused() -> None:
    instance = Mock(spec=dg.DagsterInstance, event_log_storage=object())
    with pytest.raises(UserError, match="it has no tables"):
        purge_runs(instance, datetime.now(UTC))
