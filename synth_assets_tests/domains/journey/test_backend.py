"""The backend is derived from any export, independent of how the work is partitioned."""

from __future__ import annotations

import math
from datetime import timedelta

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.backend.orders import MAX_ROUNDING, PENDING, STATUSES
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables import events
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.journey.derived import in_memory, journey, whole
from synth_assets_tests.domains.journey.exports import (
    ODDITIES,
    at,
    days,
    event,
    export,
    purchase,
    shop,
)
from synth_assets_tests.quality.memory import Memory, judge

COUNT = 4_000
SHARES = discrepancies.cause_shares(JourneyScenario())
DAYS_WITH_LATE_ORDERS = 40 + 10  # days of the shop, and of its late orders


@pytest.fixture(scope="module")
def large() -> tuple[object, Memory]:
    of = journey(shop(COUNT), DAYS_WITH_LATE_ORDERS)
    return of, in_memory(of)


def gaps(memory: Memory) -> dict[str, int]:
    """Planted records by cause."""
    return dict(whole(memory, "journey_gaps").group_by("cause").len().iter_rows())


def test_unusable_ids_have_orders_that_nothing_matches() -> None:
    nothing_else = {"gap_rate": 0, "backend_only_rate": 0, "test_order_rate": 0}
    of = journey(ODDITIES, 3, **nothing_else, double_order_rate=0, unreported_order_share=1)
    memory = in_memory(of)
    assert gaps(memory) == {
        "placeholder_id": 3, "null_id": 1, "repeated_event": 2, "unreported_id": 4,
    }  # fmt: skip
    orders = whole(memory, "orders").join(whole(memory, "users"), on="user_id")
    sold = orders.select("user_pseudo_id", "transaction_id").sort("user_pseudo_id")
    usual = sold.filter(pl.col("transaction_id").str.len_chars() < 7)
    assert usual.rows() == [
        ("1.1", "100"), ("1.1", "102"), ("2.2", "100"), ("4.4", "104"), ("5.5", "101"),
        ("6.6", "103"), ("7.7", "105"),
    ]  # fmt: skip
    others = sold.filter(pl.col("transaction_id").str.len_chars() == 7)
    assert others["user_pseudo_id"].to_list() == ["3.3", "3.3", "4.4", "4.4"]
    without = in_memory(journey(ODDITIES, 3, **nothing_else, unreported_order_share=0))
    assert "unreported_id" not in gaps(without)
    # A visitor with a purchase is a customer, whatever its id.
    assert sorted(whole(memory, "users")["user_pseudo_id"]) == [f"{n}.{n}" for n in range(1, 8)]


def test_orders_have_the_events_amounts_and_their_lines_add_up() -> None:
    memory = in_memory(journey(ODDITIES, 3, gap_rate=0, backend_only_rate=0, test_order_rate=0))
    orders = {row["transaction_id"]: row for row in whole(memory, "orders").to_dicts()}
    assert orders["105"]["total_cents"] == 100
    assert orders["105"]["items_cents"] == 2 * 1250 + 99
    assert orders["105"]["adjustment_cents"] == 100 - 2599
    # The basket and its tax, since there is no revenue.
    assert (orders["101"]["items_cents"], orders["101"]["tax_cents"]) == (99, 8)
    assert orders["101"]["total_cents"] == 107
    assert orders["103"]["items_cents"] == 999  # a single line, since there are no items


def test_the_time_of_an_order_agrees_with_its_event() -> None:
    memory = in_memory(journey(ODDITIES, 3, gap_rate=0, backend_only_rate=0, test_order_rate=0))
    first_events = (
        whole(memory, "purchases")
        .group_by("user_pseudo_id", "transaction_id")
        .agg(event=pl.col("event_timestamp").min().cast(pl.Datetime("us")))
    )
    orders = whole(memory, "orders").join(whole(memory, "users"), on="user_id", suffix="_user")
    orders = orders.join(first_events, on=["user_pseudo_id", "transaction_id"])
    waited = orders["created_at"] - orders["event"]
    assert waited.min() >= timedelta(0)
    assert waited.max() <= timedelta(minutes=2)
    # Records stay on the day of their event, also for a purchase seconds before midnight.
    assert (orders["created_at"].dt.date() == orders["event"].dt.date()).all()
    before = orders["event"] - orders["created_at_user"]
    assert timedelta(0) <= before.min()
    assert before.max() <= timedelta(days=730 + 2)


