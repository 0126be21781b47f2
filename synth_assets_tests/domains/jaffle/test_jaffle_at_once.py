"""A run passes its gates at any progress of another run with overlapping days."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.jaffle.made import days, jaffle, stored
from synth_assets_tests.quality.memory import Memory, judge

OF = jaffle(anomaly_days=1)
NAMES = [table.name for table in OF.tables]
GROUND_TRUTH = "validation_anomalies"
# Days of a concurrent run, and of the run under test.
OTHERS, OURS = days(OF, 0, 6), days(OF, 3, 9)


@pytest.fixture(scope="module")
def everything() -> Memory:
    return stored(OF, 9)


def partly(everything: Memory, ours: int, others: int) -> Memory:
    """What is stored when each run has stored its first ``ours`` or ``others`` tables."""
    found: dict[str, dict[str, pl.DataFrame]] = {}
    for place, name in enumerate(NAMES):
        keys = {*(OURS if place < ours else []), *(OTHERS if place < others else [])}
        found[name] = {key: everything.slices[name][key] for key in sorted(keys)}
    return Memory(found)


def failed(
    of: Domain, table: str, reader: Memory, keys: list[str]
) -> list[tuple[str, CheckResult]]:
    return [
        (check.name, result)
        for check in checks_of(of.table(table))
        if check.blocking
        for result in judge(check, of, table, reader, keys)
        if not result.passed
    ]


@pytest.mark.parametrize("others", [0, 2, 5, 9, len(NAMES)])
def test_a_run_passes_while_another_is_halfway(everything: Memory, others: int) -> None:
    planted = {check.name for t in OF.tables for check in checks_of(t) if check.detects}
    for name in NAMES:
        # A table is checked when all tables that its checks read are stored.
        read = {name, *(other for check in checks_of(OF.table(name)) for other in check.reads)}
        reader = partly(everything, max(map(NAMES.index, read)) + 1, others)
        wrong = [f for f in failed(OF, name, reader, OURS) if f[0] not in planted]
        assert not wrong, (name, wrong)


def test_no_check_waits_when_everything_is_stored(everything: Memory) -> None:
    for name in NAMES:
        for check in checks_of(OF.table(name)):
            bounds = {result.threshold for result in judge(check, OF, name, everything, OURS)}
            assert not any("judged once" in bound for bound in bounds), (name, check.name)


def test_only_days_with_ground_truth_are_scored(everything: Memory) -> None:
    check = next(r for r in checks_of(OF.table(GROUND_TRUTH)) if r.name == "anomalies_found")
    few = Memory(
        everything.slices
        | {GROUND_TRUTH: {k: everything.slices[GROUND_TRUTH][k] for k in OURS[:2]}}
    )
    (result,) = judge(check, OF, GROUND_TRUTH, few)
    assert (result.passed, result.numbers["false_alarms"]) == (True, 0)


def test_the_measured_value_is_the_one_that_failed(everything: Memory) -> None:
    check = next(r for r in checks_of(OF.table(GROUND_TRUTH)) if r.name == "anomalies_found")
    ground_truth = everything.slices[GROUND_TRUTH]
    lost = {
        key: frame.filter(pl.col("kind") != "blank_name") for key, frame in ground_truth.items()
    }
    (alarmed,) = judge(check, OF, GROUND_TRUTH, Memory(everything.slices | {GROUND_TRUTH: lost}))
    assert not alarmed.passed
    assert alarmed.threshold == "= 0 false alarms"
    assert alarmed.measured == alarmed.numbers["false_alarms"] > 0
    people = everything.slices["raw_customers_validation"]
    clean = {k: f.with_columns(first_name=pl.lit("Ann")) for k, f in people.items()}
    slices = everything.slices | {"raw_customers_validation": clean}
    (missed,) = judge(check, OF, GROUND_TRUTH, Memory(slices))
    assert (missed.passed, missed.measured) == (False, 0)
    assert missed.threshold == ">= 0.99, the recall of each kind"
