"""The jaffle shop: revenue, orders, cohorts, attribution, advertising, and planted anomalies."""

from __future__ import annotations

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.domains.jaffle.scenario import DATASETS, DOMAIN
from synth_assets.studio import formats, look
from synth_assets.studio.context import Studio
from synth_assets.studio.dashboards.dashboard import dashboard
from synth_assets.studio.dashboards.period import Period, period
from synth_assets.studio.inventory import gate
from synth_assets.studio.warehouse import Warehouse

DAYS = "select min(day), max(day) from jaffle_marts.orders"
# The first partition also has the orders of the days before it, which their date tells.
ORDERED = "dataset = $dataset and cast(order_date as date) between $first and $last"
IN_PERIOD = "dataset = $dataset and day between $first and $last"
DAILY = f"""
select cast(order_date as date) as day, count(*) as orders,
    count(distinct customer_id) as customers, sum(amount) as revenue
from jaffle_marts.orders where {ORDERED} group by 1 order by 1
"""
TOTALS = f"""
select count(*) as orders, count(distinct customer_id) as customers, sum(amount) as revenue
from jaffle_marts.orders where {ORDERED}
"""
STATUSES = f"""
select status, count(*) as orders, sum(amount) as revenue
from jaffle_marts.orders where {ORDERED} group by status order by orders desc
"""
COHORTS = """
with orders_of as (
    select customer_id, cast(order_date as date) as day from jaffle_marts.orders
    where dataset = $dataset
),
firsts as (
    select customer_id, min(day) as first_day,
        cast(date_trunc('week', min(day)) as date) as cohort
    from orders_of group by customer_id
),
weeks as (
    select
        firsts.cohort, orders_of.customer_id,
        cast(floor((orders_of.day - firsts.cohort) / 7.0) as integer) as week
    from orders_of
    inner join firsts on orders_of.customer_id = firsts.customer_id
    where firsts.first_day between $first and $last
),
counted as (
    select cohort, week, count(distinct customer_id) as customers from weeks group by cohort, week
)
select
    cohort, week, customers,
    cast(customers as double precision)
        / max(customers) over (partition by cohort) as share
from counted order by cohort, week
"""
MODELS = """
select column_name from information_schema.columns
where table_schema = 'jaffle_marts' and table_name = 'attribution_touches'
    and column_name like '%_revenue' order by column_name
"""
ADVERTISING = """
select
    utm_source, sum(total_spend) as spend, sum(attribution_points) as conversions,
    sum(attribution_revenue) as revenue,
    sum(total_spend) / nullif(sum(attribution_points), 0) as cpa,
    sum(attribution_revenue) / nullif(sum(total_spend), 0) as roas
from jaffle_marts.cpa_and_roas
where dataset = $dataset and day between $first and $last
group by utm_source order by spend desc
"""
ADVERTISING_BY_WEEK = """
select
    cast(date_trunc('week', day) as date) as week, utm_source,
    sum(total_spend) / nullif(sum(attribution_points), 0) as cpa,
    sum(attribution_revenue) / nullif(sum(total_spend), 0) as roas
from jaffle_marts.cpa_and_roas
where dataset = $dataset and day between $first and $last and utm_source is not null
group by 1, 2 having sum(total_spend) > 0 order by 1, 2
"""


def page() -> None:
    """Draws the page."""
    with dashboard("Jaffle shop", DOMAIN) as shown:
        warehouse = shown.warehouse
        left, right = st.columns([1, 2])
        with left:
            dataset = st.selectbox("Data set", DATASETS, key="jaffle data set")
        with right:
            days = period(warehouse, "jaffle dates", DAYS)
        _sales(warehouse, days, dataset)
        _cohorts(warehouse, days, dataset)
        _attribution(warehouse, days, dataset)
        _advertising(warehouse, days, dataset)
        _anomalies(shown.studio)


