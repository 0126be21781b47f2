"""Each check passes on good data and fails on each defect that it must find."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.core.partitioning import Daily
from synth_assets.core.scenario import Scenario
from synth_assets.core.schema import differences, polars_schema
from synth_assets.quality import keys, proportions, row_counts, structural
from synth_assets.quality.building import SAMPLES, when_complete
from synth_assets.quality.structural import checks_of
from synth_assets_tests.quality.memory import judge
from synth_assets_tests.quality.parent_child import (
    CHILD,
    COLOURS,
    DOMAIN,
    K0,
    K1,
    Child,
    by_name,
    child,
    memory,
    only,
    passed,
)

# --- checks of every table ----------------------------------------------------------------


def test_every_table_has_schema_scenario_key_and_references() -> None:
    assert [r.name for r in checks_of(CHILD)] == [
        "schema",
        "row_count_as_written",
        "one_scenario",
        "primary_key",
        "fk_parent_id",
    ]
    assert all(r.blocking and r.doc for r in checks_of(CHILD))
    for check in checks_of(CHILD):
        results = judge(check, DOMAIN, "child", memory())
        assert all(v.passed and not v.failing_rows for v in results), check.name
        judged: list[str | None] = [K0, K1] if check.per_partition else [None]
        assert [v.key for v in results] == judged


def test_a_table_that_does_not_block_only_warns() -> None:
    assert not any(r.blocking for r in checks_of(replace(CHILD, blocking=False)))


def test_two_checks_with_the_same_name_are_an_error() -> None:
    own = keys.foreign_key("parent_id", "parent", "id")
    with pytest.raises(TypeError, match="test/child has several checks named fk_parent_id"):
        checks_of(replace(CHILD, checks=[own]))


def test_as_warning_and_detecting_change_only_their_fields() -> None:
    check = keys.unique(["id"])
    assert check.as_warning() == replace(check, blocking=False)
    assert check.detecting("twin", "double") == replace(check, detects=("twin", "double"))


# --- schema -------------------------------------------------------------------------------

WRONG_SHAPES: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "missing": (lambda f: f.drop("amount"), "column amount is missing"),
    "further": (lambda f: f.with_columns(x=pl.lit(1)), "column x is not in the schema"),
    "type": (lambda f: f.cast({"amount": pl.String}), "column amount is String"),
    "narrow": (lambda f: f.cast({"id": pl.Int32}), "column id is Int32"),
}


@pytest.mark.parametrize("shape", WRONG_SHAPES)
def test_schema_finds_a_wrong_schema_in_its_partition_only(shape: str) -> None:
    changed, words = WRONG_SHAPES[shape]
    results = judge(structural.schema_holds(), DOMAIN, "child", memory(second=changed(child([3]))))
    assert [v.passed for v in results] == [True, False]
    assert results[1].measured == 1
    assert words in results[1].failing_rows[0]["difference"]


@pytest.mark.parametrize(
    "columns",
    [{"colour": ["red", None]}, {"id": [0, 3]}, {"id": [None, 3]}, {"amount": [math.nan, 1]}],
)
def test_schema_finds_a_violated_constraint(columns: dict[str, Any]) -> None:
    results = judge(structural.schema_holds(), DOMAIN, "child", memory(child([1, 2], **columns)))
    assert [(v.passed, v.measured) for v in results] == [(False, 1), (True, 0)]


def test_an_enumeration_may_be_stored_as_text_but_text_not_as_an_enumeration() -> None:
    as_text = child([1, 2]).cast({"colour": pl.String})
    assert differences(polars_schema(Child), as_text.schema) == []
    expected, found = pl.Schema({"a": pl.String()}), pl.Schema({"a": COLOURS})
    assert len(differences(expected, found)) == 1


# --- one scenario -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said", "found"),
    [
        ("child", {"fingerprint": "other"}, [{"scenario": "other"}, {"scenario": "print"}]),
        ("parent", {"fingerprint": "other"}, [{"scenario": "other"}, {"scenario": "print"}]),
        ("child", {"code_version": "2"}, [{"code_version": "1"}, {"code_version": "2"}]),
    ],
)
def test_one_scenario_finds_a_partition_of_another_scenario(
    name: str, said: dict[str, str], found: list[dict[str, str]]
) -> None:
    result = only(structural.one_scenario(), memory().stats(name, K1, **said))
    assert (result.passed, result.measured, result.key) == (False, 1, None)
    assert all(entry in result.failing_rows for entry in found)


def test_parents_may_have_another_code_version() -> None:
    reader = memory().stats("parent", K0, code_version="7").stats("parent", K1, code_version="7")
    assert only(structural.one_scenario(), reader).passed


# --- rows ---------------------------------------------------------------------------------


def test_unique_finds_a_key_repeated_in_another_partition() -> None:
    check = by_name("primary_key")
    reader = memory(child([1, 2]), child([2, 4, 4]))
    results = judge(check, DOMAIN, "child", reader)
    assert [(v.passed, v.measured) for v in results] == [(False, 1), (False, 3)]
    (alone,) = judge(check, DOMAIN, "child", reader, [K0])
    assert not alone.passed, "the other slice is not under judgement but still counts"


def test_unique_ignores_nulls_and_combines_columns() -> None:
    blanks = child([1, 2], amount=[None, None])
    assert all(passed(keys.unique(["amount"]), memory(blanks, child([3]))).values())
    both = keys.unique(["colour", "amount"])
    assert all(passed(both, memory(child([1, 2], amount=[1, 2]), child([3], amount=[3]))).values())
    assert not any(passed(both, memory(child([1]), child([3]))).values())


def test_foreign_key_finds_orphans_and_ignores_nulls() -> None:
    check = by_name("fk_parent_id")
    reader = memory(child([1, 2], parent_id=[1, 9]), child([3, 4], parent_id=[None, 2]))
    results = judge(check, DOMAIN, "child", reader)
    assert [(v.passed, v.measured) for v in results] == [(False, 1), (True, 0)]
    assert [o["parent_id"] for o in results[0].failing_rows] == [9]
    assert results[0].numbers == {"rows": 2, "violation_rate": 0.5}
    assert check.reads == ("parent",)


def test_a_parent_that_is_not_stored_is_a_user_error() -> None:
    reader = memory()
    reader.slices["parent"] = {}
    with pytest.raises(UserError, match="test/parent"):
        judge(by_name("fk_parent_id"), DOMAIN, "child", reader)


def test_children_wait_for_all_partitions_of_the_parent() -> None:
    reader = memory(child([1, 2], parent_id=[1, 9]))
    del reader.slices["parent"][K1]
    results = judge(by_name("fk_parent_id"), DOMAIN, "child", reader)
    assert [(v.key, v.passed) for v in results] == [(K0, True), (K1, True)]
    assert (results[0].threshold, results[0].measured) == (
        "judged once parent (s0001) is stored",
        0,
    )
    whole = when_complete(proportions.shares("colour", {"red": 1}))
    assert only(whole, memory()).threshold == "<= 1 (5 standard errors)"
    del reader.slices["child"][K1]
    assert only(whole, reader).threshold == "judged once child (s0001) is stored"


def test_days_wait_for_earlier_days_and_not_for_later_ones() -> None:
    """A run of later days may be checked while another run has not stored the earlier ones yet."""
    days = Daily(date(2026, 1, 1), date(2026, 1, 9))
    daily = replace(DOMAIN, tables=[replace(t, partitioning=days) for t in DOMAIN.tables])
    keys = days.keys()
    reader = memory()
    reader.slices["parent"] = {key: pl.DataFrame({"id": [n]}) for n, key in enumerate(keys[3:7])}
    rows = child([1], parent_id=[7])
    reader.slices["child"] = dict.fromkeys(keys[:4], rows)
    check = by_name("fk_parent_id")
    results = judge(check, daily, "child", reader)
    assert [v.threshold for v in results] == [
        "= 0",
        "judged once parent (2026-01-01) is stored",
        "judged once parent (2026-01-01, 2026-01-02) is stored",
        "judged once parent (2026-01-01, 2026-01-02, 2026-01-03) is stored",
    ]
    assert [v.passed for v in results] == [False, True, True, True]
    reader.slices["child"] = {keys[6]: rows}
    assert judge(check, daily, "child", reader)[0].threshold.endswith("2026-01-03) is stored")
    reader.slices["parent"] |= {key: pl.DataFrame({"id": [9]}) for key in keys[:3]}
    assert not judge(check, daily, "child", reader)[0].passed


def test_rows_are_compared_with_the_written_number() -> None:
    reader = memory(child([1, 2]), child([3, 4, 5]))
    reader.stats("child", K1, rows=25).stats("child", K0, rows=2)
    results = judge(by_name("row_count_as_written"), DOMAIN, "child", reader)
    assert [(v.key, v.passed, v.measured, v.threshold) for v in results] == [
        (K0, True, 2, "= 2"),
        (K1, False, 3, "= 25"),
    ]
    reader = memory(child([]), child([3])).stats("child", K0, rows=1)
    assert [v.passed for v in judge(by_name("row_count_as_written"), DOMAIN, "child", reader)] == [
        False,
        True,
    ]


def test_row_count_is_exact_for_every_partition() -> None:
    check = row_counts.row_count()
    reader = memory(child([1]), child([2, 3]))
    results = judge(check, DOMAIN, "child", reader)
    assert [(v.passed, v.measured, v.threshold) for v in results] == [
        (True, 1, "= 1"),
        (False, 2, "= 1"),
    ]


def test_holds_and_accepted_values_find_failing_rows() -> None:
    above = structural.holds("above", "Above zero.", pl.col("amount") > 0)
    reader = memory(child([1, 2], amount=[0, None]))
    assert passed(above, reader) == {K0: False, K1: True}
    known = structural.accepted_values("colour", ["red"])
    reader = memory(second=child([3, 4], colour=["red", "green"]))
    assert passed(known, reader) == {K0: True, K1: False}


def test_failing_rows_are_real_and_at_most_five() -> None:
    amounts = [(-1.0) ** i * i for i in range(1, 41)]
    check = structural.holds("above", "Above zero.", pl.col("amount") > 0)
    reader = memory(child(list(range(1, 41)), amount=amounts), child([50, 51], amount=[-7, 7]))
    first, second = judge(check, DOMAIN, "child", reader)
    assert (first.measured, len(first.failing_rows), first.numbers["violation_rate"]) == (
        20,
        5,
        0.5,
    )
    assert SAMPLES == 5
    for row in first.failing_rows:
        assert list(row) == list(Child.columns()), "a failing row has the schema's columns"
        assert row["amount"] == amounts[row["id"] - 1] < 0
    assert [o["id"] for o in second.failing_rows] == [50]
    assert check.failing_rows is not None
    stored = TableView(DOMAIN, CHILD, [K0, K1], reader, Scenario())
    assert len(check.failing_rows(stored).collect()) == 21, "all rows, and their partitions"


def test_a_check_evaluates_only_the_requested_partitions() -> None:
    reader = memory(child([1, 2], colour=["green", "green"]))
    assert passed(structural.accepted_values("colour", ["red"]), reader, [K1]) == {K1: True}


# --- conditions on rows -------------------------------------------------------------------


def test_all_conditions_of_a_table_are_evaluated_in_one_scan() -> None:
    checks = [
        structural.holds("small", "Small.", pl.col("amount") < 100),
        structural.holds("none", "None.", pl.col("amount") < 0),
    ]
    table = replace(CHILD, checks=checks)
    reader = memory()
    view = TableView(DOMAIN, table, [K0, K1], reader, DOMAIN.scenario)
    scanned: list[Any] = []
    scan, reader.scan = reader.scan, lambda *a: scanned.append(a) or scan(*a)  # type: ignore
    assert all(v.passed for v in structural.schema_holds().measure(view))
    assert all(v.passed for v in checks[0].measure(view))
    assert len(scanned) == 1
    assert not any(v.passed for v in checks[1].measure(view))


def test_a_condition_that_cannot_be_evaluated_hides_no_other() -> None:
    fine = structural.holds("none", "None.", pl.col("amount") < 0)
    broken = structural.holds("broken", "Broken.", pl.col("nowhere") > 0)
    table = replace(CHILD, checks=[broken, fine])
    view = TableView(DOMAIN, table, [K0, K1], memory(), DOMAIN.scenario)
    assert not any(v.passed for v in fine.measure(view))
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="nowhere"):
        broken.measure(view)


def test_batches_of_partitions_have_all_rows_once(monkeypatch: pytest.MonkeyPatch) -> None:
    view = TableView(DOMAIN, CHILD, [K0, K1], memory(), DOMAIN.scenario)
    whole = view.current().collect()
    for most, number in ((1, 2), (1_000, 1)):
        monkeypatch.setattr("synth_assets.core.model.ROWS_AT_ONCE", most)
        batches = [rows.collect() for rows in view.batches()]
        assert len(batches) == number
        assert pl.concat(batches).equals(whole)
