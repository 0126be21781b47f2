"""What pages show of runs, and the operations that ask for it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from dagster import DagsterRun
from dagster._utils.tags import TagConcurrencyLimitsCounter
from dagster_graphql.schema import create_schema
from graphql import parse, validate

from synth_assets.core.errors import UserError
from synth_assets.orchestration.io_manager import RECREATE
from synth_assets.orchestration.resources import resource_key
from synth_assets.orchestration.schedules import DOMAIN_TAG, RANGE_END, RANGE_START, jobs_of
from synth_assets.orchestration.shipped import DAGSTER_YAML
from synth_assets.studio import runs
from synth_assets.studio.dagster_api import LOCATION, OPERATIONS, Dagster
from synth_assets.studio.runs import failures, progress
from synth_assets_tests.orchestration.conftest import tiny


def test_dagster_knows_every_operation() -> None:
    schema = create_schema().graphql_schema
    for operation in OPERATIONS:
        assert validate(schema, parse(operation)) == [], operation


def test_names_are_those_of_the_definitions() -> None:
    domain = tiny()
    assert runs.job_of(domain) in {job.name for job in jobs_of(domain)}
    assert list(runs.config_of(domain, {"seed": 1})["resources"]) == [resource_key(domain)]
    assert (runs.RECREATE, runs.RANGE_START, runs.RANGE_END) == (RECREATE, RANGE_START, RANGE_END)
    from synth_assets.orchestration.shipped import WORKSPACE

    assert f"location_name: {LOCATION}" in WORKSPACE.read_text()


def run(**more: Any) -> dict[str, Any]:
    """A run as GraphQL has it."""
    tags = [{"key": RANGE_START, "value": "2026-01-01"}, {"key": RANGE_END, "value": "2026-01-04"}]
    return {
        "runId": "r", "jobName": "tiny_all", "tags": tags, "startTime": 100.0, "endTime": 110.0,
        "assetSelection": None, "assetMaterializations": [], "runConfigYaml": "", **more,
    }  # fmt: skip


def stored(table: str, rows: int, key: str) -> dict[str, Any]:
    """A partition that a run has stored."""
    entries = [{"label": "bytes", "intRepr": "7"}, {"label": "rows", "intRepr": str(rows)}]
    return {"assetKey": {"path": ["tiny", table]}, "partition": key, "metadataEntries": entries}


def test_progress_counts_partitions_and_rows() -> None:
    done = [stored("parents", 12, "2026-01-01"), stored("parents", 12, "2026-01-02")]
    elsewhere = {**stored("parents", 99, "x"), "assetKey": {"path": ["tiny_marts", "model"]}}
    found = progress(run(assetMaterializations=[*done, elsewhere]), tiny())
    assert (found.done, found.total, found.rows) == (2, 8, 24)
    assert found.rows_per_second == 2.4
    assert found.seconds_left == 30.0
    before = progress(run(startTime=None), tiny())
    assert (before.share, before.seconds_left, before.rows_per_second) == (0, None, 0)


def test_the_domain_of_a_run_is_that_of_its_job_or_its_assets() -> None:
    domain = tiny()
    assert runs.domain_of(run(), [domain]) is domain
    by_assets = run(jobName="__ASSET_JOB", assetSelection=[{"path": ["tiny", "parents"]}])
    assert runs.domain_of(by_assets, [domain]) is domain
    assert runs.domain_of(run(jobName="other_all"), [domain]) is None


def test_tags_name_a_partition_or_a_range() -> None:
    domain = tiny()
    assert runs.tags_of(domain, ["a"], recreate=False)["dagster/partition"] == "a"
    tags = runs.tags_of(domain, ["a", "b", "c"], recreate=True)
    assert (tags[RANGE_START], tags[RANGE_END], tags[RECREATE]) == ("a", "c", "true")


def test_runs_of_one_domain_wait_for_one_another_and_those_of_two_do_not() -> None:
    limits = yaml.safe_load(DAGSTER_YAML.read_text())["concurrency"]["runs"]
    assert limits["max_concurrent_runs"] == 2
    tags = runs.tags_of(tiny(), ["a"], recreate=True)
    assert tags[DOMAIN_TAG] == "tiny"
    first, second = (DagsterRun("tiny_all", tags=tags) for _ in range(2))
    other = DagsterRun("jaffle_all", tags={**tags, DOMAIN_TAG: "jaffle"})
    queue = TagConcurrencyLimitsCounter(limits["tag_concurrency_limits"], [first])
    assert queue.is_blocked(second)
    assert not queue.is_blocked(other)


def test_values_of_a_run_are_read_back() -> None:
    text = "resources:\n  tiny_scenario:\n    config:\n      seed: 9\n      day: 2026-01-02\n"
    assert runs.values_in(run(runConfigYaml=text), tiny()) == {"seed": 9, "day": "2026-01-02"}
    assert runs.values_in(run(), tiny()) == {}


def test_failures_are_words_without_tracebacks() -> None:
    gate = {"className": "DagsterAssetCheckFailedError", "message": "1 check failed"}
    user = {"className": "UserError", "message": "x.core.errors.UserError: nothing is stored\n  at"}
    events = [
        {"__typename": "MessageEvent"},
        {"__typename": "AssetCheckEvaluationEvent", "evaluation": {
            "checkName": "volume", "assetKey": {"path": ["tiny", "parents"]}, "success": False,
            "severity": "ERROR", "partition": "2026-01-01"}},
        {"__typename": "AssetCheckEvaluationEvent", "evaluation": {
            "checkName": "drift", "assetKey": {"path": ["tiny", "parents"]}, "success": False,
            "severity": "WARN", "partition": None}},
        {"__typename": "ExecutionStepFailureEvent", "stepKey": "tiny__parents", "error": gate},
        {"__typename": "ExecutionStepFailureEvent", "stepKey": "tiny__children",
         "error": {"className": "E", "message": "outer", "errorChain": [{"error": user}]}},
        {"__typename": "RunFailureEvent", "message": "Run failed"},
    ]  # fmt: skip
    assert failures(events) == [
        "tiny/parents: check volume failed in partition 2026-01-01.",
        "tiny/children: nothing is stored",
    ]
    assert failures(events[-1:]) == ["Run failed"]


def test_dagster_that_does_not_answer_is_said_in_a_sentence() -> None:
    with pytest.raises(UserError, match=r"does not answer at http://127.0.0.1:9 .*synth ui"):
        Dagster("http://127.0.0.1:9").runs(1)
    assert not Dagster("http://127.0.0.1:9").running()
