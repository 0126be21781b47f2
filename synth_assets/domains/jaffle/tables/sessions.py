"""Sessions: visits that follow a click on an ad, on the website or in the app.

Two thirds belong to customers (``touches_per_customer`` before each first order). The others are
anonymous and never convert.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.attribution import attributed, same_day_share
from synth_assets.domains.jaffle.calendar import DOMAIN
from synth_assets.domains.jaffle.model import SESSION_SECONDS, Model, open_model
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.domains.jaffle.tables.ads import PLATFORMS, ad_calendar, ad_id
from synth_assets.quality.building import row_check
from synth_assets.quality.proportions import share_near
from synth_assets.quality.structural import holds
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.run_lengths import RunLengths, share_of
from synth_assets.randomness.values import DAY

Platform = Literal["website", "app"]
# Ad platforms whose clicks lead to each platform.
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
        description="The customer; null in an anonymous session.",
        metadata=references("customers"),
    )
    started_at = dy.Datetime(time_unit="us", description="Start of the session (UTC).")
    ended_at = dy.Datetime(time_unit="us", description="End of the session, 1 to 45 minutes later.")
    utm_source = dy.String(description=f"Platform of the ad: one of {', '.join(PLATFORMS)}.")
    ad_id = dy.String(
        description="The clicked ad, which is live on the day.", regex="^[gfi][0-9]+$"
    )


def platform_runs(model: Model, platform: Platform) -> RunLengths:
    """Sessions of each day on one platform.

    Args:
        model: The training data's model.
        platform: ``website`` or ``app``.

    Returns:
        Sessions by day; column ``first`` is their offset among the day's sessions.
    """
    total = model.sessions_by_day.size
    website = share_of(total, model.scenario.website_share)
    if platform == "website":
        return RunLengths(website, first=np.zeros_like(website))
    return RunLengths(total - website, first=website)


def generate_sessions(
    platform: Platform, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Sessions of a partition: touches of customers and anonymous sessions, shuffled.

    Args:
        platform: ``website`` or ``app``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario, "training", partition.last)
    rows, both, touches = platform_runs(model, platform), model.sessions_by_day, model.touches
    row, day, block, place = (pl.col(name) for name in ("row", "day", "block", "place"))
    customer, touch = pl.col("customer"), pl.col("touch")
    draw = model.stream("sessions")

    # Row -> index among the day's sessions of both platforms -> run of touches -> customer.
    at = rows.lookup("first", day) + row - rows.lookup("start", day)
    shuffled = permute(at, both.lookup("size", day), draw.substream("place"), day)
    rank = touches.lookup("rank", block) + place - touches.lookup("start", block)
    found = (
        row_numbers(partition)
        .with_columns(day=rows.locate(row))
        .with_columns(place=both.lookup("start", day) + shuffled)
        .with_columns(block=touches.locate(place))
        .with_columns(
            known=touches.lookup("rank", block) >= 0,
            touch=touches.lookup("touch", block),
            customer=model.customer_at(pl.max_horizontal(rank, pl.lit(0))),
        )
    )
    slot, slots = touches.lookup("slot", block), touches.lookup("slots", block)
    of_customer = model.touch_start(customer, touch, day, slot, slots)
    anonymous = day * DAY + model.second_of_day(draw.substream("time"), place)
    low, high = SESSION_SECONDS
    anyone = draw.substream("seconds").integers(place, low, high + 1)
    seconds = pl.when("known").then(model.touch_seconds(customer, touch)).otherwise(anyone)
    # Drawn by session, not by row, so that the split by platform does not matter.
    second_source = draw.substream("source").bernoulli(place, 0.5)
    picks = [
        ad_calendar(scenario, source, partition.last).choice(
            draw.substream("ad", source), place, day
        )
        for source in SOURCES[platform]
    ]
    ids = [ad_id(source, pick) for source, pick in zip(SOURCES[platform], picks, strict=True)]
    names = [pl.lit(source) for source in SOURCES[platform]]
    return (
        model.with_journey(found)
        .with_columns(start=pl.when("known").then(of_customer).otherwise(anonymous))
        .with_columns(
            session_id=pl.concat_str(pl.lit(platform[0]), (row + 1).cast(pl.String)),
            customer_id=pl.when("known").then(customer + model.id_base),
            started_at=model.timestamp(pl.col("start")),
            ended_at=model.timestamp(pl.col("start") + seconds),
            utm_source=pl.when(second_source).then(names[1]).otherwise(names[0]),
            ad_id=pl.when(second_source).then(ids[1]).otherwise(ids[0]),
        )
    )


def rows_before(platform: Platform, scenario: JaffleScenario, day: int) -> int:
    """Sessions of a platform before a day.

    Args:
        platform: ``website`` or ``app``.
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    model = open_model(scenario, "training", day)
    return int(platform_runs(model, platform).start[day])


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
    return row_check("ad_was_live", doc, failing_rows, reads=list(tables.values()))


def table(platform: Platform, partitioning: Daily) -> Table:
    """The table of a platform's sessions.

    Args:
        platform: ``website`` or ``app``.
        partitioning: Daily partitions.
    """
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
    # Journeys use both platforms, so checks of both tables belong to one of them.
    together = [
        attributed(),
        same_day_share(),
        share_near(
            "known_share",
            "Sessions have a customer, except the scenario's anonymous share.",
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
