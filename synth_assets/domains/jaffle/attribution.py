"""Checks of attribution: first orders against the sessions before them.

They look at the sessions of both platforms together.
"""

from __future__ import annotations

import math

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, TableView
from synth_assets.domains.jaffle.ad_calendar import PLATFORMS, SOURCES, Platform
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.quality.building import row_check
from synth_assets.quality.tolerance import STANDARD_ERRORS
from synth_assets.randomness.values import DAY

SESSIONS = ("stg_website_sessions", "stg_app_sessions")
# Shortest gap between the last session and the first order, seconds.
SHORTEST_GAP = 3_600
# Rank correlation of an ad's spend and its sessions, where an ad has so many on average.
LEAST_CORRELATION, MOST_SPARSE = 0.6, 5


def _contiguous_days(stored: TableView, *names: str) -> pl.LazyFrame:
    """Days that all tables have stored, each with the first day of its unbroken range."""
    held = set.intersection(*(set(stored.other(name).partition_stats) for name in names))
    days = stored.table.partitioning.keys()
    first, since = None, {}
    for day in days:
        first = (first or day) if day in held else None
        if first:
            since[day] = first
    partition_column = stored.table.partitioning.partition_column
    found = {partition_column: list(since), "since": list(since.values())}
    return pl.LazyFrame(found, schema={partition_column: pl.String, "since": pl.String})


def _first_orders(stored: TableView) -> pl.LazyFrame:
    """First orders with the last session, of customers with all days since sign-up stored."""
    partition_column = stored.table.partitioning.partition_column
    orders = stored.other("raw_orders_training").all()
    signups = (
        stored.other("raw_signups_training").all().select("user_id", signed_up=partition_column)
    )
    sessions = pl.concat(
        stored.other(name).all().select("customer_id", "started_at", partition_column)
        for name in SESSIONS
    )
    # A concurrent run may have stored the sign-up and not yet the first order.
    known = _contiguous_days(stored, "raw_orders_training", "raw_signups_training", *SESSIONS)
    first = orders.group_by(customer_id="user_id").agg(pl.col("order_date").min())
    last = (
        sessions.drop_nulls("customer_id")
        .group_by("customer_id")
        .agg(
            pl.col("started_at").max(),
            pl.len().alias("touches"),
            pl.col(partition_column).sort_by("started_at").last(),
        )
    )
    return (
        first.join(signups.rename({"user_id": "customer_id"}), on="customer_id")
        .join(last, on="customer_id")
        .join(known, on=partition_column)
        .filter(pl.col("signed_up") >= pl.col("since"))
        .drop("signed_up", "since")
    )


def attributed() -> Check:
    """Each first order has its touches, the last of them 1 to 24 hours earlier."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        gap = (pl.col("order_date") - pl.col("started_at")).dt.total_seconds()
        wrong = (gap < SHORTEST_GAP) | (gap > DAY)
        # A missing partition can hide touches, but too many touches are always an error.
        many = pl.col("touches") > stored.scenario.touches_per_customer  # type: ignore[attr-defined]
        under_judgement = pl.col(stored.table.partitioning.partition_column).is_in(
            list(stored.keys)
        )
        return _first_orders(stored).filter(under_judgement & (wrong | many))

    doc = (
        "A converting customer has exactly the touches of the scenario (one by default) on both "
        "platforms together, the last of them 1 to 24 hours before the first order."
    )
    reads = ["raw_orders_training", "raw_signups_training", "stg_app_sessions"]
    return row_check("customer_has_declared_touches", doc, failing_rows, reads=reads)


def same_day_share() -> Check:
    """First orders are on the date of their session at the scenario's share."""

    def measure(stored: TableView) -> list[CheckResult]:
        scenario: JaffleScenario = stored.scenario  # type: ignore[assignment]
        placed, came = (pl.col(c).dt.date() for c in ("order_date", "started_at"))
        pairs = _first_orders(stored).select(placed=placed, came=came)
        # After sessions of the last day some orders are still to come.
        settled = pairs.filter(pl.col("came") < pl.col("placed").max())
        rows, same = (
            settled.select(pl.len(), (pl.col("placed") == pl.col("came")).sum()).collect().row(0)
        )
        expected = 1 - scenario.next_day_share
        share = same / rows if rows else expected
        # Shares are exact, not random; they deviate by partitions that are not stored.
        slack = 0.03 + 2 / max(rows, 1) ** 0.5
        bound = f"{expected:.3f} give or take {slack:.3f}"
        numbers = {"first_orders": float(rows)}
        return [CheckResult(None, abs(share - expected) <= slack, share, bound, numbers)]

    doc = "Share of first orders on the date of their session."
    reads = ("raw_orders_training", "raw_signups_training", "stg_app_sessions")
    return Check("same_day_share", doc, measure, per_partition=False, reads=reads)


def clicks_follow_spend() -> Check:
    """Ads that cost more have more sessions: rank correlation over the ads of all platforms."""

    def measure(stored: TableView) -> list[CheckResult]:
        ads = pl.concat(
            stored.other(f"stg_{source}_ads").all().select("ad_id", pl.col("cost").cast(pl.Float64))
            for source in PLATFORMS
        )
        visits = pl.concat(stored.other(name).all().select("ad_id") for name in SESSIONS)
        clicks = visits.group_by("ad_id").agg(clicks=pl.len())
        spend = ads.group_by("ad_id").agg(spend=pl.col("cost").sum())
        pairs = spend.join(clicks, on="ad_id", how="left").with_columns(
            pl.col("clicks").fill_null(0)
        )
        ranks = pairs.select(pl.len(), pl.corr("spend", "clicks", method="spearman")).collect()
        count, found = ranks.row(0)
        # Fisher's z has the error 1 / sqrt(n - 3); with few ads or sessions any rank is likely.
        slack = STANDARD_ERRORS / max(count - 3, 1) ** 0.5
        sessions = visits.select(pl.len()).collect().item()
        least = LEAST_CORRELATION if sessions >= MOST_SPARSE * count else 0.0
        passed = found is None or not math.isfinite(found) or found >= least - slack
        correlation = float(found) if found is not None and math.isfinite(found) else 0.0
        return [CheckResult(None, passed, correlation, f">= {least - slack:.3f}")]

    doc = "The ranks of the ads by spend and by sessions are correlated."
    reads = ("stg_app_sessions", *(f"stg_{source}_ads" for source in PLATFORMS))
    return Check(
        "clicks_correlate_with_spend",
        doc,
        measure,
        blocking=False,
        per_partition=False,
        reads=reads,
    )


def ad_was_live(platform: Platform) -> Check:
    """Each session's ad is live on the session's date.

    Args:
        platform: ``website`` or ``app``.
    """
    tables = {source: f"stg_{source}_ads" for source in SOURCES[platform]}

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        live = pl.concat(
            stored.other(name)
            .all()
            .select(
                pl.lit(source).alias("utm_source"), "ad_id", pl.col("date").dt.date().alias("on")
            )
            for source, name in tables.items()
        )
        clicked = stored.current().with_columns(on=pl.col("started_at").dt.date())
        return clicked.join(live, on=["utm_source", "ad_id", "on"], how="anti")

    doc = f"Every `ad_id` is among the ads of its platform ({', '.join(tables)}) on that date."
    return row_check("ad_id_live_on_date", doc, failing_rows, reads=list(tables.values()))
