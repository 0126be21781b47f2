"""A day of the export does not depend on how it is generated, and its visitors are consistent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from synth_assets.core import sources
from synth_assets.core.errors import UserError
from synth_assets.core.partitioning import Partition
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains.journey.ga4.low_discrepancy import STEPS, categorical, low_discrepancy
from synth_assets.domains.journey.ga4.param import param
from synth_assets.domains.journey.ga4.periods import period_number
from synth_assets.domains.journey.model import model_of, open_model
from synth_assets.domains.journey.scenario import FIRST_DAY
from synth_assets.domains.journey.tables import events as events_module
from synth_assets.randomness.random_arrays import TOP_LANE, lane
from synth_assets.randomness.streams import RandomStream
from synth_assets_tests.domains.journey.figures import slim
from synth_assets_tests.domains.journey.made import DAYS, journey, made, whole


def test_a_day_alone_is_the_same_as_among_others() -> None:
    of = journey(scale=0.01)
    together = made(of, DAYS)
    model_of.cache_clear()
    for key in DAYS:
        assert made(of, [key])[key].equals(together[key])


def test_any_rows_may_be_generated_alone() -> None:
    of = journey(scale=0.01)
    table = of.table("events")
    partition = table.partition(of.scenario, DAYS[0])
    day = sources.frame(table, of.scenario, partition).collect()
    for start, stop in ((0, 1), (1, 57), (57, 58), (58, len(day))):
        some = Partition(
            "part", partition.start + start, partition.start + stop, partition.first, partition.last
        )
        assert sources.frame(table, of.scenario, some).collect().equals(day[start:stop])


def test_batches_change_nothing() -> None:
    of = journey(scale=0.01)
    table = of.table("events")
    partition = table.partition(of.scenario, DAYS[0])
    small = replace(table, source=replace(sources.generated(table), rows_at_once=100))
    batched = sources.frame(small, of.scenario, partition).collect()
    assert batched.equals(sources.frame(table, of.scenario, partition).collect())


def test_the_date_range_changes_no_day() -> None:
    usual = made(journey(scale=0.01), DAYS)
    later = journey(scale=0.01, start_date=DAYS[1], end_date="2021-01-20")
    assert made(later, [DAYS[1]])[DAYS[1]].equals(usual[DAYS[1]])
    assert later.scenario.fingerprint() == journey(scale=0.01).scenario.fingerprint()


def test_another_seed_is_another_export() -> None:
    one, other = (made(journey(scale=0.01, seed=seed), DAYS[:1])[DAYS[0]] for seed in (1, 2))
    shared = one.join(other, on="user_pseudo_id", how="semi")
    assert len(shared) < 0.1 * len(one)


def test_the_smallest_scale_has_all_its_days() -> None:
    frame = whole(scale=0.001)
    assert frame["event_date"].n_unique() == 92


@pytest.fixture(scope="module")
def some() -> pl.DataFrame:
    return whole(scale=0.02)


def test_visitors_come_back_and_buy(some: pl.DataFrame) -> None:
    rows = slim(some)
    sessions = rows.group_by("user_pseudo_id").agg(pl.col("session").n_unique())["session"]
    assert sessions.max() > 5
    assert 0.10 < (sessions > 1).mean() < 0.20
    numbers = some.filter(event_name="purchase").select(n=param("ga_session_number"))["n"]
    assert (numbers > 1).mean() > 0.3


def test_a_visitors_spending_only_grows(some: pl.DataFrame) -> None:
    spent = some.select(
        "user_pseudo_id", "event_timestamp", pl.col("user_ltv").struct.field("revenue")
    ).sort("user_pseudo_id", "event_timestamp", maintain_order=True)
    change = spent.select(pl.col("revenue").diff().over("user_pseudo_id"))["revenue"]
    assert (change.drop_nulls() >= 0).all()
    last = spent.group_by("user_pseudo_id").agg(pl.col("revenue").max())["revenue"].sum()
    revenue = slim(some)["revenue"].sum()
    assert last == pytest.approx(revenue)


def test_events_are_in_order_within_a_session(some: pl.DataFrame) -> None:
    rows = slim(some).with_row_index()
    later = rows.select(pl.col("event_timestamp").diff().over("user_pseudo_id", "session"))[
        "event_timestamp"
    ]
    assert (later.drop_nulls() >= 0).all()
    exact = some.select(
        "event_name",
        "user_pseudo_id",
        "event_previous_timestamp",
        at=pl.col("event_timestamp"),
        session=param("ga_session_id"),
    ).with_columns(before=pl.col("at").shift().over("user_pseudo_id", "session", "event_name"))
    assert exact["before"].equals(exact["event_previous_timestamp"])


def test_pages_match_their_events(some: pl.DataFrame) -> None:
    page = param("page_location", "string_value")
    bought = some.filter(event_name="purchase").select(page=page)["page"]
    assert bought.str.ends_with("/ordercompleted.html").all()
    seen = some.filter(event_name="view_item").select(
        page=page, item=pl.col("items").list.first().struct.field("item_name")
    )
    same = seen["page"].str.split("/").list.last().str.replace_all("+", " ", literal=True)
    assert same.equals(seen["item"])


OFF: dict[str, Any] = {
    "placeholder_transactions": pl.col("transaction") == "(not set)",
    "null_transactions": (pl.col("event_name") == "purchase") & pl.col("transaction").is_null(),
    "missing_revenue": (pl.col("event_name") == "purchase") & pl.col("revenue").is_null(),
    "placeholder_sources": pl.col("source").is_in(["<Other>", "(data deleted)"]),
}


@pytest.mark.parametrize("defect", OFF)
def test_a_defect_of_rows_may_be_switched_off(defect: str, some: pl.DataFrame) -> None:
    scale = 0.02
    assert slim(some).filter(OFF[defect]).height > 0
    assert slim(whole(scale=scale, **{defect: "false"})).filter(OFF[defect]).is_empty()


def _keys(frame: pl.DataFrame) -> pl.DataFrame:
    usable = slim(frame).filter(event_name="purchase").drop_nulls("transaction")
    return usable.filter(pl.col("transaction") != "(not set)")


def _repeated(frame: pl.DataFrame) -> int:
    keys = _keys(frame).select("user_pseudo_id", "transaction")
    return len(keys) - len(keys.unique())


def _colliding(frame: pl.DataFrame) -> int:
    keys = slim(frame).select("user_pseudo_id", "session").unique()
    return len(keys) - keys["session"].n_unique()


def _without(name: str) -> Any:
    def sessions(frame: pl.DataFrame) -> int:
        found = slim(frame).group_by("user_pseudo_id", "session").agg(pl.col("event_name").unique())
        return found.filter(~pl.col("event_name").list.contains(name)).height

    return sessions


def _checkouts_without_cart(frame: pl.DataFrame) -> int:
    names = pl.col("event_name")
    found = slim(frame).group_by("user_pseudo_id", "session").agg(names.unique())
    checked = found.filter(names.list.contains("begin_checkout"))
    return checked.filter(~names.list.contains("add_to_cart")).height


def _several_ids(frame: pl.DataFrame) -> int:
    listed = frame.select(pl.col("items")).explode("items").drop_nulls().unnest("items")
    ids = listed.filter(pl.col("item_id") != "(not set)").group_by("item_name")
    return ids.agg(pl.col("item_id").n_unique()).filter(pl.col("item_id") > 1).height


def _no_quantities(frame: pl.DataFrame) -> int:
    shown = frame.filter(event_name="view_item").select(pl.col("items").list.first())
    return shown["items"].struct.field("quantity").null_count()


COUNTED = {
    "repeated_purchases": _repeated,
    "colliding_sessions": _colliding,
    "missing_session_starts": _without("session_start"),
    "missing_page_views": _without("page_view"),
    "missing_carts": _checkouts_without_cart,
    "inconsistent_items": _several_ids,
    "missing_quantities": _no_quantities,
}


@pytest.mark.parametrize("defect", COUNTED)
def test_a_defect_that_is_counted_may_be_switched_off(defect: str, some: pl.DataFrame) -> None:
    assert COUNTED[defect](some) > 0
    assert COUNTED[defect](whole(scale=0.02, **{defect: "false"})) == 0


@pytest.mark.parametrize("shared", [True, False])
def test_users_may_share_a_transaction(shared: bool) -> None:
    scenario = journey(scale=0.3, shared_transactions=shared).scenario
    orders = open_model(scenario, period_number(FIRST_DAY)).orders
    numbers = pl.Series(orders.id[orders.id > 0])
    assert (numbers.n_unique() < len(numbers)) is shared


def test_every_defect_is_tested() -> None:
    fields = journey().scenario.model_dump()
    assert {n for n, v in fields.items() if v is True} == {*OFF, *COUNTED, "shared_transactions"}


def test_bad_fields_are_named() -> None:
    with pytest.raises(UserError, match="scale = 0"):
        journey(scale=0)
    with pytest.raises(UserError, match=r"end_date = 2021-02-02 must be between 2020-11-01"):
        journey(end_date="2021-02-02", source="bigquery")
    with pytest.raises(UserError, match=r"start_date = 2004-12-31 must be 2005-01-01 or later"):
        journey(start_date="2004-12-31")
    with pytest.raises(UserError, match="calendar = 'lunar'"):
        journey(calendar="lunar")
    with pytest.raises(UserError, match=r"must be after start_date"):
        journey(start_date="2020-12-01", end_date="2020-12-01")
    with pytest.raises(UserError, match="source = 'Sample'"):
        journey(source="Sample")


def test_low_discrepancy_numbers_are_even_over_any_range() -> None:
    assert len(set(STEPS)) == len(STEPS)
    for dimension in range(len(STEPS)):
        for start in (0, 123_457):
            bits = low_discrepancy(range(start, start + 1_000), dimension, RandomStream(1, "here"))
            hits = (lane(bits, TOP_LANE) < 65_536 * 0.3).sum()
            assert abs(hits - 300) < 12
    assert categorical(
        low_discrepancy(range(1_000), 0, RandomStream(1, "x")), (1.0, 1.0)
    ).sum() == pytest.approx(500, abs=5)


def test_the_table_has_its_own_location() -> None:
    (stored,) = stored_tables(journey().table("events"))
    assert stored.path == f"{events_module.SCHEMA}/events" == "raw_ga4/events"
