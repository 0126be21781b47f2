"""Each check passes on good data and fails on each thing that it is there to find."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, Domain, Table, TableView
from synth_assets.core.partitioning import Daily, Sharded
from synth_assets.core.scenario import Scenario
from synth_assets.core.schema import differences, polars_schema, references
from synth_assets.core.sources import Generated
from synth_assets.quality import drift, keys, proportions, row_counts, structural
from synth_assets.quality.building import SAMPLES, when_complete
from synth_assets.quality.structural import checks_of
from synth_assets.randomness.streams import RandomStream
from synth_assets_tests.quality.memory import Memory, judge

K0, K1 = "s0000", "s0001"
COLOURS = pl.Enum(["red", "green"])


class Parent(dy.Schema):
    """Something to refer to."""

    id = dy.Int64(primary_key=True)


class Child(dy.Schema):
    """A column of each kind that a rule looks at."""

    id = dy.Int64(primary_key=True, min=1)
    parent_id = dy.Int64(nullable=True, metadata=references("parents"))
    colour = dy.Enum(COLOURS.categories)
    amount = dy.Float64(nullable=True)


def table(name: str, schema: type[dy.Schema], **more: Any) -> Table:
    return Table(
        domain="test",
        name=name,
        doc="",
        schema=schema,
        partitioning=Sharded(2),
        source=Generated(lambda scenario, step: step, lambda scenario, partition: pl.LazyFrame()),
        **more,
    )


PARENT = table("parent", Parent)
CHILD = table("child", Child, parents={"parents": "parent"})
TWIN = table("twin", Child, parents={"parents": "parent"})
WORLD = Domain("test", "", [], Scenario(), [PARENT, CHILD, TWIN])


def child(ids: list[int], **columns: Any) -> pl.DataFrame:
    good: dict[str, Any] = {
        "id": ids,
        "parent_id": [1] * len(ids),
        "colour": ["red"] * len(ids),
        "amount": [1.0] * len(ids),
    }
    return pl.DataFrame(good | columns, schema=polars_schema(Child))


def world(first: pl.DataFrame | None = None, second: pl.DataFrame | None = None) -> Memory:
    """Good data unless told otherwise: four children in two partitions, two parents."""
    return Memory(
        {
            "parent": {K0: pl.DataFrame({"id": [1]}), K1: pl.DataFrame({"id": [2]})},
            "child": {
                K0: child([1, 2]) if first is None else first,
                K1: child([3, 4], parent_id=[2, None]) if second is None else second,
            },
        }
    )


def passed(check: Check, reader: Memory, keys: list[str] | None = None) -> dict[str | None, bool]:
    return {v.key: v.passed for v in judge(check, WORLD, "child", reader, keys)}


def only(check: Check, reader: Memory) -> CheckResult:
    (result,) = judge(check, WORLD, "child", reader)
    return result


def by_name(name: str) -> Check:
    return next(check for check in checks_of(CHILD) if check.name == name)


# --- what every table has -----------------------------------------------------------------


def test_every_table_has_schema_scenario_key_and_references() -> None:
    assert [r.name for r in checks_of(CHILD)] == [
        "schema",
        "as_written",
        "one_scenario",
        "primary_key",
        "fk_parent_id",
    ]
    assert all(r.blocking and r.doc for r in checks_of(CHILD))
    for check in checks_of(CHILD):
        results = judge(check, WORLD, "child", world())
        assert all(v.passed and not v.failing_rows for v in results), check.name
        judged: list[str | None] = [K0, K1] if check.per_partition else [None]
        assert [v.key for v in results] == judged


def test_a_table_that_does_not_block_only_warns() -> None:
    assert not any(r.blocking for r in checks_of(replace(CHILD, blocking=False)))


def test_two_checks_of_one_name_are_an_error() -> None:
    own = keys.foreign_key("parent_id", "parent", "id")
    with pytest.raises(TypeError, match="test/child has several checks named fk_parent_id"):
        checks_of(replace(CHILD, checks=[own]))


def test_warning_and_finding_change_only_what_they_say() -> None:
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
def test_schema_finds_a_wrong_shape_in_its_slice_alone(shape: str) -> None:
    spoil, words = WRONG_SHAPES[shape]
    results = judge(structural.schema_holds(), WORLD, "child", world(second=spoil(child([3]))))
    assert [v.passed for v in results] == [True, False]
    assert results[1].measured == 1
    assert words in results[1].failing_rows[0]["difference"]


@pytest.mark.parametrize(
    "columns",
    [{"colour": ["red", None]}, {"id": [0, 3]}, {"id": [None, 3]}, {"amount": [math.nan, 1]}],
)
def test_schema_finds_a_broken_constraint(columns: dict[str, Any]) -> None:
    results = judge(structural.schema_holds(), WORLD, "child", world(child([1, 2], **columns)))
    assert [(v.passed, v.measured) for v in results] == [(False, 1), (True, 0)]


def test_schema_lets_an_enumeration_be_stored_as_text_but_not_text_as_an_enumeration() -> None:
    as_text = child([1, 2]).cast({"colour": pl.String})
    assert differences(polars_schema(Child), as_text.schema) == []
    wanted, found = pl.Schema({"a": pl.String()}), pl.Schema({"a": COLOURS})
    assert len(differences(wanted, found)) == 1


# --- one scenario -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said", "found"),
    [
        ("child", {"fingerprint": "other"}, [{"scenario": "other"}, {"scenario": "print"}]),
        ("parent", {"fingerprint": "other"}, [{"scenario": "other"}, {"scenario": "print"}]),
        ("child", {"code_version": "2"}, [{"code_version": "1"}, {"code_version": "2"}]),
    ],
)
def test_one_scenario_finds_a_slice_made_otherwise(
    name: str, said: dict[str, str], found: list[dict[str, str]]
) -> None:
    result = only(structural.one_scenario(), world().stats(name, K1, **said))
    assert (result.passed, result.measured, result.key) == (False, 1, None)
    assert all(entry in result.failing_rows for entry in found)


def test_one_scenario_lets_parents_have_a_code_version_of_their_own() -> None:
    reader = world().stats("parent", K0, code_version="7").stats("parent", K1, code_version="7")
    assert only(structural.one_scenario(), reader).passed


# --- rows ---------------------------------------------------------------------------------


def test_unique_finds_a_key_repeated_in_another_partition() -> None:
    check = by_name("primary_key")
    reader = world(child([1, 2]), child([2, 4, 4]))
    results = judge(check, WORLD, "child", reader)
    assert [(v.passed, v.measured) for v in results] == [(False, 1), (False, 3)]
    (alone,) = judge(check, WORLD, "child", reader, [K0])
    assert not alone.passed, "the other slice is not under judgement but still counts"


def test_unique_leaves_nulls_out_and_takes_columns_together() -> None:
    blanks = child([1, 2], amount=[None, None])
    assert all(passed(keys.unique(["amount"]), world(blanks, child([3]))).values())
    both = keys.unique(["colour", "amount"])
    assert all(passed(both, world(child([1, 2], amount=[1, 2]), child([3], amount=[3]))).values())
    assert not any(passed(both, world(child([1]), child([3]))).values())


def test_foreign_key_finds_orphans_and_leaves_nulls_out() -> None:
    check = by_name("fk_parent_id")
    reader = world(child([1, 2], parent_id=[1, 9]), child([3, 4], parent_id=[None, 2]))
    results = judge(check, WORLD, "child", reader)
    assert [(v.passed, v.measured) for v in results] == [(False, 1), (True, 0)]
    assert [o["parent_id"] for o in results[0].failing_rows] == [9]
    assert results[0].numbers == {"rows": 2, "violation_rate": 0.5}
    assert check.reads == ("parent",)


def test_a_parent_that_is_not_stored_is_a_persons_to_mend() -> None:
    reader = world()
    reader.slices["parent"] = {}
    with pytest.raises(UserError, match="test/parent"):
        judge(by_name("fk_parent_id"), WORLD, "child", reader)


def test_a_parent_that_is_half_stored_makes_its_children_wait() -> None:
    reader = world(child([1, 2], parent_id=[1, 9]))
    del reader.slices["parent"][K1]
    results = judge(by_name("fk_parent_id"), WORLD, "child", reader)
    assert [(v.key, v.passed) for v in results] == [(K0, True), (K1, True)]
    assert (results[0].threshold, results[0].measured) == (
        "judged once parent (s0001) is stored",
        0,
    )
    whole = when_complete(proportions.shares("colour", {"red": 1}))
    assert only(whole, world()).threshold == "<= 1 (5 standard errors)"
    del reader.slices["child"][K1]
    assert only(whole, reader).threshold == "judged once child (s0001) is stored"


def test_days_wait_for_earlier_days_and_not_for_later_ones() -> None:
    """A run of later days may be judged while another has not stored the earlier ones yet."""
    days = Daily(date(2026, 1, 1), date(2026, 1, 9))
    daily = replace(WORLD, tables=[replace(t, partitioning=days) for t in WORLD.tables])
    keys = days.keys()
    reader = world()
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


def test_rows_are_counted_against_what_was_written() -> None:
    reader = world(child([1, 2]), child([3, 4, 5]))
    reader.stats("child", K1, rows=25).stats("child", K0, rows=2)
    results = judge(by_name("as_written"), WORLD, "child", reader)
    assert [(v.key, v.passed, v.measured, v.threshold) for v in results] == [
        (K0, True, 2, "= 2"),
        (K1, False, 3, "= 25"),
    ]
    reader = world(child([]), child([3])).stats("child", K0, rows=1)
    assert [v.passed for v in judge(by_name("as_written"), WORLD, "child", reader)] == [False, True]


def test_row_count_is_exact_for_every_slice() -> None:
    check = row_counts.row_count()
    reader = world(child([1]), child([2, 3]))
    results = judge(check, WORLD, "child", reader)
    assert [(v.passed, v.measured, v.threshold) for v in results] == [
        (True, 1, "= 1"),
        (False, 2, "= 1"),
    ]


def test_holds_and_accepted_find_what_breaks_them() -> None:
    above = structural.holds("above", "Above zero.", pl.col("amount") > 0)
    reader = world(child([1, 2], amount=[0, None]))
    assert passed(above, reader) == {K0: False, K1: True}
    known = structural.accepted_values("colour", ["red"])
    reader = world(second=child([3, 4], colour=["red", "green"]))
    assert passed(known, reader) == {K0: True, K1: False}


def test_offenders_are_at_most_five_and_true() -> None:
    amounts = [(-1.0) ** i * i for i in range(1, 41)]
    check = structural.holds("above", "Above zero.", pl.col("amount") > 0)
    reader = world(child(list(range(1, 41)), amount=amounts), child([50, 51], amount=[-7, 7]))
    first, second = judge(check, WORLD, "child", reader)
    assert (first.measured, len(first.failing_rows), first.numbers["violation_rate"]) == (
        20,
        5,
        0.5,
    )
    assert SAMPLES == 5
    for offender in first.failing_rows:
        assert list(offender) == list(Child.columns()), "an offender shows the schema's columns"
        assert offender["amount"] == amounts[offender["id"] - 1] < 0
    assert [o["id"] for o in second.failing_rows] == [50]
    assert check.failing_rows is not None
    stored = TableView(WORLD, CHILD, [K0, K1], reader, Scenario())
    assert len(check.failing_rows(stored).collect()) == 21, "all rows, and their partitions"


def test_a_rule_judges_only_the_partitions_it_is_asked_about() -> None:
    reader = world(child([1, 2], colour=["green", "green"]))
    assert passed(structural.accepted_values("colour", ["red"]), reader, [K1]) == {K1: True}


# --- amounts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "tolerance", "good"),
    [
        (100, 0, True),
        (60, 0, True),
        (59, 0, False),
        (160, 0, True),
        (161, 0, False),
        (0, 0, False),
        (59, 41, True),
        (58, 41, False),
        (161, 61, True),
        (162, 61, False),
    ],
)
def test_volume_keeps_its_bounds(rows: int, tolerance: int, good: bool) -> None:
    check = row_counts.volume(
        lambda scenario, key: 100.0 if key == K0 else 1, 0.6, 1.6, tolerance=tolerance
    )
    reader = world(child(list(range(1, rows + 1))), child([900]))
    results = judge(check, WORLD, "child", reader)
    assert [v.passed for v in results] == [good, True]
    assert (results[0].measured, results[0].numbers["expected"]) == (rows, 100)
    assert check.failing_rows is not None
    failed = check.failing_rows(TableView(WORLD, CHILD, [K0, K1], reader, Scenario())).collect()
    assert failed["shard"].to_list() == ([] if good else [K0])


def coloured(red: int, green: int) -> Memory:
    return world(
        child(list(range(1, red + 1))),
        child(list(range(1_001, green + 1_001)), colour=["green"] * green),
    )


def test_shares_are_held_against_those_declared() -> None:
    check = proportions.shares("colour", {"red": 30, "green": 10})
    assert only(check, coloured(300, 100)).passed
    # 400 rows: the standard error is 0.0217, so five of them are 43 rows.
    assert only(check, coloured(340, 60)).passed
    assert only(check, coloured(260, 140)).passed
    off = only(check, coloured(250, 150))
    assert not off.passed
    assert off.numbers == {"share.red": 0.625, "share.green": 0.375}
    assert off.measured == pytest.approx(0.125 / (5 * math.sqrt(0.75 * 0.25 / 400)))
    assert {"share": "red", "measured": 0.625, "declared": 0.75} in off.failing_rows
    grouped = proportions.shares("colour", {"red": 30, "green": 10}, design=2)
    assert only(grouped, coloured(250, 150)).passed
    assert not check.blocking


def test_shares_count_values_that_nobody_declared() -> None:
    assert not only(proportions.shares("colour", {"red": 1, "blue": 1}), coloured(200, 200)).passed


@pytest.mark.parametrize(("red", "green", "good"), [(50, 0, True), (49, 1, False)])
@pytest.mark.parametrize("expected", [{"red": 1.0}, {"red": 1.0, "green": 0.0}])
def test_a_share_may_be_all_or_nothing(
    expected: dict[str, float], red: int, green: int, good: bool
) -> None:
    assert only(proportions.shares("colour", expected), coloured(red, green)).passed is good


def test_share_near_allows_its_standard_errors_and_no_more() -> None:
    # Of 100 rows at one half, five standard errors are 25 rows.
    red = pl.col("colour") == "red"
    check = proportions.share_near("reds", "Reds.", red, lambda scenario: 0.5)
    assert only(check, coloured(25, 75)).passed
    assert only(check, coloured(75, 25)).passed
    assert not only(check, coloured(24, 76)).passed
    result = only(check, coloured(76, 24))
    assert (result.passed, result.measured, result.numbers) == (False, 0.76, {"rows": 100})
    assert result.threshold == "0.500 give or take 0.250"
    certain = proportions.share_near("reds", "Reds.", red, lambda scenario: 1.0)
    assert not only(certain, coloured(99, 1)).passed


# --- drift --------------------------------------------------------------------------------


def drawn(seed: int, rows: int = 2_000, **spoil: pl.Expr) -> pl.DataFrame:
    row, draw = pl.col("id"), RandomStream(seed, "test", "drift")
    return (
        pl.select(id=pl.int_range(1, rows + 1))
        .with_columns(
            parent_id=pl.lit(1, pl.Int64),
            colour=draw.substream("colour").choice(row, {"red": 3, "green": 1}),
            amount=draw.substream("amount").normal(row),
        )
        .with_columns(**spoil)
    )


def drift_of(here: pl.DataFrame, there: pl.DataFrame) -> CheckResult:
    reader = world(here.head(700), here.slice(700))
    reader.slices["twin"] = {K0: there}
    return only(drift.drift("twin"), reader)


def test_drift_leaves_two_samples_of_one_distribution_alone() -> None:
    for seed in range(20):
        assert drift_of(drawn(seed), drawn(100 + seed, 1_500)).passed


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        (
            "colour.psi",
            {"colour": RandomStream(1, "x").choice(pl.col("id"), {"red": 1, "green": 2})},
        ),
        ("colour.psi", {"colour": pl.lit("green", COLOURS)}),
        ("amount.ks", {"amount": pl.col("amount") + 0.5}),
        ("amount.ks", {"amount": pl.col("amount") * 2}),
        ("amount.empty", {"amount": pl.when(pl.col("id") % 50 > 0).then("amount")}),
    ],
)
def test_drift_names_the_column_that_strays(name: str, spoil: dict[str, Any]) -> None:
    result = drift_of(drawn(1, **spoil), drawn(2))
    assert not result.passed
    assert [o["column"] for o in result.failing_rows] == [name]
    assert result.measured == result.numbers[name] > 1


def test_drift_leaves_keys_out() -> None:
    moved = drawn(1, id=pl.col("id") + 10_000, parent_id=pl.lit(2, pl.Int64))
    result = drift_of(moved, drawn(2))
    assert result.passed
    assert not any(name.startswith(("id.", "parent_id.")) for name in result.numbers)


class Moments(dy.Schema):
    """Columns with a time or words in them."""

    at = dy.Datetime(time_unit="us")
    flag = dy.Bool()
    word = dy.String(nullable=True)


class Days(dy.Schema):
    """A date."""

    on = dy.Date()


def moments(hour: int, word: str | None = "w") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "at": [datetime(2026, 1, 1 + i % 28, (hour + i % 12) % 24) for i in range(500)],
            "flag": np.arange(500) % 2 == 0,
            "word": [word if i % 2 else "w" for i in range(500)],
        },
        schema=polars_schema(Moments),
    )


def drift_between(schema: type[dy.Schema], here: pl.DataFrame, there: pl.DataFrame) -> CheckResult:
    domain = Domain("test", "", [], Scenario(), [table("here", schema), table("there", schema)])
    reader = Memory({"here": {K0: here}, "there": {K0: there}})
    return judge(drift.drift("there"), domain, "here", reader)[0]


@pytest.mark.parametrize(
    ("here", "strays"),
    [
        (moments(0), set()),
        (moments(9), {"at.hour"}),
        (moments(0, None), {"word.empty"}),
        (moments(0, "  "), {"word.empty", "word.psi"}),
    ],
)
def test_drift_looks_at_hours_flags_and_words(here: pl.DataFrame, strays: set[str]) -> None:
    result = drift_between(Moments, here, moments(0))
    assert {o["column"] for o in result.failing_rows} == strays
    assert result.passed is (not strays)


def test_drift_copes_with_dates() -> None:
    days = pl.DataFrame({"on": [date(2026, 1, 1 + i % 28) for i in range(500)]})
    assert drift_between(Days, days, days).passed