def test_all_blocking_checks_pass(large: tuple[object, Memory]) -> None:
    of, memory = large
    for table in of.tables:  # type: ignore[attr-defined]
        for check in checks_of(table):
            if not check.blocking:
                continue  # a visitor with a purchase only is worth a warning
            results = judge(check, of, table.name, memory)  # type: ignore[arg-type]
            failed = [result for result in results if not result.passed]
            assert not failed, (table.name, check.name, failed[:1])


def test_discrepancies_have_the_requested_rate_and_causes(
    large: tuple[object, Memory],
) -> None:
    found = gaps(large[1])
    differing = sum(found[cause] for cause in SHARES)
    assert abs(differing - COUNT * 0.17) <= 1
    for cause, share in SHARES.items():
        assert abs(found[cause] - differing * share) <= 2, cause
    others = found["ad_blocker"] + found["telephone"]
    assert abs(others - COUNT * 0.05) <= 1.5
    assert abs(found["telephone"] - others * 0.3) <= 1
    assert abs(found["test_order"] - COUNT * 0.01) <= 1.5
    near(found["double_order"], COUNT, 0.01 * (1 - 0.17 * 0.75))
    statuses = whole(large[1], "orders")["status"]
    assert set(statuses) == set(STATUSES)
    near((statuses == PENDING).sum(), len(statuses), 0.2 * 0.95)


def near(hits: int, of: int, share: float) -> None:
    """The number of hits agrees with the share within five standard errors."""
    assert abs(hits - of * share) <= 5 * math.sqrt(of * share * (1 - share)) + 5


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_all_or_no_transactions_may_differ(rate: float) -> None:
    memory = in_memory(journey(shop(200), 12, gap_rate=rate))
    planted = sum(n for cause, n in gaps(memory).items() if cause in SHARES)
    assert planted == 200 * rate


# Each number with two rates by default: the law has no special cases.
COUNTS_AND_RATES = [
    pytest.param(count, rate, marks=() if (nth + of) % 3 == 0 else pytest.mark.slow)
    for nth, count in enumerate((1, 59, 100, 137))
    for of, rate in enumerate((0.05, 0.15, 0.17, 0.2, 0.85))
]


@pytest.mark.parametrize(("count", "rate"), COUNTS_AND_RATES)
def test_the_gap_rate_is_exact_for_any_number_of_transactions(count: int, rate: float) -> None:
    memory = in_memory(journey(shop(count), 12, gap_rate=rate))
    assert abs(sum(n for c, n in gaps(memory).items() if c in SHARES) - count * rate) <= 1


@pytest.mark.parametrize("seed", range(5))
def test_every_dealt_cause_occurs_in_a_hundred_purchases(seed: int) -> None:
    # Of a hundred purchases about eighty are usable transactions.
    memory = in_memory(journey(shop(80), 12, gap_rate=0.15, seed=seed))
    dealt = {*SHARES, "ad_blocker", "telephone", "test_order", "double_order"}
    assert dealt <= set(gaps(memory))


def test_totals_include_the_tax_and_shipping_that_they_list() -> None:
    taxed = [
        purchase(at(0, 1 + n / 10), f"{n}.1", str(700 + n)) | {
            "ecommerce": {"transaction_id": str(700 + n), "purchase_revenue": 25.0,
                          "tax_value": 2.03, "shipping_value": None}
        }
        for n in range(200)
    ]  # fmt: skip
    memory = in_memory(journey(export(*taxed), 12, gap_rate=0.5))
    orders = whole(memory, "orders")
    charged = orders["items_cents"] + orders["tax_cents"] + orders["shipping_cents"]
    assert (orders["total_cents"] - charged).is_between(0, MAX_ROUNDING).all()
    assert (orders["tax_cents"] > 0).all()
    causes = whole(memory, "journey_gaps").filter(pl.col("cause") == "tax")
    # Another rate, and not the same tax twice.
    assert (causes["backend_cents"] - causes["ga4_cents"]).is_between(1, 25_00 * 0.045).all()
    assert (causes["ga4_cents"] == 27_03).all()


