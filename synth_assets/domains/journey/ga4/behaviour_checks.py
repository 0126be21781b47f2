"""Checks of what visitors do: pages, time and coupons make sense together. They warn."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.domains.journey.ga4.catalog import products
from synth_assets.domains.journey.ga4.event_times import LONGEST_PAUSE
from synth_assets.domains.journey.ga4.param import param
from synth_assets.domains.journey.ga4.transactions import (
    COUPONS,
    SEASON,
    SEASONAL_COUPON,
    USUAL_COUPON,
)
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.quality.building import row_check

HALF_AN_HOUR = 30 * 60 * 1_000_000
# Longest pause between sessions that are counted as one visit that was split.
SPLIT_LIMIT = 2 * HALF_AN_HOUR
AT, SESSION, LOADS = pl.col("event_timestamp"), pl.col("session"), pl.col("loads")
BEGINS = (SESSION.shift() != SESSION).fill_null(value=True)


def _in_sessions(stored: TableView) -> pl.LazyFrame:
    """The run's events by session and time, with hashes of visitor, session and page."""
    partition_column = stored.table.partitioning.partition_column

    def select() -> pl.DataFrame:
        visitor = pl.col("user_pseudo_id").hash()
        rows = (
            stored.current()
            .filter(pl.col("user_pseudo_id").is_not_null())
            .select(
                partition_column,
                "event_timestamp",
                visitor=visitor,
                session=pl.struct("user_pseudo_id", param("ga_session_id")).hash(),
                page=param("page_location", "string_value").hash(),
                engagement=param("engagement_time_msec"),
                loads=pl.col("event_name") == "page_view",
            )
        )
        # A page_view is before what its page sends at the same time.
        return rows.sort(SESSION, AT, ~LOADS, maintain_order=True).collect()

    return stored.cached("events in sessions", select).lazy()


def on_viewed_page() -> Check:
    """An event is on the page of the session's last page_view."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        nothing = pl.lit(0, dtype=pl.UInt64)
        seen = pl.when(LOADS).then("page").when(BEGINS).then(nothing).forward_fill()
        # At the start, and where a session is cut short, events have the same time.
        alone = (AT.shift(-1) != AT) | (SESSION.shift(-1) != SESSION)
        rows = _in_sessions(stored).with_columns(seen=seen)
        off = (pl.col("seen") != nothing) & (pl.col("page") != pl.col("seen"))
        return rows.filter(off & alone.fill_null(value=True))

    doc = "Events are on the page of their session's last `page_view`, if it has one."
    return row_check("event_on_viewed_page", doc, failing_rows)


def engagement_fits() -> Check:
    """Sessions have no more engagement than they last."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = stored.table.partitioning.partition_column
        engaged = pl.col("engagement").sum() * 1_000
        sessions = (
            _in_sessions(stored)
            .group_by(partition_column, SESSION)
            .agg(lasted=AT.max() - AT.min(), engaged=engaged)
        )
        return sessions.filter(pl.col("engaged") > pl.col("lasted"))

    doc = "A session's `engagement_time_msec` is not more than the session lasts."
    return row_check("engagement_time_within_session", doc, failing_rows)


def session_timeouts() -> Check:
    """Sessions end with a pause of half an hour, and some visits go on afterwards."""

    def measure(stored: TableView) -> list[CheckResult]:
        rows = _in_sessions(stored)
        within = pl.when(~BEGINS).then(AT - AT.shift())
        longest = rows.select(within.max()).collect().item() or 0
        visitor, begun = pl.col("visitor"), pl.col("begun")
        sessions = rows.group_by(SESSION, visitor).agg(begun=AT.min(), ended=AT.max())
        pause = begun - pl.col("ended").shift()
        pauses = (
            sessions.sort("visitor", "begun")
            .select(pause=pl.when(visitor == visitor.shift()).then(pause))
            .drop_nulls()
            .collect()["pause"]
        )
        short = float((pauses < HALF_AN_HOUR).sum())
        numbers = {
            "longest_pause_minutes": longest / 60e6,
            "splits": float((pauses < SPLIT_LIMIT).sum()),
            "returns": float(len(pauses)),
        }
        passed = not short and longest <= LONGEST_PAUSE * 1_000
        bound = "= 0 (and no pause within a session of half an hour)"
        return [CheckResult(None, passed, short, bound, numbers)]

    doc = "No session contains a pause of half an hour, and a visitor's next one begins after one."
    return Check("session_timeout_respected", doc, measure, per_partition=False)


def coupons_lower_prices() -> Check:
    """Bought items cost the price of the shop less the coupon, which is of its season."""
    code, price = param("coupon", "string_value"), pl.element().struct.field("price")
    names = pl.col("items").list.eval(pl.element().struct.field("item_name"))

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = stored.scenario
        assert isinstance(scenario, JourneyScenario)
        percents = {
            COUPONS[USUAL_COUPON]: scenario.coupon_percent,
            COUPONS[SEASONAL_COUPON]: scenario.seasonal_coupon_percent,
        }
        listed = {row[0]: row[1] for row in products().select("name", "price").iter_rows()}
        bought = (
            stored.current()
            .filter(pl.col("event_name") == "purchase")
            .with_columns(
                code=code,
                paid=pl.col("items").list.eval(price).list.sum(),
                listed=names.list.eval(
                    pl.element().replace_strict(listed, default=None, return_dtype=pl.Float64)
                ).list.sum(),
            )
        )
        # Without revenue, no parameters are sent.
        known = pl.col("ecommerce").struct.field("purchase_revenue").is_not_null()
        lowered = (
            pl.col("code").replace_strict(percents, default=0, return_dtype=pl.Float64).fill_null(0)
        )
        right = (pl.col("listed") * (100 - lowered) / 100 - pl.col("paid")).abs() < 0.005
        first, last = ("".join(f"{part:02d}" for part in day) for day in SEASON)
        in_season = pl.col("event_date").str.tail(4).is_between(pl.lit(first), pl.lit(last))
        wrong_time = (pl.col("code") == COUPONS[SEASONAL_COUPON]) & ~in_season
        return bought.filter(known & (~right | wrong_time.fill_null(value=False)))

    doc = "Bought items cost the shop's price less the coupon's percentage; coupons have seasons."
    return row_check("item_price_matches_coupon", doc, failing_rows)


BEHAVIOUR_CHECKS = [
    replace(check, blocking=False)
    for check in (
        on_viewed_page(),
        engagement_fits(),
        session_timeouts(),
        coupons_lower_prices(),
    )
]
