"""Checks of row counts and shares keep their tolerances."""

from __future__ import annotations

import math

import polars as pl
import pytest

from synth_assets.core.model import TableView
from synth_assets.core.scenario import Scenario
from synth_assets.quality import proportions, row_counts
from synth_assets.quality.tolerance import RESOLUTION
from synth_assets_tests.quality.memory import Memory, judge
from synth_assets_tests.quality.parent_child import (
    CHILD,
    DOMAIN,
    K0,
    K1,
    child,
    memory,
    only,
)


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
    reader = memory(child(list(range(1, rows + 1))), child([900]))
    results = judge(check, DOMAIN, "child", reader)
    assert [v.passed for v in results] == [good, True]
    assert (results[0].measured, results[0].numbers["expected"]) == (rows, 100)
    assert check.failing_rows is not None
    failed = check.failing_rows(TableView(DOMAIN, CHILD, [K0, K1], reader, Scenario())).collect()
    assert failed["shard"].to_list() == ([] if good else [K0])


def coloured(red: int, green: int) -> Memory:
    return memory(
        child(list(range(1, red + 1))),
        child(list(range(1_001, green + 1_001)), colour=["green"] * green),
    )


def test_shares_are_compared_with_the_declared_ones() -> None:
    check = proportions.shares("colour", {"red": 30, "green": 10})
    assert only(check, coloured(300, 100)).passed
    # 400 rows: the standard error is 0.0217, so five of them are 43 rows.
    assert only(check, coloured(340, 60)).passed
    assert only(check, coloured(260, 140)).passed
    off = only(check, coloured(250, 150))
    assert not off.passed
    declared = {"declared.red": 0.75, "declared.green": 0.25}
    assert off.numbers == {"share.red": 0.625, "share.green": 0.375} | declared
    tolerance = 5 * math.sqrt(0.75 * 0.25 / 400) + RESOLUTION
    assert off.measured == pytest.approx(0.125 / tolerance)
    assert {"share": "red", "measured": 0.625, "declared": 0.75} in off.failing_rows
    grouped = proportions.shares("colour", {"red": 30, "green": 10}, design=2)
    assert only(grouped, coloured(250, 150)).passed
    assert not check.blocking


def test_shares_count_undeclared_values() -> None:
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
