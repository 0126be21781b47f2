"""Sessions: visits that follow a click on an ad, on the website or in the app.

Two thirds belong to customers (``touches_per_customer`` before each first order); of the
others nobody knows who came, and they never convert.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, CheckResult, Table, TableView
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.model import DOMAIN, SESSION_SECONDS, Shop, open_shop
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.domains.jaffle.tables.ads import PLATFORMS, ad_calendar, ad_id
from synth_assets.quality.building import row_check
from synth_assets.quality.statistical import share_near
from synth_assets.quality.structural import holds
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.run_lengths import RunLengths, share_of
from synth_assets.randomness.values import DAY

Platform = Literal["website", "app"]
# Where the clicks of a platform come from.
SOURCES: dict[Platform, tuple[str, str]] = {
    "website": ("google", "facebook"),
    "app": ("facebook", "instagram"),
}


class Sessions(dy.Schema):
    """A visit."""

    session_id = dy.String(
        primary_key=True,
        regex="^[aw][0-9]+$",
        description="a1, a2, … (app) or w1, w2, … (website).",
    )
    customer_id = dy.Int64(
        nullable=True,
        description="Customer who came; null where nobody knows.",
        metadata=references("customers"),
    )
    started_at = dy.Datetime(time_unit="us", description="First moment (UTC).")
    ended_at = dy.Datetime(time_unit="us", description="Last moment, 1 to 45 minutes later.")
    utm_source = dy.String(description=f"Platform of the ad: one of {', '.join(PLATFORMS)}.")
    ad_id = dy.String(description="Ad that was clicked; live on the day.", regex="^[gfi][0-9]+$")


def platform_runs(shop: Shop, platform: Platform) -> RunLengths:
    """Sessions of each day on one platform, and where they begin among the day's sessions."""
    total = shop.sessions_by_day.size
    website = share_of(total, shop.scenario.website_share)
    if platform == "website":
        return RunLengths(website, first=np.zeros_like(website))
    return RunLengths(total - website, first=website)