def test_days_derived_one_by_one_and_without_later_days_are_the_same() -> None:
    of = journey(pl.concat([ODDITIES, shop(250)]), 4)
    at_once, keys = in_memory(of), days(4)
    for name in ("users", "orders", "order_items", "journey_gaps"):
        table = of.table(name)
        for key in reversed(keys):
            known = [k for k in keys if k <= key]
            slices = at_once.slices
            reader = Memory({n: {k: slices[n][k] for k in known} for n in ("purchases", "signups")})
            alone = TableView(of, table, [key], reader, of.scenario)
            [(_, rows)] = table.source.partitions(alone)
            assert rows.collect().equals(at_once.slices[name][key]), (name, key)


def test_rows_do_not_depend_on_the_order_of_the_export() -> None:
    upright = in_memory(journey(ODDITIES, 3))
    reversed_ = in_memory(journey(ODDITIES.reverse(), 3))
    assert whole(upright, "orders").equals(whole(reversed_, "orders"))
    assert whole(upright, "users").equals(whole(reversed_, "users"))


def test_an_earlier_day_that_is_missing_is_named() -> None:
    of = journey(ODDITIES, 3)
    memory = in_memory(of)
    del memory.slices["purchases"][days(1)[0]]
    with pytest.raises(UserError, match="2020-11-01"):
        list(of.table("users").source.partitions(
            TableView(of, of.table("users"), days(3)[1:], memory, of.scenario)
        ))  # fmt: skip


def test_ids_are_unique_numbers(large: tuple[object, Memory]) -> None:
    for table, key in (("users", "user_id"), ("orders", "order_id")):
        ids = whole(large[1], table)[key]
        assert ids.dtype == pl.Int64
        assert ids.is_unique().all()
        assert ids.min() > 20_201_101_000_000
    users = whole(large[1], "users")
    assert users["email"].is_unique().all()


def test_an_export_without_purchases_or_with_unknown_events_has_no_orders() -> None:
    unknown = export(event(at(0), "1.1", "made_up"), event(at(0), "1.1", session=None))
    memory = in_memory(journey(unknown, 1))
    assert len(whole(memory, "orders")) == len(whole(memory, "users")) == 0
    assert whole(memory, "reconciliation_scores")["planted"].sum() == 0


def test_missing_fields_of_an_event_are_null() -> None:
    bare = purchase(at(0), "1.1", "7", None, items=[]) | {"ecommerce": None}
    memory = in_memory(journey(export(bare), 1))
    assert gaps(memory) == {"null_id": 1}


@pytest.mark.parametrize("rate", [-0.1, 1.5, "much"])
def test_an_invalid_rate_is_named(rate: float | str) -> None:
    with pytest.raises(UserError, match=r"gap_rate = .*must be"):
        journey(ODDITIES, 3, gap_rate=rate)


def test_the_events_are_read_from_the_store(large: tuple[object, Memory]) -> None:
    of, memory = large
    read = of.table("purchases")  # type: ignore[attr-defined]
    assert read.parent_names == [events.NAME]
    assert len(whole(memory, "purchases")) == COUNT


def test_purchases_of_testers_are_excluded() -> None:
    tests = export(
        purchase(at(0), "1.1", "7", params={"traffic_type": "internal"}),
        purchase(at(0), "2.2", "TEST-8"),
        purchase(at(0), "3.3", "9", params={"traffic_type": "organic"}),
        purchase(at(0), "4.4", "10") | {"event_params": []},
    )
    memory = in_memory(journey(tests, 1, gap_rate=0, backend_only_rate=0, test_order_rate=0))
    assert set(whole(memory, "purchases")["transaction_id"]) == {"9", "10"}
    assert len(whole(memory, "users")) == 2
