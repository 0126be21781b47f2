"""The customer journey: funnel, reconciliation, revenue on both sides, one visitor's timeline."""

from __future__ import annotations

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.domains.journey.scenario import DOMAIN
from synth_assets.studio import formats, look
from synth_assets.studio.dashboards.dashboard import dashboard
from synth_assets.studio.dashboards.period import Period, period
from synth_assets.studio.warehouse import Warehouse

DAYS = "select min(day), max(day) from marts.fct_reconciliation_daily"
FUNNEL = """
select
    count(*) as sessions, count(view_item_at) as view_item, count(add_to_cart_at) as add_to_cart,
    count(begin_checkout_at) as begin_checkout, count(purchase_at) as purchase
from journey_intermediate.int_sessions where day between $first and $last
"""
DAILY = """
select day, transactions, matched, match_rate, ga4_cents / 100.0 as ga4, backend_cents / 100.0
    as backend, revenue_delta_cents / 100.0 as difference
from marts.fct_reconciliation_daily where day between $first and $last order by day
"""
CLASSES = """
select day, reconciliation_class as class, count(*) as records,
    sum(delta_cents) / 100.0 as difference
from marts.fct_reconciliation
where day between $first and $last and reconciliation_class <> 'matched'
group by day, reconciliation_class order by day, reconciliation_class
"""
FOUND = """
select gap_class as class, planted, found, correct, precision_of_class as precision,
    recall_of_class as recall
from marts.reconciliation_check order by gap_class
"""
VISITORS = """
select user_pseudo_id, max(reconciliation_class) as class, count(*) as records
from marts.fct_reconciliation
where day between $first and $last and user_pseudo_id is not null
group by user_pseudo_id order by records desc, user_pseudo_id limit 200
"""
TIMELINE = """
select event_at as moment, event_name as event, 'website' as side,
    '' as detail
from staging_ga4.stg_events where user_pseudo_id = $visitor
union all
select started_at, 'session', 'session', concat(source, ' / ', medium, ', ', events, ' events')
from journey_intermediate.int_sessions where user_pseudo_id = $visitor
union all
select orders.created_at, concat('order ', orders.status), 'backend',
    concat('total ', orders.total_cents / 100.0)
from staging_backend.stg_orders as orders
inner join journey_intermediate.int_user_mapping as mapping on orders.user_id = mapping.user_id
where mapping.user_pseudo_id = $visitor
order by moment limit 2000
"""
AS_WORDS = pl.col("class").str.replace_all("_", " ")


def page() -> None:
    """Draws the page."""
    with dashboard("Customer journey", DOMAIN) as shown:
        warehouse = shown.warehouse
        days = period(warehouse, "journey dates", DAYS)
        daily = warehouse.query(DAILY, **days.parameters)
        _numbers(daily)
        left, right = st.columns(2, gap="medium")
        with left:
            _funnel(warehouse, days)
        with right:
            _revenue(daily)
        _reconciliation(warehouse, days)
        _found(warehouse)
        _timeline(warehouse, days)


def _numbers(daily: pl.DataFrame) -> None:
    transactions, matched = formats.total(daily, "transactions"), formats.total(daily, "matched")
    look.numbers(
        {
            "Transactions": f"{transactions:,.0f}",
            "Match rate": f"{matched / transactions:.1%}" if transactions else "–",
            "Revenue, GA4": formats.money(formats.total(daily, "ga4")),
            "Revenue, backend": formats.money(formats.total(daily, "backend")),
            "Difference": formats.money(formats.total(daily, "difference")),
        }
    )


def _funnel(warehouse: Warehouse, days: Period) -> None:
    st.subheader("Funnel of sessions", anchor=False)
    row = warehouse.query(FUNNEL, **days.parameters).row(0, named=True)
    steps = [formats.label(name) for name in row]
    frame = pl.DataFrame({"step": steps, "sessions": list(row.values())})
    look.funnel(frame, "step", "sessions")
    look.export(frame, "journey funnel")


def _revenue(daily: pl.DataFrame) -> None:
    st.subheader("Revenue on both sides", anchor=False)
    long = daily.select("day", "ga4", "backend").unpivot(
        index="day", variable_name="side", value_name="revenue"
    )
    long = long.with_columns(pl.col("side").replace({"ga4": "GA4"}))
    look.lines(long, "day", "revenue", "side", "US dollars")
    look.export(daily, "journey daily")


def _reconciliation(warehouse: Warehouse, days: Period) -> None:
    st.subheader("What does not match, by class and day", anchor=False)
    classes = warehouse.query(CLASSES, **days.parameters).with_columns(AS_WORDS)
    chart = alt.Chart(classes).mark_bar()
    common = {
        "x": look.days(classes, "day"),
        "color": alt.Color("class:N", legend=look.legend()),
        "tooltip": ["day:T", "class", "records", alt.Tooltip("difference:Q", format=",.2f")],
    }
    left, right = st.columns(2, gap="medium")
    with left:
        look.plot(chart.encode(y=alt.Y("sum(records):Q", title="Records"), **common), 360)
    with right:
        title = "Backend less GA4, US dollars"
        look.plot(chart.encode(y=alt.Y("sum(difference):Q", title=title), **common), 360)
    look.export(classes, "journey reconciliation")


def _found(warehouse: Warehouse) -> None:
    with st.expander("Planted discrepancies, and what the models found of them"):
        look.table(warehouse.query(FOUND), "journey discrepancies")


def _timeline(warehouse: Warehouse, days: Period) -> None:
    st.subheader("One visitor's timeline", anchor=False)
    visitors = warehouse.query(VISITORS, **days.parameters).with_columns(AS_WORDS)
    if visitors.is_empty():
        st.caption("Nobody bought anything in these days.")
        return
    classes = dict(zip(visitors["user_pseudo_id"], visitors["class"], strict=True))
    visitor = st.selectbox(
        "Visitor", list(classes), format_func=lambda v: f"{v} ({classes[v]})", key="journey visitor"
    )
    events = warehouse.query(TIMELINE, visitor=visitor)
    chart = alt.Chart(events).mark_point(filled=True, size=70)
    look.plot(
        chart.encode(
            x=look.days(events, "moment"),
            y=alt.Y("event:N", sort=alt.EncodingSortField("moment", op="min"), title=None,
                    axis=look.names()),
            color=alt.Color("side:N", legend=look.legend()),
            shape=alt.Shape("side:N", legend=look.legend()),
            tooltip=["moment:T", "event", "side", "detail"],
        ),
        max(200, events["event"].n_unique() * 24 + 80),
    )  # fmt: skip
    look.table(events, "journey timeline", 260)
