"""The clean room, as the owner of both parties' data sees it: overlap, segments, the tier model."""

from __future__ import annotations

from datetime import date

import altair as alt
import polars as pl
import streamlit as st

from synth_assets.core.model import Domain, TableView
from synth_assets.domains.clean_room.scenario import DOMAIN, SPLITS
from synth_assets.domains.clean_room.snapshot.window import of_split
from synth_assets.domains.clean_room.tables import orders as merchant_orders
from synth_assets.domains.clean_room.tables import provider_users, transactions
from synth_assets.domains.clean_room.tables import users as merchant_users
from synth_assets.domains.clean_room.tables.account_tier_predictor import EVALUATION
from synth_assets.domains.clean_room.tables.account_tier_predictor import NAME as PREDICTOR
from synth_assets.studio import look
from synth_assets.studio.context import Studio, current
from synth_assets.studio.dashboards.dashboard import dashboard
from synth_assets.studio.dashboards.period import Period, choose_period
from synth_assets.studio.dashboards.rooms import view_of
from synth_assets.studio.warehouse import NotBuiltError, Warehouse

SEGMENTS = """
select account_tier, average_order_value, number_of_customers
from clean_room_marts.customer_segments where split = $split order by average_order_value desc
"""
TRUST = """
select case when is_verified_user then 'verified' else 'not verified' end as users,
    number_of_customers
from clean_room_marts.customer_trust where split = $split order by 1
"""


def page() -> None:
    """Draws the page."""
    about = "Both parties' tables as their owner sees them; a party asks in the console."
    with dashboard("Clean room", DOMAIN, about) as shown:
        stored = view_of(shown.studio)
        splits = [s for s in SPLITS if s in stored.partition_stats]
        if not splits:
            raise NotBuiltError("no snapshot is stored")
        left, right = st.columns([1, 2])
        with left:
            split = st.segmented_control("Snapshot", splits, default=splits[0], required=True)
        with right:
            days = choose_period(f"clean room {split}", *_days(str(shown.studio.home), split))
        _overlap(shown.studio, split, days)
        _orders(shown.studio, split, days)
        _answers(shown.warehouse, split)
        _model(shown.domain, stored)


@st.cache_data(ttl=60, max_entries=8, show_spinner=False)
def _days(home: str, split: str) -> tuple[date | None, date | None]:
    """The first and the last day with orders of the merchant."""
    day = pl.col("created_at").dt.date()
    orders = of_split(view_of(current()), merchant_orders.NAME, split)
    return orders.select(least=day.min(), most=day.max()).collect().row(0)


@st.cache_data(ttl=60, max_entries=32, show_spinner=False)
def _counted(home: str, split: str, days: Period) -> pl.DataFrame:
    """Users of each party and of both, counted in the stores."""
    view = view_of(current())
    made = of_split(view, merchant_orders.NAME, split).filter(days.has("created_at"))
    users = of_split(view, merchant_users.NAME, split)
    ours = users.join(made, left_on="id", right_on="user_id", how="semi").select("email").unique()
    theirs = of_split(view, provider_users.NAME, split).select("email").unique()
    only = {
        "Merchant only": ours.join(theirs, on="email", how="anti"),
        "Both": ours.join(theirs, on="email", how="semi"),
        "Provider only": theirs.join(ours, on="email", how="anti"),
    }
    counts = pl.collect_all([frame.select(pl.len()) for frame in only.values()])
    return pl.DataFrame({"users": list(only), "count": [count.item() for count in counts]})


def _overlap(studio: Studio, split: str, days: Period) -> None:
    counted = _counted(str(studio.home), split, days)
    counts = dict(counted.iter_rows())
    ours = counts["Merchant only"] + counts["Both"]
    look.numbers(
        {
            "Buyers of the merchant": f"{ours:,}",
            "Users of the provider": f"{counts['Provider only'] + counts['Both']:,}",
            "Buyers with the wallet": f"{counts['Both']:,}",
            "Match rate": f"{counts['Both'] / ours:.1%}" if ours else "–",
        }
    )
    st.subheader("Overlap by e-mail address", anchor=False)
    st.caption("The merchant's users who ordered in these days, and all users of the provider.")
    chart = alt.Chart(counted.with_row_index("place")).mark_bar(height=34)
    look.plot(
        chart.encode(
            x=alt.X("sum(count):Q", title="Users",
                    axis=alt.Axis(grid=False, tickCount=look.TICKS)),
            color=alt.Color("users:N", sort=counted["users"].to_list(),
                            legend=look.legend()),
            order=alt.Order("place:Q"),
            tooltip=["users", "count"],
        ),
        210,
    )  # fmt: skip
    look.export(counted, f"clean room overlap {split}")


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def _daily(home: str, split: str) -> pl.DataFrame:
    """Orders of each day, and those paid with the wallet, counted in the stores."""
    view = view_of(current())
    paid = of_split(view, transactions.NAME, split).select("order_id", wallet=pl.lit(1))
    orders = of_split(view, merchant_orders.NAME, split)
    joined = orders.join(paid, on="order_id", how="left")
    day = pl.col("created_at").dt.date().alias("day")
    counted = joined.group_by(day).agg(orders=pl.len(), with_wallet=pl.col("wallet").count())
    return counted.sort("day").collect(engine="streaming")