def generate_sessions(
    platform: Platform, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Sessions of a partition: touches of customers mixed with visits of the unknown."""
    shop = open_shop(scenario, "training", partition.last)
    rows, both, touches = platform_runs(shop, platform), shop.sessions_by_day, shop.touches
    row, day, block, place = (pl.col(name) for name in ("row", "day", "block", "place"))
    customer, touch = pl.col("customer"), pl.col("touch")
    draw = shop.draw("sessions")

    # Row -> place among the day's sessions of both platforms -> block of touches -> customer.
    at = rows.take("first", day) + row - rows.take("start", day)
    shuffled = permute(at, both.take("size", day), draw.substream("place"), day)
    rank = touches.take("rank", block) + place - touches.take("start", block)
    found = (
        row_numbers(partition)
        .with_columns(day=rows.find(row))
        .with_columns(place=both.take("start", day) + shuffled)
        .with_columns(block=touches.find(place))
        .with_columns(
            known=touches.take("rank", block) >= 0,
            touch=touches.take("touch", block),
            customer=shop.customer_at(pl.max_horizontal(rank, pl.lit(0))),
        )
    )
    slot, slots = touches.take("slot", block), touches.take("slots", block)
    of_customer = shop.touch_start(customer, touch, day, slot, slots)
    of_nobody = day * DAY + shop.second_of_day(draw.substream("time"), place)
    low, high = SESSION_SECONDS
    anyone = draw.substream("seconds").integers(place, low, high + 1)
    seconds = pl.when("known").then(shop.touch_seconds(customer, touch)).otherwise(anyone)
    # Drawn by the visit, not by the row, so that neither platform's cut matters.
    second_source = draw.substream("source").bernoulli(place, 0.5)
    picks = [
        ad_calendar(scenario, source, partition.last).pick(draw.substream("ad", source), place, day)
        for source in SOURCES[platform]
    ]
    ids = [ad_id(source, pick) for source, pick in zip(SOURCES[platform], picks, strict=True)]
    names = [pl.lit(source) for source in SOURCES[platform]]
    return (
        shop.with_journey(found)
        .with_columns(start=pl.when("known").then(of_customer).otherwise(of_nobody))
        .with_columns(
            session_id=pl.concat_str(pl.lit(platform[0]), (row + 1).cast(pl.String)),
            customer_id=pl.when("known").then(customer + shop.id_base),
            started_at=shop.at(pl.col("start")),
            ended_at=shop.at(pl.col("start") + seconds),
            utm_source=pl.when(second_source).then(names[1]).otherwise(names[0]),
            ad_id=pl.when(second_source).then(ids[1]).otherwise(ids[0]),
        )
    )


def rows_before(platform: Platform, scenario: JaffleScenario, day: int) -> int:
    """Sessions of a platform before a day."""
    shop = open_shop(scenario, "training", day)
    return int(platform_runs(shop, platform).start[day])


def ad_was_live(platform: Platform) -> Check:
    """Each session's ad exists among its platform's ads on the session's date."""
    tables = {source: f"stg_{source}_ads" for source in SOURCES[platform]}

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        live = pl.concat(
            stored.other(name).whole.select(
                pl.lit(source).alias("utm_source"), "ad_id", pl.col("date").dt.date().alias("on")
            )
            for source, name in tables.items()
        )
        clicked = stored.frame.with_columns(on=pl.col("started_at").dt.date())
        return clicked.join(live, on=["utm_source", "ad_id", "on"], how="anti")

    doc = f"Every `ad_id` is among the ads of its platform ({', '.join(tables)}) on that date."
    return row_check("ad_was_live", doc, failing_rows, reads=list(tables.values()))


def _unbroken(stored: TableView, *names: str) -> pl.LazyFrame:
    """Each day that all of the tables hold, with the first of the days without a gap before it."""
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
    """First orders with the attribution session, of customers of whom all days are stored."""
    partition_column = stored.table.partitioning.partition_column
    platforms = [f"stg_{platform}_sessions" for platform in SOURCES]
    orders = stored.other("raw_orders_training").whole
    signups = stored.other("raw_signups_training").whole.select(
        "user_id", signed_up=partition_column
    )
    sessions = pl.concat(
        stored.other(name).whole.select("customer_id", "started_at", partition_column)
        for name in platforms
    )
    # Another run may have stored the sign-up already, and not yet the first order.
    known = _unbroken(stored, "raw_orders_training", "raw_signups_training", *platforms)
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
        wrong = (gap < 3_600) | (gap > DAY)
        # A partition missing between two others hides touches; too many is always wrong.
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
    return row_check("attributed", doc, failing_rows, reads=reads)


def same_day_share() -> Check:
    """70% of first orders fall on the date of their session, on the start date all of them."""

    def measure(stored: TableView) -> list[CheckResult]:
        scenario: JaffleScenario = stored.scenario  # type: ignore[assignment]
        placed, came = (pl.col(c).dt.date() for c in ("order_date", "started_at"))
        pairs = _first_orders(stored).select(placed=placed, same=placed == came)
        rows = pairs.group_by(pl.col("placed") == scenario.start_date).agg(pl.len(), pl.sum("same"))
        found = {row[0]: row[1:] for row in rows.collect().iter_rows()}
        started, started_same = found.get(True, (0, 0))
        later, later_same = found.get(False, (0, 0))
        wanted = 1 - scenario.next_day_share
        share = later_same / later if later else wanted
        # The shares are planned, not drawn; what strays is that business grows from day to day.
        slack = 0.03 + 2 / max(later, 1) ** 0.5
        passed = abs(share - wanted) <= slack and started == started_same
        bound = f"{wanted - slack:.3f} to {wanted + slack:.3f}, on the start date all"
        numbers = {"first_orders": float(later), "on_start_date": float(started)}
        return [CheckResult(None, passed, share, bound, numbers)]

    doc = "Share of first orders on the date of their session, on the start date all of them."
    reads = ("raw_orders_training", "raw_signups_training", "stg_app_sessions")
    return Check("same_day_share", doc, measure, per_partition=False, reads=reads)


def table(platform: Platform, partitioning: Daily) -> Table:
    """The table of a platform's sessions."""
    length = pl.col("ended_at") - pl.col("started_at")
    on_its_day = pl.col("started_at").dt.date().cast(pl.String) == pl.col(
        partitioning.partition_column
    )
    checks = [
        ad_was_live(platform),
        holds("on_its_day", "Every session starts on the partition's date.", on_its_day),
        holds(
            "length",
            "Every session lasts 1 to 45 minutes.",
            length.dt.total_seconds().is_between(*SESSION_SECONDS),
        ),
    ]
    # Journeys cross the platforms, so what is true of both together stands with one of them.
    together = [
        attributed(),
        same_day_share(),
        share_near(
            "known_share",
            "The customer is known of all sessions but the scenario's anonymous share.",
            pl.col("customer_id").is_not_null(),
            lambda scenario: 1 - scenario.anonymous_share,
        ),
    ]
    return Table(
        domain=DOMAIN,
        name=f"stg_{platform}_sessions",
        doc=f"One row for each visit {'in the app' if platform == 'app' else 'on the website'}.",
        schema=Sessions,
        partitioning=partitioning,
        source=Generated(partial(rows_before, platform), partial(generate_sessions, platform)),
        parents={"customers": "raw_customers_training"},
        deps=["raw_signups_training", *(f"stg_{s}_ads" for s in SOURCES[platform])],
        checks=checks + (together if platform == "website" else []),
        tags={"dataset": "marketing"},
    )
