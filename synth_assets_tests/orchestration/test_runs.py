"""A range run writes every partition with its own results; one day alone gives the same."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from typing import Any

import dagster as dg
import polars as pl
import pytest
from dagster._core.events import JobFailureData
from dagster_shared.error import SerializableErrorInfo

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Domain, TableView
from synth_assets.orchestration import io_manager
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.gate import domain_outcome, evaluate_tables, recorded_tables, report
from synth_assets.orchestration.interruption import recording_interruptions
from synth_assets.orchestration.io_manager import RECREATE
from synth_assets.orchestration.runs import launch, recorded_outcome
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import checks_of
from synth_assets.reports import json_report
from synth_assets.reports.gate import TableOutcome
from synth_assets_tests.orchestration.conftest import DAILY, ROWS, Run

KEYS = list(DAILY.keys())
PARENTS = dg.AssetKey(["tiny", "parents"])
CHILDREN = dg.AssetKey(["tiny", "children"])
SPOIL = {"resources": {"tiny_scenario": {"config": {"spoil": 1.0}}}}


def materialized(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, dict[str, object]]:
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=key), limit=1_000
    ).records
    return {
        r.asset_materialization.partition: {
            k: v.value for k, v in r.asset_materialization.metadata.items()
        }
        for r in reversed(records)
    }


def results(instance: dg.DagsterInstance, key: dg.AssetKey, name: str) -> dict[str | None, bool]:
    history = instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(key, name), limit=1_000
    )
    done = [r for r in reversed(history) if r.status.value in ("SUCCEEDED", "FAILED")]
    return {r.partition: r.status.value == "SUCCEEDED" for r in done}


def test_one_run_gives_every_partition_its_statistics_and_results(
    run: Run, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tiny tables have equal partitions, of which there is nothing to plot.
    monkeypatch.setattr(io_manager, "bars", lambda rows, title: f"{title}: {len(rows)}")
    outcome = run(KEYS)
    assert outcome.gate_passed, outcome.failures
    assert len(instance.get_runs()) == 1
    partitions = materialized(instance, PARENTS)
    assert sorted(partitions) == KEYS
    for metadata in partitions.values():
        assert metadata["rows"] == metadata["dagster/partition_row_count"] == ROWS
        assert metadata["bytes"] > 0
        assert metadata["rows_per_second"] > 0
        assert str(metadata["preview"]).count("\n") == 11
    plotted = {key: made.get("rows_by_partition") for key, made in partitions.items()}
    assert plotted == dict.fromkeys(KEYS) | {KEYS[-1]: f"rows by partition: {len(KEYS)}"}
    passed = results(instance, PARENTS, "value_sound")
    assert {k: v for k, v in passed.items() if k} == dict.fromkeys(KEYS, True)


def test_every_result_refers_to_the_materialization_of_its_partition(
    run: Run, instance: dg.DagsterInstance
) -> None:
    first, alone = run(KEYS[:3]), run(KEYS[1:2])
    check = dg.AssetCheckKey(PARENTS, "value_sound")
    storage = instance.event_log_storage
    found = {info.partition_key: info for info in storage.get_asset_check_partition_info([check])}
    latest = storage.get_latest_storage_id_by_partition(
        PARENTS, dg.DagsterEventType.ASSET_MATERIALIZATION
    )
    assert {
        key: info.latest_target_materialization_storage_id for key, info in found.items() if key
    } == latest
    assert all(found[key].is_current for key in KEYS[:3])  # what the UI counts
    made_by = {
        c.partition: (c.target_materialization_data.run_id, c.target_materialization_data.timestamp)
        for outcome in (first, alone)
        for c in outcome.checks
        if c.asset_check_key == check
    }
    records = instance.fetch_materializations(dg.AssetRecordsFilter(asset_key=PARENTS), limit=9)
    stamps = {r.partition_key: (r.run_id, r.timestamp) for r in reversed(records.records)}
    assert {key: made_by[key] for key in KEYS[:3]} == stamps


def test_one_day_alone_gives_the_same(
    run: Run, instance: dg.DagsterInstance, settings: Settings, domain: Domain
) -> None:
    run(KEYS)
    whole = materialized(instance, PARENTS)
    table = domain.tables[0]
    store = settings.open_stores().of(table)
    before = store.scan(table, [KEYS[4]]).collect()
    assert run([KEYS[4]]).gate_passed
    alone = materialized(instance, PARENTS)
    assert sorted(alone) == KEYS
    timed = {"seconds", "rows_per_second", "bytes"}
    for name in set(whole[KEYS[4]]) - timed:
        assert alone[KEYS[4]][name] == whole[KEYS[4]][name], name
    assert store.scan(table, [KEYS[4]]).collect().equals(before)
    assert results(instance, PARENTS, "value_sound")[KEYS[4]] is True


def test_a_failed_blocking_check_names_its_partitions_and_stops_downstream_steps(
    run: Run, instance: dg.DagsterInstance
) -> None:
    outcome = run(KEYS, run_config=SPOIL)
    assert not outcome.gate_passed
    passed = results(instance, PARENTS, "value_sound")
    assert sorted(k for k, v in passed.items() if k and not v) == [KEYS[3], KEYS[6]]
    assert sum(1 for k, v in passed.items() if k and v) == 8
    assert materialized(instance, CHILDREN) == {}
    place = f"value_sound of {KEYS[3]} (worst of 2 failed of 10)"
    shown = "`synth gate tiny/parents` shows more"
    assert f"tiny/parents {place}: measured {ROWS}, threshold = 0; {shown}" in outcome.messages
    assert outcome.failures == []  # the check result describes it, not the step


def test_the_published_report_is_that_of_an_evaluation(
    run: Run, settings: Settings, instance: dg.DagsterInstance, domain: Domain
) -> None:
    """Including failing rows: Dagster records the complete result."""
    outcome = run(KEYS, run_config=SPOIL)
    table, stores = domain.tables[0], settings.open_stores()
    spoilt = domain.scenario.model_copy(update={"spoil": 1.0})
    published = recorded_tables([table], stores, instance)
    evaluated = evaluate_tables(domain, [table], stores, spoilt, lambda of: KEYS)
    recorded, expected = (checks_of_json(domain, of) for of in (published, evaluated))
    failing = next(check for check in expected if check["name"] == "value_sound")
    assert any(result["failing_rows"] for result in failing["results"])
    runs = {result.pop("run_id") for check in recorded for result in check["results"]}
    assert runs == {outcome.run_id}
    assert {result.pop("run_id") for check in expected for result in check["results"]} == {None}
    assert recorded == expected
    assert published[0].latest is not None
    assert published[0].latest.run_id == outcome.run_id


def checks_of_json(domain: Domain, outcomes: list[TableOutcome]) -> list[dict[str, Any]]:
    made = report("", [domain_outcome(domain, outcomes)])
    content = json.loads(json_report.render(made))
    return [c for t in content["domains"][0]["tables"] for c in t["checks"]]


def test_the_bad_partition_alone_also_stops_downstream_steps(
    run: Run, instance: dg.DagsterInstance
) -> None:
    assert not run([KEYS[3]], run_config=SPOIL).gate_passed
    assert results(instance, PARENTS, "value_sound") == {KEYS[3]: False}
    assert materialized(instance, CHILDREN) == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interruption_that_became_an_error_ends_the_run(
    settings: Settings, instance: dg.DagsterInstance, domain: Domain, number: signal.Signals
) -> None:
    def scan(stored: TableView) -> list[CheckResult]:
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        except BaseException:
            # Like Polars, if the signal arrives in a Python function that it has called.
            raise TypeError("failed to extract field Extract.hive_schema") from None
        raise AssertionError("no signal came")

    # The tables do not depend on each other, so other steps would continue.
    first = replace(domain.tables[0], checks=[Check("scanned", "Is scanned.", scan)])
    tables = [first, *(replace(first, name=f"more_{n}", checks=[]) for n in range(5))]
    several = replace(domain, tables=tables, schedules=[])
    defs = build_definitions([several], settings, with_dbt=False)
    begun: list[str] = []

    def listen(event: dg.DagsterEvent) -> None:
        if event.event_type == dg.DagsterEventType.STEP_START:
            begun.append(event.step_key or "")

    checks = list(defs.resolve_asset_graph().asset_check_keys)
    assets = [asset_key(table) for table in tables]
    with recording_interruptions(), pytest.raises(KeyboardInterrupt):
        launch(defs, assets, checks, instance, keys=KEYS[:1], on_event=listen)
    after = begun[begun.index("tiny__parents__gate") + 1 :]
    assert len(after) <= 1, "the next step stops when it starts"
    [run] = instance.get_runs()
    assert run.status == dg.DagsterRunStatus.CANCELED
    # No check is left that would be shown like one that failed.
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(checks)
    assert all(record.status.value != "PLANNED" for record in latest.values())


def test_another_scenario_is_refused_without_recreate(
    run: Run, settings: Settings, domain: Domain
) -> None:
    run(KEYS[:4])
    table = domain.tables[0]
    store = settings.open_stores().of(table)
    before = store.scan(table).collect()
    other = {"resources": {"tiny_scenario": {"config": {"seed": 7}}}}
    outcome = run(KEYS[:2], run_config=other)
    assert not outcome.success
    assert outcome.wrong_input
    assert "another scenario" in outcome.failures[0]
    assert "--recreate" in outcome.failures[0]
    assert store.scan(table).collect().equals(before)
    assert run(KEYS[:2], run_config=other, tags={RECREATE: "true"}).gate_passed
    assert list(store.describe(table)) == KEYS[:2]


def test_a_wrong_launchpad_value_is_one_sentence(run: Run) -> None:
    outcome = run(KEYS[:1], run_config={"resources": {"tiny_scenario": {"config": {"seed": -1}}}})
    assert outcome.wrong_input
    assert "scenario field seed = -1: it must be greater than or equal to 0" in outcome.failures[0]


def test_checks_read_stored_rows_not_generated_ones(
    run: Run, settings: Settings, domain: Domain
) -> None:
    run(KEYS[:2])
    table = domain.tables[0]
    store = settings.open_stores().of(table)
    stored = store.scan(table, KEYS[:1]).drop("day").collect()
    fingerprint = store.describe(table)[KEYS[0]].fingerprint
    store.replace(table, KEYS[0], stored.with_columns(value=pl.lit(5.0)).lazy(), fingerprint)
    checks = checks_of(domain.tables[0])
    assert [check.name for check in checks][-1] == "value_sound"
    outcome = run(KEYS[1:2])
    assert outcome.gate_passed  # the other partition is correct
    from synth_assets.core.cached_reader import CachedReader
    from synth_assets.core.model import TableView

    results_of_both = checks[-1].measure(
        TableView(domain, table, KEYS[:2], CachedReader(store), domain.scenario)
    )
    assert [v.passed for v in results_of_both] == [False, True]


def test_a_failed_gate_leaves_no_check_that_was_only_planned(
    run: Run, instance: dg.DagsterInstance
) -> None:
    assert not run(KEYS[:4], run_config=SPOIL).gate_passed
    planned = dg.AssetCheckKey(CHILDREN, "schema")
    history = instance.event_log_storage.get_asset_check_execution_history(planned, limit=9)
    assert history == []


def test_a_run_has_its_job_code_location_target_and_domain(
    run: Run, instance: dg.DagsterInstance
) -> None:
    run(KEYS[:2])
    [found] = instance.get_runs()
    assert found.job_name == "tiny_all"
    assert found.asset_selection == {PARENTS, CHILDREN}
    assert found.asset_check_selection is not None
    assert found.remote_job_origin is not None
    assert found.remote_job_origin.repository_origin.get_label() == "__repository__@synth_assets"
    assert found.tags["domain"] == "tiny"
    assert found.tags["dagster/asset_partition_range_end"] == KEYS[1]


@dg.job
def nothing() -> None:
    """A job without steps."""


@pytest.mark.parametrize(
    ("noted", "given", "error", "reason"),
    [
        (None, None, None, "failure"),
        ("Run execution process was terminated by signal 9 (SIGKILL).", None, None, "SIGKILL)"),
        ("Retrying.", "The process of the run was killed.", None, "The process of the run was kil"),
        ("Started.", "Execution failed.", "ValueError: no such\nfolder", ": no such"),
    ],
)
def test_a_run_that_ended_outside_its_steps_says_why(
    noted: str | None, given: str | None, error: str | None, reason: str
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
        if noted is not None:
            instance.report_engine_event(noted, run)
        data = None if error is None else JobFailureData(SerializableErrorInfo(error, [], None))
        instance.report_run_failed(run, given, data)
        instance.report_engine_event("Process for run exited.", run)
        outcome = recorded_outcome(instance, run.run_id)
    (message,) = outcome.messages
    assert message.startswith(f"run {run.run_id}: ")
    assert reason in message
    assert "folder" not in message


def test_the_seconds_of_a_table_are_found_by_its_name(instance: dg.DagsterInstance) -> None:
    @dg.asset(key=dg.AssetKey(["shop", "stg_orders__lines"]))
    def lines() -> None:
        """A table whose name has what separates domains from tables."""

    outcome = launch(dg.Definitions([lines]), [lines.key], [], instance)
    assert list(outcome.seconds) == [lines.key]
