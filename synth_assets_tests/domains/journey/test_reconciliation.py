"""The reconciliation finds the planted discrepancies without knowledge of them."""

from __future__ import annotations

import inspect

import polars as pl
import pytest

from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.reconciliation import reconcile as module
from synth_assets.domains.journey.tables.reconciliation_scores import score
from synth_assets_tests.domains.journey.derived import in_memory, journey, whole
from synth_assets_tests.domains.journey.exports import ODDITIES, days, shop
from synth_assets_tests.quality.memory import Memory, judge


@pytest.mark.parametrize("rate", [0.0, 0.17, 1.0])
def test_every_class_and_cause_is_found(rate: float) -> None:
    of = journey(pl.concat([ODDITIES, shop(1_500)]), 27, gap_rate=rate, test_order_rate=0.05)
    memory = in_memory(of)
    scores = whole(memory, "reconciliation_scores")
    planted = scores.filter(pl.col("planted") > 0)
    assert planted["recall"].eq(1).all()
    assert planted["precision"].drop_nulls().eq(1).all()
    # At rate 0 there are all but seven causes and three classes.
    assert len(planted) == (22 if rate else 12)


def test_dropped_orders_are_found_like_late_ones() -> None:
    memory = in_memory(journey(shop(1_000), 10))
    taken, there = whole(memory, "raw_orders"), whole(memory, "orders")
    assert len(taken) < len(there)  # late ones are created after the last day
    assert whole(memory, "reconciliation_scores")["recall"].drop_nulls().eq(1).all()


def test_the_reconciliation_does_not_read_the_ground_truth() -> None:
    source = inspect.getsource(module)
    assert "gaps" not in source.replace("gap_class", "")
    assert not any(f'"{cause}"' in source for cause in discrepancies.CAUSES)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("raw_orders", {"total_cents": pl.col("total_cents") + 1}),
        ("raw_orders", {"status": pl.lit("refunded")}),
        ("raw_orders", {"transaction_id": pl.lit("1")}),
        ("raw_orders", {"created_at": pl.col("created_at") + pl.duration(days=5)}),
        ("raw_users", {"email": pl.lit("a@test.example")}),
        ("raw_users", {"user_pseudo_id": pl.lit("someone else")}),
    ],
)
def test_unplanted_differences_are_found_and_lower_the_scores(
    table: str, columns: dict[str, pl.Expr]
) -> None:
    of = journey(shop(300), 3)
    memory = in_memory(of)
    first = days(1)[0]
    memory.slices[table][first] = memory.slices[table][first].with_columns(**columns)
    found = module.reconcile(
        *(_with_day(memory, n) for n in ("purchases", "raw_users", "raw_orders"))
    )
    scores = score(found, whole(memory, "journey_gaps"))
    memory.slices["reconciliation_scores"] = {"all": scores}
    check = next(
        r for r in of.table("reconciliation_scores").checks if r.name == "planted_gaps_found"
    )
    [result] = judge(check, of, "reconciliation_scores", memory)
    assert not result.passed
    assert result.measured < 1


def _with_day(memory: Memory, name: str) -> pl.DataFrame:
    return pl.concat(f.with_columns(day=pl.lit(k)) for k, f in memory.slices[name].items())


def test_events_and_orders_are_conserved() -> None:
    of = journey(pl.concat([ODDITIES, shop(300)]), 3)
    memory = in_memory(of)
    check = next(
        r for r in of.table("reconciled").checks if r.name == "every_transaction_in_one_row"
    )
    assert judge(check, of, "reconciled", memory)[0].passed
    memory.slices["reconciled"]["all"] = whole(memory, "reconciled").head(-1)
    assert not judge(check, of, "reconciled", memory)[0].passed
