"""The identity graph: campaigns, reach and frequency, attribution, segments, and a map."""

from __future__ import annotations

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.domains.identity_graph.scenario import DOMAIN
from synth_assets.domains.identity_graph.tables.campaign_exposures import NAME as EXPOSURES
from synth_assets.domains.identity_graph.tables.households import NAME as HOUSEHOLDS
from synth_assets.randomness.zip_codes import zip_codes
from synth_assets.studio import formats, look, theme
from synth_assets.studio.context import Studio, current
from synth_assets.studio.dashboards.dashboard import dashboard
from synth_assets.studio.dashboards.period import Period, period
from synth_assets.studio.warehouse import Warehouse

# Cities on the map at most, the largest.
CITIES = 3_000
DAYS = "select min(day), max(day) from identity_graph_marts.daily_engagement"
# Campaigns that run on a day of the period.
RUNNING = "start_date <= $last and end_date >= $first"
CHOSEN = f"""
    campaign_id in (
        select campaign_id from identity_graph_marts.campaign_performance where {RUNNING}
    )
"""
CAMPAIGNS = f"""
select campaign_name, goal, cast(start_date as date) as start_date,
    cast(end_date as date) as end_date, budget, spend, impressions, reach,
    cast(impressions as double precision) / nullif(reach, 0) as frequency, responses, conversions,
    revenue, roas, cpm
from identity_graph_marts.campaign_performance where {RUNNING} order by spend desc
"""
ATTRIBUTION = f"""
select channel, attribution_model as model, sum(conversions) as conversions, sum(revenue) as revenue
from identity_graph_marts.attribution_comparison where {CHOSEN}
group by channel, attribution_model order by channel, attribution_model
"""
FUNNEL = f"""
select stage, min(place) as place, sum(individuals) as individuals
from identity_graph_marts.conversion_funnel where {CHOSEN} group by stage order by place
"""
SEGMENTS = """
select segment_primary as segment, behavioral_classification as class, individuals,
    average_propensity, lifetime_value
from identity_graph_marts.audience_segments order by individuals desc
"""
ENGAGEMENT = """
select day, content_category as category, engagements, individuals
from identity_graph_marts.daily_engagement where day between $first and $last
order by day, content_category
"""


def page() -> None:
    """Draws the page."""
    with dashboard("Identity graph", DOMAIN) as shown:
        warehouse = shown.warehouse
        days = period(warehouse, "graph dates", DAYS)
        _campaigns(warehouse, days)
        left, right = st.columns(2, gap="medium")
        with left:
            _reach(shown.studio, days)
        with right:
            _funnel(warehouse, days)
        _attribution(warehouse, days)
        _segments(warehouse)
        _engagement(warehouse, days)
        _map(shown.studio)


def _campaigns(warehouse: Warehouse, days: Period) -> None:
    campaigns = warehouse.query(CAMPAIGNS, **days.parameters)
    spend, revenue = formats.total(campaigns, "spend"), formats.total(campaigns, "revenue")
    look.numbers(
        {
            "Campaigns": f"{len(campaigns):,}",
            "Spend": formats.money(spend),
            "Impressions": formats.compact(formats.total(campaigns, "impressions")),
            "Conversions": f"{campaigns['conversions'].sum():,}",
            "Revenue": formats.money(revenue),
            "ROAS": f"{revenue / spend:.2f}" if spend else "–",
        }
    )
    st.subheader("Campaigns that run in these days", anchor=False)
    look.table(campaigns, "campaigns", min(420, 36 * len(campaigns) + 40))


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def _frequency(home: str, days: Period) -> pl.DataFrame:
    """People by the number of times that they saw campaigns in these days, counted in the store."""
    studio = current()
    seen = studio.open_stores().scan(studio.domain(DOMAIN).table(EXPOSURES))
    inside = pl.col("exposure_timestamp").dt.date().is_between(days.first, days.last)
    times = seen.filter(inside).group_by("individual_id").agg(times=pl.len())
    limited = times.select(times=pl.col("times").clip(upper_bound=20))
    counted = limited.group_by("times").agg(people=pl.len()).sort("times")
    return counted.collect(engine="streaming")


