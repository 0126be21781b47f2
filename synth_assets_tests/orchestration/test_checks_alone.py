"""Checks that are executed without their assets, as the UI's Checks tab does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import dagster as dg
import pytest

from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.gate import recorded_tables
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.orchestration.conftest import DAILY, ROWS, Run

KEYS = list(DAILY.keys())[:3]
PARENTS = dg.AssetKey(["tiny", "parents"])
SPOIL = {"resources": {"tiny_scenario": {"config": {"spoil": 1.0}}}}


def of_parents(defs: dg.Definitions) -> list[dg.AssetCheckKey]:
    keys = defs.resolve_asset_graph().asset_check_keys
    return sorted(key for key in keys if key.asset_key == PARENTS)


def current(instance: dg.DagsterInstance) -> list[str | None]:
    """Partitions with a latest result that refers to their latest materialization."""
    found = instance.event_log_storage.get_asset_check_partition_info(
        [dg.AssetCheckKey(PARENTS, "value_sound")]
    )
    assert all(info.latest_materialization_storage_id for info in found if info.partition_key)
    return sorted(info.partition_key for info in found if info.partition_key and info.is_current)


def execute(
    domain: Domain,
    settings: Settings,
    instance: dg.DagsterInstance,
    names: Sequence[str] = (),
    keys: Sequence[str] = (),
) -> dict[str, dict[str | None, dg.AssetCheckEvaluation]]:
    """Evaluations of checks of the parents (all by default), by check and partition."""
    defs = build_definitions([domain], settings, with_dbt=False)
    checks = [key for key in of_parents(defs) if not names or key.name in names]
    outcome: RunOutcome = launch(defs, [], checks, instance, keys=keys)
    assert {check.check_name for check in outcome.checks} == {key.name for key in checks}, (
        outcome.failures
    )
    found: dict[str, dict[str | None, dg.AssetCheckEvaluation]] = {}
    for check in outcome.checks:
        found.setdefault(check.check_name, {})[check.partition] = check
    return found


def test_without_a_partition_all_checks_evaluate_the_stored_partitions(
    run: Run, domain: Domain, settings: Settings, instance: dg.DagsterInstance
) -> None:
    assert run(KEYS).gate_passed
    found = execute(domain, settings, instance)
    assert list(found["value_sound"]) == [*KEYS, None]
    assert list(found["one_scenario"]) == [None]
    assert all(check.passed for checks in found.values() for check in checks.values())
    assert current(instance) == KEYS  # the results refer to the materializations of the first run


def test_a_single_check_is_executed_alone_and_names_what_failed(
    run: Run, domain: Domain, settings: Settings, instance: dg.DagsterInstance
) -> None:
    keys = list(DAILY.keys())[2:4]
    run(keys, run_config=SPOIL)
    found = execute(domain, settings, instance, ["value_sound"])
    assert {key: check.passed for key, check in found["value_sound"].items()} == {
        keys[0]: True,
        keys[1]: False,
        None: False,
    }
    assert found["value_sound"][None].metadata["worst_partition"].value == keys[1]
    assert found["value_sound"][keys[1]].metadata["rows"].value == ROWS


def test_one_stored_partition_has_its_own_result(
    run: Run, domain: Domain, settings: Settings, instance: dg.DagsterInstance
) -> None:
    run(KEYS[:1])
    found = execute(domain, settings, instance, ["value_sound"])
    assert list(found["value_sound"]) == [KEYS[0], None]


def test_a_partition_that_is_not_stored_fails_and_the_others_are_evaluated(
    run: Run, domain: Domain, settings: Settings, instance: dg.DagsterInstance
) -> None:
    run(KEYS[:1])
    found = execute(domain, settings, instance, ["value_sound"], KEYS[:2])["value_sound"]
    assert {key: check.passed for key, check in found.items()} == {
        KEYS[0]: True,
        KEYS[1]: False,
        None: False,
    }
    assert f"synth materialize tiny/parents --partitions {KEYS[1]}" in str(
        found[KEYS[1]].description
    )


@pytest.mark.parametrize("whole", [False, True], ids=["partitioned", "whole"])
def test_nothing_stored_is_one_failed_result_that_names_the_command(
    domain: Domain, settings: Settings, instance: dg.DagsterInstance, whole: bool
) -> None:
    if whole:
        tables = [replace(table, partitioning=Unpartitioned()) for table in domain.tables]
        domain = replace(domain, tables=tables, schedules=())
    for checks in execute(domain, settings, instance).values():
        assert list(checks) == [None]
        assert not checks[None].passed
        assert "nothing of tiny/parents is stored at " in str(checks[None].description)


def test_checks_that_warn_stop_the_run_at_rows_that_cannot_be_read(
    domain: Domain, settings: Settings, instance: dg.DagsterInstance
) -> None:
    checks = [check.as_warning() for check in domain.table("parents").checks]
    warning = replace(domain.table("parents"), blocking=False, checks=checks)
    domain = replace(domain, tables=[warning, domain.table("children")])
    defs = build_definitions([domain], settings, with_dbt=False)
    assert launch(defs, [PARENTS], of_parents(defs), instance, keys=KEYS[:2]).gate_passed
    [file] = settings.home.glob(f"lake/tiny/parents/*={KEYS[1]}/*.parquet")
    content = bytearray(file.read_bytes())
    content[40] ^= 1
    file.write_bytes(content)

    outcome = launch(defs, [], of_parents(defs), instance, keys=KEYS[:2])
    assert not outcome.success
    found = {check.partition: check for check in outcome.checks if check.check_name == "schema"}
    severe = {key: (check.severity.value, check.blocking) for key, check in found.items()}
    assert severe == {
        KEYS[0]: ("WARN", False),
        KEYS[1]: ("ERROR", True),
        None: ("ERROR", True),
    }
    [recorded] = recorded_tables([warning], settings.open_stores(), instance)
    assert {check.status for check in recorded.checks} == {"failed"}
