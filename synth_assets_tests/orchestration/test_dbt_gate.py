"""dbt runs only on data that passed its gates."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import dagster as dg
import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.domains import load_domains
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.dbt_integration import DagsterDbtCliRuntimeError
from synth_assets.orchestration.dbt_results import (
    DbtError,
    DbtTestsFailedError,
    stream_results,
)
from synth_assets.orchestration.gate_asset import gate_key
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import holds
from synth_assets_tests.dbt.parsed_project import give_parsed_project

KEYS = ["2026-01-01", "2026-01-02"]


def everything(
    domain: Domain, settings: Settings, instance: dg.DagsterInstance, keys: list[str] = KEYS
) -> RunOutcome:
    give_parsed_project(settings.home)
    defs = build_definitions([domain], settings)
    graph = defs.resolve_asset_graph()
    assets, checks = graph.materializable_asset_keys, graph.asset_check_keys
    return launch(defs, list(assets), list(checks), instance, keys=keys)


def loaded(name: str) -> Domain:
    return next(domain for domain in load_domains() if domain.name == name)


def spoilt(domain: Domain, table: str, column: str) -> Domain:
    """The domain with a check that every row of a table fails."""
    planted = holds("planted", "No row has an id.", pl.col(column).is_null())
    tables = [
        replace(t, checks=[*t.checks, planted]) if t.name == table else t for t in domain.tables
    ]
    return replace(domain, tables=tables)


def assert_stopped(outcome: RunOutcome, domain: str, table: str) -> None:
    """Asserts that the table was materialized, and neither a model nor the report."""
    assert not outcome.gate_passed
    made = {key.to_user_string() for key in outcome.rows}
    assert f"{domain}/{table}" in made
    assert not any(name.startswith(marts_group(domain)) for name in made)
    assert f"{domain}/gate_report" not in made


# Only dbt reads this table, so only dbt's step can be stopped.
@pytest.mark.slow
def test_a_failed_blocking_check_stops_dbt_in_shards_as_well(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_IDENTITY_RESOLUTION_SCALE", "10K")
    monkeypatch.setenv("SYNTH_IDENTITY_RESOLUTION_SHARDS", "2")
    domain = spoilt(loaded("identity_resolution"), "product_reviews", "review_id")
    failed = everything(domain, settings, instance, ["s0000", "s0001"])
    assert_stopped(failed, domain.name, "product_reviews")


@pytest.mark.slow
def test_a_failed_blocking_check_stops_dbt_and_a_sound_run_builds_it(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    jaffle = loaded("jaffle")
    failed = everything(spoilt(jaffle, "stg_app_sessions", "session_id"), settings, instance)
    assert_stopped(failed, jaffle.name, "stg_app_sessions")

    sound = everything(jaffle, settings, instance)
    assert sound.gate_passed, sound.failures
    made = {key.to_user_string() for key in sound.rows}
    assert {"jaffle_marts/orders", "jaffle_marts/cpa_and_roas", "jaffle/gate_report"} <= made
    assert (settings.gate_folder / "jaffle" / "report.html").exists()
    names = {check.check_name for check in sound.checks}
    assert any(name.startswith("source_unique") for name in names), "tests of sources are checks"
    written = json.loads((settings.gate_folder / "jaffle" / "report.json").read_text())
    assert written["passed"]
    assert any(table["table"] == "jaffle_marts/orders" for table in written["domains"][0]["tables"])
    assert not passes_after_a_failed_test(jaffle, settings, instance)

    # A test of a model that is built by day, executed alone: without days.
    defs = build_definitions([jaffle], settings)
    check = dg.AssetCheckKey(
        dg.AssetKey(["jaffle_marts", "stg_orders"]), "not_null_stg_orders_customer_id"
    )
    alone = launch(defs, [], [check], instance)
    assert [c.passed for c in alone.checks] == [True], alone.failures
    assert_only_a_test_failed(jaffle, settings, instance)


def assert_only_a_test_failed(
    domain: Domain, settings: Settings, instance: dg.DagsterInstance
) -> None:
    """Asserts that dbt's step on duplicate rows ends with failed tests, not as a failed run."""
    table, key, store = domain.table("raw_customers_training"), KEYS[0], settings.open_stores()
    rows = store.of(table).scan(table, [key]).select(table.schema.column_names()).collect()
    store.of(table).replace(table, key, pl.concat([rows, rows]).lazy(), "spoilt")
    defs = build_definitions([domain], settings)
    tests = [
        check
        for check in defs.resolve_asset_graph().asset_check_keys
        if check.asset_key.path[0] == marts_group(domain.name)
    ]
    models = list({check.asset_key for check in tests})
    failed = launch(defs, models, tests, instance, keys=KEYS)
    assert not failed.gate_passed
    assert failed.failures == []
    assert any("a test of dbt failed" in message for message in failed.messages)


class Build:
    """A failed dbt invocation with the given statuses of nodes."""

    termination_timeout_seconds = 5.0

    def __init__(self, statuses: list[str] | None, process: Any = None) -> None:
        self.statuses = statuses
        self.process = process or Mock(**{"poll.return_value": 1})

    def stream(self) -> Iterator[str]:
        yield "a model"
        raise DagsterDbtCliRuntimeError("dbt failed")

    def get_artifact(self, name: str) -> dict[str, Any]:
        if self.statuses is None:
            raise FileNotFoundError(name)
        return {"results": [{"status": status} for status in self.statuses]}


@pytest.mark.parametrize(
    ("statuses", "error"),
    [
        (["success", "fail", "skipped", "warn"], DbtTestsFailedError),
        (["success", "fail", "error"], DbtError),
        (["runtime error"], DbtError),
        (["success"], DbtError),
        (None, DbtError),
    ],
)
def test_a_failed_dbt_test_is_distinguished_from_a_failed_model(
    statuses: list[str] | None, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        list(stream_results(Build(statuses)))  # type: ignore[arg-type]
    assert type(raised.value) is error


def test_a_command_whose_events_nobody_reads_any_more_is_interrupted() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        events = stream_results(Build([], process))  # type: ignore[arg-type]
        assert next(events) == "a model"
        events.close()  # type: ignore[attr-defined]
        assert process.poll() == -signal.SIGINT


def passes_after_a_failed_test(
    domain: Domain, settings: Settings, instance: dg.DagsterInstance
) -> bool:
    """Whether the report passes after a dbt test has failed."""
    defs = build_definitions([domain], settings)
    model = dg.AssetKey([marts_group(domain.name), "orders"])
    tests = defs.resolve_asset_graph().asset_check_keys
    name = min(test.name for test in tests if test.asset_key == model)
    for strict in (dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR):
        evaluation = dg.AssetCheckEvaluation(
            asset_key=model,
            check_name=name,
            passed=False,
            severity=strict,
        )
        instance.report_runless_asset_event(evaluation)
        launch(defs, [gate_key(domain.name)], [], instance)
        written = json.loads((settings.gate_folder / domain.name / "report.json").read_text())
        if strict == dg.AssetCheckSeverity.WARN:
            assert written["passed"]
    return bool(written["passed"])
