"""Backfills: what is requested of the daemon, and gates between their runs."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster_shared.error import SerializableErrorInfo

from synth_assets.core.model import Domain
from synth_assets.orchestration.backfill_gates import BACKFILL
from synth_assets.orchestration.backfills import (
    failed_runs,
    has_daemon,
    reason,
    runs_of,
    submit,
    wait_for,
)
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.gate_asset import gate_key
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.orchestration.conftest import DAILY

KEYS = list(DAILY.keys())[:4]  # the values of the last one are spoilt
PARENTS, CHILDREN = dg.AssetKey(["tiny", "parents"]), dg.AssetKey(["tiny", "children"])
SPOIL = {"resources": {"tiny_scenario": {"config": {"spoil": 1.0}}}}
SOUND = dg.AssetCheckKey(PARENTS, "value_sound")


@pytest.fixture
def defs(domain: Domain, settings: Settings) -> dg.Definitions:
    return build_definitions([domain], settings, with_dbt=False)


def _made_apart(defs: dg.Definitions, instance: dg.DagsterInstance, *tags: str) -> RunOutcome:
    """Parents in a run whose gate fails, children in another; the second run's outcome."""
    first, second = ({"dagster/backfill": tag} for tag in tags)
    failed = launch(defs, [PARENTS], [SOUND], instance, keys=KEYS, run_config=SPOIL, tags=first)
    assert not failed.gate_passed
    return launch(defs, [CHILDREN], [], instance, keys=KEYS, run_config=SPOIL, tags=second)


def test_a_failed_gate_stops_later_runs_of_its_backfill(
    defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    stopped = _made_apart(defs, instance, "one", "one")
    assert not stopped.success
    (failure,) = stopped.failures
    assert "tiny/parents value_sound of 2026-01-04 failed in this backfill" in failure
    assert not stopped.rows


def test_it_does_not_stop_another_backfill(
    defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    assert _made_apart(defs, instance, "one", "another").success


def test_a_request_has_tables_partitions_and_configuration(
    defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    graph = defs.resolve_asset_graph()
    assets = [PARENTS, CHILDREN, gate_key("tiny")]
    requested = submit(
        graph,
        assets,
        KEYS,
        instance,
        title="tiny",
        run_config=SPOIL,
        tags={"synth/recreate": "true"},
    )
    backfill = instance.get_backfill(requested)
    assert backfill is not None
    assert (backfill.title, backfill.run_config) == ("tiny", SPOIL)
    assert backfill.tags["synth/recreate"] == "true"
    target = backfill.get_asset_backfill_data(graph).target_subset
    assert target.asset_keys == set(assets)
    for table in (PARENTS, CHILDREN):
        assert list(target.get_partitions_subset(table).get_partition_keys()) == KEYS
    assert target.non_partitioned_asset_keys == {gate_key("tiny")}
    assert runs_of(requested, instance) == []
    assert not has_daemon(instance)
    with pytest.raises(TimeoutError, match="has not ended"):
        wait_for(requested, instance, seconds=0)


def test_a_backfill_that_failed_says_why(
    defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    requested = submit(defs.resolve_asset_graph(), [PARENTS], KEYS, instance, title="tiny")
    assert reason(requested, instance) == "requested"
    error = SerializableErrorInfo("ValueError: no such table\n", ["a stack"], "ValueError")
    backfill = instance.get_backfill(requested)
    assert backfill is not None
    instance.update_backfill(backfill.with_error(error))
    assert reason(requested, instance) == "no such table"
    assert reason("gone", instance) == "deleted"


def test_a_run_that_was_launched_again_is_not_what_failed(instance: dg.DagsterInstance) -> None:
    @dg.job
    def nothing() -> None:
        """A job without steps."""

    def record(status: dg.DagsterRunStatus, parent: str | None = None) -> str:
        tags = {BACKFILL: "one"}
        run = instance.create_run_for_job(
            nothing, status=status, tags=tags, parent_run_id=parent, root_run_id=parent
        )
        return run.run_id

    lost = record(dg.DagsterRunStatus.FAILURE)
    record(dg.DagsterRunStatus.SUCCESS, lost)
    failed = record(dg.DagsterRunStatus.FAILURE)
    canceled = record(dg.DagsterRunStatus.CANCELED)
    record(dg.DagsterRunStatus.STARTED)
    assert {run.run_id for run in failed_runs("one", instance)} == {failed, canceled}