def _reach(studio: Studio, days: Period) -> None:
    st.subheader("Reach and frequency", anchor=False)
    counted = _frequency(str(studio.home), days)
    st.caption(f"{counted['people'].sum():,} people saw a campaign; 20 stands for 20 and more.")
    chart = alt.Chart(counted).mark_bar()
    look.plot(
        chart.encode(
            x=alt.X("times:O", title="Times seen", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("people:Q", title="People"),
            tooltip=["times", "people"],
        )
    )
    look.export(counted, "graph frequency")


def _funnel(warehouse: Warehouse, days: Period) -> None:
    st.subheader("From exposure to conversion", anchor=False)
    funnel = warehouse.query(FUNNEL, **days.parameters)
    st.caption("People of each campaign.")
    look.funnel(funnel, "stage", "individuals")
    look.export(funnel, "graph funnel")


def _attribution(warehouse: Warehouse, days: Period) -> None:
    st.subheader("Revenue by channel and attribution model", anchor=False)
    found = warehouse.query(ATTRIBUTION, **days.parameters)
    named = found.with_columns(pl.col("model").str.replace_all("_", " "))
    look.bars(named, "revenue", "channel", "model", title="US dollars")
    look.export(named, "graph attribution")


def _segments(warehouse: Warehouse) -> None:
    st.subheader("Segments", anchor=False)
    segments = warehouse.query(SEGMENTS)
    left, right = st.columns(2, gap="medium")
    with left:
        chart = alt.Chart(segments).mark_rect()
        look.plot(
            chart.encode(
                x=alt.X("class:N", title=None, axis=look.names(labelAngle=-40)),
                y=alt.Y("segment:N", title=None, axis=look.names()),
                color=alt.Color("individuals:Q", scale=alt.Scale(scheme="viridis"), title="People"),
                tooltip=["segment", "class", "individuals"],
            ),
            320,
        )
    with right:
        look.table(segments, "graph segments", 320)


def _engagement(warehouse: Warehouse, days: Period) -> None:
    st.subheader("Engagements per day", anchor=False)
    daily = warehouse.query(ENGAGEMENT, **days.parameters)
    look.lines(daily, "day", "engagements", "category")
    look.export(daily, "graph engagement")


@st.cache_data(ttl=300, max_entries=4, show_spinner=False)
def _cities(home: str) -> pl.DataFrame:
    """Cities with their households and place, the largest first, counted in the store."""
    studio = current()
    homes = studio.open_stores().scan(studio.domain(DOMAIN).table(HOUSEHOLDS))
    counted = homes.group_by("location_zip").agg(households=pl.len()).collect(engine="streaming")
    places = counted.join(zip_codes(), left_on="location_zip", right_on="zip_code")
    cities = places.group_by("city", "state").agg(
        pl.col("households").sum(), pl.col("latitude").mean(), pl.col("longitude").mean()
    )
    return cities.drop_nulls().sort("households", "city", descending=[True, False])


def _map(studio: Studio) -> None:
    st.subheader("Where households live", anchor=False)
    found = _cities(str(studio.home))
    cities = found.head(CITIES)
    if len(found) > CITIES:
        shown = int(cities["households"].sum()) / max(int(found["households"].sum()), 1)
        st.caption(
            f"The {CITIES:,} largest of {len(found):,} cities, with {shown:.1%} of the households "
            "of all."
        )
    chart = alt.Chart(cities).mark_circle(opacity=0.7, color=theme.COLOURS[0])
    look.plot(
        chart.encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            size=alt.Size("households:Q", scale=alt.Scale(range=[6, 600]),
                          legend=alt.Legend(title="Households", orient="bottom")),
            tooltip=["city", "state", "households"],
        ).project("albersUsa"),
        480,
    )  # fmt: skip
    look.export(found, "graph cities")
