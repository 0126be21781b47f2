"""Sessions: visits that follow a click on an ad, on the website or in the app.

Two thirds belong to customers (``touches_per_customer`` before each first order). The others are
anonymous and never convert. Those of validation data have tables of their own, with anomalies.
"""

from __future__ import annotations

from functools import partial

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.ad_calendar import PLATFORMS, SOURCES, Platform, ad_calendar
from synth_assets.domains.jaffle.anomalies import Kind
from synth_assets.domains.jaffle.attribution import (
    ad_was_live,
    attributed,
    clicks_follow_spend,
    same_day_share,
)
from synth_assets.domains.jaffle.checks import in_partition
from synth_assets.domains.jaffle.hours import second_of_day
from synth_assets.domains.jaffle.model import Model, open_model
from synth_assets.domains.jaffle.scenario import DOMAIN, Dataset, JaffleScenario
from synth_assets.domains.jaffle.session_length import SESSION_SECONDS, session_seconds
from synth_assets.domains.jaffle.tables.ads import ad_id
from synth_assets.quality.proportions import share_near
from synth_assets.quality.structural import holds
from synth_assets.randomness.noise import Corruption, Noise
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.run_lengths import RunLengths
from synth_assets.randomness.values import DAY, HOUR, numbered

# Added to the number of an ad that does not exist, and to the end of a session that was left open.
UNKNOWN_OFFSET, LEFT_OPEN = 900_000, 8 * HOUR


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


def table_name(platform: Platform, dataset: Dataset) -> str:
    """The name of the table of a platform's sessions.

    Args:
        platform: ``website`` or ``app``.
        dataset: ``training`` or ``validation``.
    """
    return f"stg_{platform}_sessions{'' if dataset == 'training' else '_validation'}"


def platform_runs(model: Model, platform: Platform) -> RunLengths:
    """Sessions of each day on one platform.

    Args:
        model: The data set's model.
        platform: ``website`` or ``app``.

    Returns:
        Sessions by day; column ``first`` is their offset among the day's sessions.
    """
    total, website = model.sessions_by_day.size, model.website_sessions
    if platform == "website":
        return RunLengths(website, first=np.zeros_like(website))
    return RunLengths(total - website, first=website)


def truth(model: Model, platform: Platform, partition: Partition) -> pl.LazyFrame:
    """Sessions without anomalies: touches of customers and anonymous sessions, shuffled.

    Args:
        model: The data set's model.
        platform: ``website`` or ``app``.
        partition: Row numbers to generate.
    """
    rows, both, touches = platform_runs(model, platform), model.sessions_by_day, model.touches
    row, day, block, place = (pl.col(name) for name in ("row", "day", "block", "place"))
    customer, touch = pl.col("customer"), pl.col("touch")
    draw, of = model.stream("sessions"), model.scenario
    length = draw.substream("seconds")
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
    anonymous = day * DAY + second_of_day(draw.substream("time"), place)
    anyone = session_seconds(length, place, of.anonymous_minutes, of.session_spread)
    seconds = pl.when("known").then(model.touch_seconds(customer, touch)).otherwise(anyone)
    # Drawn by session, not by row, so that the split by platform does not matter.
    second_source = draw.substream("source").bernoulli(place, 0.5)
    picks = [
        ad_calendar(of, source, partition.last).choice(
            draw.substream("ad", source), place, day, pl.col("known")
        )
        for source in SOURCES[platform]
    ]
    ids = [ad_id(source, pick) for source, pick in zip(SOURCES[platform], picks, strict=True)]
    names = [pl.lit(source) for source in SOURCES[platform]]
    return (
        model.with_journey(found)
        .with_columns(start=pl.when("known").then(of_customer).otherwise(anonymous))
        .with_columns(
            id=row + model.id_base,
            session_id=numbered(platform[0], row, model.id_base),
            customer_id=pl.when("known").then(customer + model.id_base),
            started_at=model.timestamp(pl.col("start")),
            ended_at=model.timestamp(pl.col("start") + seconds),
            utm_source=pl.when(second_source).then(names[1]).otherwise(names[0]),
            ad_id=pl.when(second_source).then(ids[1]).otherwise(ids[0]),
        )
    )