def _orders(studio: Studio, split: str, days: Period) -> None:
    st.subheader("Orders, and those paid with the wallet", anchor=False)
    daily = _daily(str(studio.home), split)
    inside = daily.filter(pl.col("day").is_between(days.first, days.last))
    long = inside.unpivot(index="day", variable_name="kind", value_name="count")
    look.lines(long.with_columns(pl.col("kind").str.replace("_", " ")), "day", "count", "kind")
    look.export(inside, f"clean room orders {split}")


def _answers(warehouse: Warehouse, split: str) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Segments, all days", anchor=False)
        look.table(warehouse.query(SEGMENTS, split=split), f"clean room segments {split}")
    with right:
        st.subheader("Trust, all days", anchor=False)
        look.table(warehouse.query(TRUST, split=split), f"clean room trust {split}")


def _model(domain: Domain, stored: TableView) -> None:
    st.subheader("The account tier model", anchor=False)
    table = domain.table(PREDICTOR)
    if "evaluation" not in table.schema.column_names() or not stored.other(PREDICTOR).keys:
        st.caption("No model is stored here; with `model_on = bigquery` it is in BigQuery.")
        return
    judged = EVALUATION.validate_json(
        stored.other(PREDICTOR).all().select("evaluation").collect().item()
    )
    look.numbers(
        {
            "Accuracy": f"{judged.accuracy:.3f}",
            "Majority class": f"{judged.baseline_accuracy:.3f}",
            "Macro F1": f"{judged.macro_f1:.3f}",
            "Log loss": f"{judged.log_loss:.3f}",
            "Calibration error": f"{judged.expected_calibration_error:.3f}",
            "Users held out": f"{judged.rows:,}",
        }
    )
    bins = pl.DataFrame(
        [
            {"tier": b.of, "predicted": b.mean_probability, "observed": b.observed_share,
             "users": b.rows}
            for b in judged.reliability if b.of in judged.tiers
        ]
    )  # fmt: skip
    confusion = pl.DataFrame(
        [
            {"actual": actual, "predicted": predicted, "users": judged.confusion[y][x],
             "share": judged.confusion[y][x] / max(sum(judged.confusion[y]), 1)}
            for y, actual in enumerate(judged.tiers) for x, predicted in enumerate(judged.tiers)
        ]
    )  # fmt: skip
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Calibration**")
        _calibration(bins)
    with right:
        st.markdown("**Confusion matrix**")
        _confusion(confusion)


def _calibration(bins: pl.DataFrame) -> None:
    diagonal = alt.Chart(pl.DataFrame({"predicted": [0.0, 1.0], "observed": [0.0, 1.0]}))
    base = alt.Chart(bins).encode(
        x=alt.X("predicted:Q", title="Predicted probability", scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("observed:Q", title="Observed share", scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("tier:N", legend=look.legend()),
        tooltip=["tier", alt.Tooltip("predicted:Q", format=".2f"),
                 alt.Tooltip("observed:Q", format=".2f"), "users"],
    )  # fmt: skip
    ideal = diagonal.mark_line(color="gray", strokeDash=[4, 4]).encode(x="predicted", y="observed")
    points = base.mark_point(filled=True, size=60, opacity=1)
    shaped = points.encode(shape=alt.Shape("tier:N", legend=look.legend()))
    look.plot(ideal + base.mark_line() + shaped, 340)
    look.export(bins, "clean room calibration")


def _confusion(confusion: pl.DataFrame) -> None:
    base = alt.Chart(confusion).encode(
        x=alt.X("predicted:N", title="Predicted", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("actual:N", title="Actual"),
    )
    tiles = base.mark_rect().encode(
        color=alt.Color("share:Q", scale=alt.Scale(scheme="blues", domain=[0, 1]), legend=None),
        tooltip=["actual", "predicted", "users", alt.Tooltip("share:Q", format=".1%")],
    )
    dark = alt.condition("datum.share > 0.5", alt.value("white"), alt.value("black"))
    look.plot(tiles + base.mark_text().encode(text="users:Q", color=dark), 340)
    look.export(confusion, "clean room confusion")
