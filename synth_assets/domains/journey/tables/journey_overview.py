"""The journey at a glance: funnel, match rate by day, discrepancies, and one user's events."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables import events
from synth_assets.domains.journey.tables.journey_gaps import NAME as GAPS
from synth_assets.domains.journey.tables.reconciled import NAME as RECONCILED
from synth_assets.domains.journey.tables.reconciled import OF_TRANSACTIONS

NAME = "journey_overview"
FIRST_STEP = "any event"
STEPS = (
    "view_item", "add_to_cart", "begin_checkout", "add_shipping_info", "add_payment_info",
    "purchase",
)  # fmt: skip
# Number of events that the plotted user should have.
EXAMPLE_EVENTS = (12, 60)


class JourneyOverview(dy.Schema):
    """The data of the plots."""

    user_pseudo_id = dy.String(nullable=True, description="The plotted user.")
    funnel = dy.List(
        dy.Struct({"step": dy.String(), "visitors": dy.Int64()}),
        description="Visitors who took each step.",
    )
    days = dy.List(
        dy.Struct(
            {
                "date": dy.Date(),
                "transactions": dy.Int64(),
                "matched": dy.Int64(),
                "ga4_cents": dy.Int64(),
                "backend_cents": dy.Int64(),
            }
        ),
        description="Transactions of each day, those that match, and revenue on both sides.",
    )
    causes = dy.List(
        dy.Struct(
            {
                "date": dy.Date(),
                "cause": dy.String(),
                "records": dy.Int64(),
                "delta_cents": dy.Int64(),
            }
        ),
        description="Records of each cause and day, and backend revenue less that of the events.",
    )
    way = dy.List(
        dy.Struct({"event_timestamp": dy.Int64(), "event_name": dy.String()}),
        description="The user's events.",
    )


def derive(stored: TableView, _: str) -> pl.LazyFrame:
    """The statistics of all stored rows.

    Args:
        stored: The table, and others of its domain.
    """
    export = (
        stored.other(events.NAME).all().select("user_pseudo_id", "event_timestamp", "event_name")
    )
    found = stored.other(RECONCILED).all().collect()
    user, user_events = _user_events(export, found)
    parts = {
        "funnel": _funnel(export),
        "days": _days(found),
        "causes": _causes(stored.other(GAPS).all().collect()),
        "way": user_events,
    }
    row = pl.DataFrame({"user_pseudo_id": [user]}, schema={"user_pseudo_id": pl.String})
    return row.lazy().with_columns(
        pl.lit(frame.to_struct(name)).implode().alias(name) for name, frame in parts.items()
    )


def _funnel(export: pl.LazyFrame) -> pl.DataFrame:
    visitor = pl.col("user_pseudo_id")
    counted = export.select(
        visitor.n_unique().cast(pl.Int64).alias(FIRST_STEP),
        *(
            visitor.filter(pl.col("event_name") == step).n_unique().cast(pl.Int64).alias(step)
            for step in STEPS
        ),
    )
    row = counted.collect(engine="streaming")
    return pl.DataFrame({"step": row.columns, "visitors": list(row.row(0))})


def _days(found: pl.DataFrame) -> pl.DataFrame:
    of_them = found.filter(pl.col("gap_class").is_in(OF_TRANSACTIONS))
    good = found["gap_class"].is_in(
        [discrepancies.MATCHED, discrepancies.AMOUNT_DIFFERS, discrepancies.BACKEND_ONLY]
    )
    amounts = found.with_columns(
        paid=pl.when(good | pl.col("came_late").fill_null(value=False)).then("backend_cents"),
        seen=pl.when(pl.col("gap_class") != discrepancies.DUPLICATE).then("ga4_cents"),
    )
    sums = amounts.group_by("date").agg(
        ga4_cents=pl.col("seen").sum(), backend_cents=pl.col("paid").sum()
    )
    counts = of_them.group_by("date").agg(
        transactions=pl.len().cast(pl.Int64),
        matched=(pl.col("gap_class") == discrepancies.MATCHED).sum().cast(pl.Int64),
    )
    joined = sums.join(counts, on="date", how="left").sort("date")
    columns = ["date", "transactions", "matched", "ga4_cents", "backend_cents"]
    return joined.select(columns).with_columns(pl.col("transactions", "matched").fill_null(0))


def _causes(gaps: pl.DataFrame) -> pl.DataFrame:
    delta = pl.col("backend_cents").fill_null(0) - pl.col("ga4_cents").fill_null(0)
    return (
        gaps.with_columns(date=pl.col("day").str.to_date(), delta=delta)
        .group_by("date", "cause")
        .agg(records=pl.len().cast(pl.Int64), delta_cents=pl.col("delta").sum())
        .sort("date", "cause")
    )


def _user_events(export: pl.LazyFrame, found: pl.DataFrame) -> tuple[str | None, pl.DataFrame]:
    """The buyer with the longest time span, among those with a suitable number of events."""
    buyers = (
        found.filter(pl.col("gap_class") == discrepancies.MATCHED).select("user_pseudo_id").unique()
    )
    theirs = export.join(buyers.lazy(), on="user_pseudo_id", how="semi").collect(engine="streaming")
    counts = theirs.group_by("user_pseudo_id").agg(
        events=pl.len(), span=pl.col("event_timestamp").max() - pl.col("event_timestamp").min()
    )
    suitable = counts.filter(pl.col("events").is_between(*EXAMPLE_EVENTS))
    chosen = (suitable if len(suitable) else counts).sort("span", "user_pseudo_id", descending=True)
    user = chosen["user_pseudo_id"][0] if len(chosen) else None
    user_events = theirs.filter(pl.col("user_pseudo_id") == pl.lit(user, pl.String)).sort(
        "event_timestamp", "event_name"
    )
    return user, user_events.select("event_timestamp", "event_name")


def plots(rows: pl.DataFrame) -> Mapping[str, str]:
    """Plots of funnel, match rate, revenue discrepancy and a user's events.

    Args:
        rows: The table's only row.

    Returns:
        Markdown images by title.
    """
    from synth_assets.core.plots import as_markdown
    from synth_assets.domains.journey.reconciliation import plots

    row = rows.row(0, named=True)
    drawn = {
        "funnel": plots.funnel(row["funnel"]),
        "match rate": plots.match_rate(row["days"]),
        "revenue discrepancy": plots.discrepancy(row["causes"]),
        "journey of a user": plots.user_events(row["user_pseudo_id"], row["way"]),
    }
    return {name: as_markdown(image, name.capitalize()) for name, image in drawn.items()}


def narrows() -> Check:
    """The steps that no visitor can skip have ever fewer visitors."""

    def measure(stored: TableView) -> list[CheckResult]:
        row = stored.all().select("funnel").collect().item()
        counts = {step["step"]: float(step["visitors"]) for step in row.to_list()}
        must = (FIRST_STEP, "begin_checkout", "purchase")
        wider = [
            {"step": after, "visitors": counts[after]}
            for before, after in pairwise(must)
            if counts[after] > counts[before]
        ]
        return [CheckResult(None, not wider, float(len(wider)), "= 0", counts, wider)]

    doc = "No more visitors buy than begin a checkout, and no more do so than there are."
    return Check("funnel_narrows", doc, measure, blocking=False, per_partition=False)


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="The journey at a glance: funnel, match rate, revenue discrepancy, a user's events.",
        schema=JourneyOverview,
        partitioning=Unpartitioned(),
        code_version="2",
        source=Derived(derive),
        deps=[events.NAME, RECONCILED, GAPS],
        plots=plots,
        checks=[narrows()],
    )