def noise(model: Model, platform: Platform) -> Noise:
    """Anomalies of validation data: ads that do not exist, and sessions that were left open.

    Args:
        model: The data set's model.
        platform: ``website`` or ``app``.
    """
    plan, runs, day = model.anomalies, platform_runs(model, platform), pl.col("day")
    offset, rows = pl.col("row") - runs.lookup("start", day), runs.lookup("size", day)

    def hit(kind: Kind) -> pl.Expr:
        return plan.is_hit(kind, plan.hits(kind, runs.size), day, offset, rows)

    unknown = numbered("", pl.col("ad_id").str.slice(1).cast(pl.Int64), UNKNOWN_OFFSET)
    wrong = pl.concat_str(pl.col("ad_id").str.slice(0, 1), unknown)
    later = pl.col("ended_at") + pl.duration(seconds=LEFT_OPEN)
    return Noise(
        [
            Corruption("unknown_ad", "ad_id", hit("unknown_ad"), wrong),
            Corruption("endless_session", "ended_at", hit("endless_session"), later),
        ]
    )


def rows_before(platform: Platform, dataset: Dataset, scenario: JaffleScenario, day: int) -> int:
    """Sessions of a platform before a day.

    Args:
        platform: ``website`` or ``app``.
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    model = open_model(scenario, dataset, day)
    return int(platform_runs(model, platform).start[scenario.days_before(day)])


def generate_sessions(
    platform: Platform, dataset: Dataset, scenario: JaffleScenario, partition: Partition
) -> pl.LazyFrame:
    """Sessions of a partition; anomalies in validation data.

    Args:
        platform: ``website`` or ``app``.
        dataset: ``training`` or ``validation``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario, dataset, partition.last)
    return noise(model, platform).observe(truth(model, platform, partition))


def table(scenario: JaffleScenario, platform: Platform, dataset: Dataset) -> Table:
    """The table of a platform's sessions.

    Args:
        scenario: The scenario.
        platform: ``website`` or ``app``.
        dataset: ``training`` or ``validation``.
    """
    partitioning = scenario.partitioning
    training = dataset == "training"
    lasted = (pl.col("ended_at") - pl.col("started_at")).dt.total_seconds()
    checks = [
        ad_was_live(platform).detecting("unknown_ad"),
        in_partition("started_at", "session", partitioning),
        holds(
            "session_length_in_range",
            "Every session lasts 1 to 45 minutes.",
            lasted.is_between(*SESSION_SECONDS),
        ).detecting("endless_session"),
    ]
    # Journeys use both platforms, so checks of both tables belong to one of them.
    together = [
        attributed(),
        same_day_share(),
        clicks_follow_spend(),
        share_near(
            "identified_session_share",
            "Sessions have a customer, except the scenario's anonymous share.",
            pl.col("customer_id").is_not_null(),
            lambda scenario: 1 - scenario.anonymous_share,
        ),
    ]
    return Table(
        domain=DOMAIN,
        name=table_name(platform, dataset),
        doc=f"One row for each visit {'in the app' if platform == 'app' else 'on the website'}.",
        schema=Sessions,
        partitioning=partitioning,
        source=Generated(
            partial(rows_before, platform, dataset), partial(generate_sessions, platform, dataset)
        ),
        parents={"customers": f"raw_customers_{dataset}"},
        deps=[f"raw_signups_{dataset}", *(f"stg_{s}_ads" for s in SOURCES[platform])],
        checks=checks + (together if platform == "website" and training else []),
        tags={"dataset": "marketing" if training else dataset},
        blocking=training,
        code_version="3",
    )
