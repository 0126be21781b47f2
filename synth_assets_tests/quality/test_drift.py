"""The drift check passes samples of one distribution and names drifted columns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain
from synth_assets.core.scenario import Scenario
from synth_assets.core.schema import polars_schema
from synth_assets.quality import drift
from synth_assets.randomness.streams import RandomStream
from synth_assets_tests.quality.memory import Memory, judge
from synth_assets_tests.quality.parent_child import (
    COLOURS,
    K0,
    memory,
    only,
    table,
)


def drawn(seed: int, rows: int = 2_000, **changed: pl.Expr) -> pl.DataFrame:
    row, draw = pl.col("id"), RandomStream(seed, "test", "drift")
    return (
        pl.select(id=pl.int_range(1, rows + 1))
        .with_columns(
            parent_id=pl.lit(1, pl.Int64),
            colour=draw.substream("colour").choice(row, {"red": 3, "green": 1}),
            amount=draw.substream("amount").normal(row),
        )
        .with_columns(**changed)
    )


def drift_of(here: pl.DataFrame, there: pl.DataFrame) -> CheckResult:
    reader = memory(here.head(700), here.slice(700))
    reader.slices["twin"] = {K0: there}
    return only(drift.drift("twin"), reader)


def test_drift_passes_two_samples_of_one_distribution() -> None:
    for seed in range(20):
        assert drift_of(drawn(seed), drawn(100 + seed, 1_500)).passed


@pytest.mark.parametrize(
    ("name", "changed"),
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
def test_drift_names_the_drifted_column(name: str, changed: dict[str, Any]) -> None:
    result = drift_of(drawn(1, **changed), drawn(2))
    assert not result.passed
    assert [o["column"] for o in result.failing_rows] == [name]
    assert result.measured == result.numbers[name] > 1


def test_drift_ignores_keys() -> None:
    moved = drawn(1, id=pl.col("id") + 10_000, parent_id=pl.lit(2, pl.Int64))
    result = drift_of(moved, drawn(2))
    assert result.passed
    assert not any(name.startswith(("id.", "parent_id.")) for name in result.numbers)


class Moments(dy.Schema):
    """A time, a flag and text."""

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
    ("here", "drifted"),
    [
        (moments(0), set()),
        (moments(9), {"at.hour"}),
        (moments(0, None), {"word.empty"}),
        (moments(0, "  "), {"word.empty", "word.psi"}),
    ],
)
def test_drift_compares_hours_flags_and_words(here: pl.DataFrame, drifted: set[str]) -> None:
    result = drift_between(Moments, here, moments(0))
    assert {o["column"] for o in result.failing_rows} == drifted
    assert result.passed is (not drifted)


def test_drift_ignores_dates() -> None:
    days = pl.DataFrame({"on": [date(2026, 1, 1 + i % 28) for i in range(500)]})
    assert drift_between(Days, days, days).passed