def _sales(warehouse: Warehouse, days: Period, dataset: str) -> None:
    totals = warehouse.query(TOTALS, dataset=dataset, **days.parameters).row(0, named=True)
    orders, revenue = totals["orders"], totals["revenue"] or 0
    look.numbers(
        {
            "Revenue": formats.money(revenue),
            "Orders": f"{orders:,}",
            "Customers": f"{totals['customers']:,}",
            "Average order": f"${revenue / orders:,.2f}" if orders else "–",
        }
    )
    daily = warehouse.query(DAILY, dataset=dataset, **days.parameters)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Revenue per day", anchor=False)
        look.lines(daily, "day", "revenue", title="US dollars")
        look.export(daily, f"jaffle daily {dataset}")
    with right:
        st.subheader("Orders by status", anchor=False)
        statuses = warehouse.query(STATUSES, dataset=dataset, **days.parameters)
        look.bars(statuses, "orders", "status")
        look.export(statuses, f"jaffle statuses {dataset}")


def _cohorts(warehouse: Warehouse, days: Period, dataset: str) -> None:
    st.subheader("Customers who come back, by the week of their first order", anchor=False)
    cohorts = warehouse.query(COHORTS, dataset=dataset, **days.parameters)
    chart = alt.Chart(cohorts.with_columns(pl.col("cohort").cast(pl.String))).mark_rect()
    look.plot(
        chart.encode(
            x=alt.X("week:O", title="Weeks after the first order", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("cohort:O", title=None),
            color=alt.Color(
                "share:Q", title="Share", legend=alt.Legend(format="%"),
                scale=alt.Scale(scheme="viridis"),
            ),
            tooltip=["cohort", "week", "customers", alt.Tooltip("share:Q", format=".1%")],
        ),
        max(160, cohorts["cohort"].n_unique() * 26 + 60),
    )  # fmt: skip
    look.export(cohorts, f"jaffle cohorts {dataset}")


def _attribution(warehouse: Warehouse, days: Period, dataset: str) -> None:
    st.subheader("Revenue by attribution model", anchor=False)
    models = warehouse.query(MODELS)["column_name"].to_list()
    sums = ", ".join(f"sum({model}) as {model}" for model in models)
    found = warehouse.query(
        f"select utm_source, {sums} from jaffle_marts.attribution_touches where {IN_PERIOD} "
        "group by utm_source",
        dataset=dataset,
        **days.parameters,
    )
    long = found.unpivot(index="utm_source", variable_name="model", value_name="revenue")
    named = long.with_columns(
        pl.col("model").str.strip_suffix("_revenue").str.replace_all("_", " "),
        pl.col("utm_source").fill_null("direct"),
    )
    look.bars(named, "revenue", "utm_source", "model", title="US dollars")
    different = named.group_by("utm_source").agg(pl.col("revenue").round(2).n_unique())
    if different["revenue"].to_list() == [1] * len(different):
        st.caption("The models agree: no customer has several touches (`touches_per_customer`).")
    look.export(named, f"jaffle attribution {dataset}")


def _advertising(warehouse: Warehouse, days: Period, dataset: str) -> None:
    st.subheader("Cost per acquisition and return on advertising spend", anchor=False)
    weekly = warehouse.query(ADVERTISING_BY_WEEK, dataset=dataset, **days.parameters)
    left, right = st.columns(2, gap="medium")
    with left:
        look.lines(weekly, "week", "cpa", "utm_source", "CPA, US dollars")
    with right:
        look.lines(weekly, "week", "roas", "utm_source", "ROAS")
    found = warehouse.query(ADVERTISING, dataset=dataset, **days.parameters)
    look.table(found, f"jaffle advertising {dataset}")


def _anomalies(studio: Studio) -> None:
    st.subheader("Anomalies: planted and found", anchor=False)
    found = gate(studio.gate_folder, DOMAIN)
    checks = [c for t in found.document["tables"] for c in t["checks"]] if found else []
    check = next((c for c in checks if c["name"] == "anomalies_found"), None)
    if check is None or not check["results"]:
        st.caption("The gate has not judged the validation data yet.")
        return
    numbers = check["results"][-1]["numbers"]
    recall = {
        name.removeprefix("recall."): value
        for name, value in numbers.items()
        if name.startswith("recall.") and value is not None
    }
    look.numbers(
        {
            "Planted": f"{numbers.get('planted', 0):,.0f}",
            "Kinds found by 99 %": f"{sum(v >= 0.99 for v in recall.values())} of {len(recall)}",
            "False alarms": f"{numbers.get('false_alarms', 0):,.0f}",
        }
    )
    frame = pl.DataFrame({"kind": list(recall), "recall": list(recall.values())})
    look.bars(frame, "recall", "kind", title="Share of the planted ones that checks found")
    look.export(frame, "jaffle anomalies")
