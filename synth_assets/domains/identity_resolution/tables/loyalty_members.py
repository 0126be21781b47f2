"""Loyalty program: members with cards and points."""

from __future__ import annotations

from datetime import datetime

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.calendar import SALES_END
from synth_assets.domains.identity_resolution.model import EVERY, Model, open_model
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import LOYALTY
from synth_assets.domains.identity_resolution.visits import with_visits
from synth_assets.quality.keys import unique
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import holds
from synth_assets.randomness.values import DAY, moment, numbered, since_epoch

NAME = "loyalty_members"
FOUNDED = datetime(2016, 1, 1)
# Least points of each tier.
TIERS = {"Bronze": 0, "Silver": 1_000, "Gold": 5_000, "Platinum": 20_000}
# Points of a visit of a store and of a year of membership, the median of points of who uses the
# card elsewhere, and the spread of each (lognormal).
POINTS_A_VISIT, POINTS_A_YEAR, POINTS_ELSEWHERE, SPREAD = 1_100.0, 40.0, 420.0, 0.5
MOST_POINTS = 1_000_000
# Seconds between joining at the till and the first sale there.
AT_THE_TILL = 300
YEAR = 365.25 * DAY


class LoyaltyMembers(dy.Schema):
    """A membership."""

    member_id = dy.String(primary_key=True, description="Id of the membership.")
    loyalty_id = dy.String(description="Number of the rewards card, one a membership.")
    email = dy.String(nullable=True, description="E-mail address.", metadata=pii("email"))
    phone = dy.String(nullable=True, description="Mobile number.", metadata=pii("phone"))
    first_name = dy.String(description="First name, in its country's script.", metadata=pii("name"))
    last_name = dy.String(description="Last name, in its country's script.", metadata=pii("name"))
    tier = dy.String(description=f"One of {', '.join(TIERS)}, by points.")
    points_balance = dy.Int32(min=0, description="Points on the card.")
    enrollment_date = dy.Datetime(time_unit="us", description="When the member joined (UTC).")
    last_activity_date = dy.Datetime(time_unit="us", description="Last use of the card (UTC).")


def record_id(row: pl.Expr) -> pl.Expr:
    """Id of a membership.

    Args:
        row: Row number.
    """
    return numbered("LOY-", row, 100_000_000)


def tier_of(points: pl.Expr) -> pl.Expr:
    """The tier of a number of points.

    Args:
        points: Number of points.
    """
    tier = pl.lit("Bronze")
    for name, least in list(TIERS.items())[1:]:
        tier = pl.when(points >= least).then(pl.lit(name)).otherwise(tier)
    return tier


def members(model: Model, partition: Partition, only: pl.Expr = EVERY) -> pl.LazyFrame:
    """The memberships of a partition, their persons, visits of stores, and how they show names.

    ``joined`` is in seconds since 1970 (UTC). Only a person's first card is used in stores.

    Args:
        model: The domain's model.
        partition: Row numbers of the memberships.
        only: Condition on ``row``; other memberships are left out.
    """
    stream, row = model.stream(LOYALTY), pl.col("row")
    frame = model.homes.placed(model.persons_of_records(LOYALTY, partition, only))
    frame = with_visits(model, frame.with_columns(clock=model.homes.clock()))
    used = pl.col("nth") == 0
    day = model.calendar.registered(stream.substream("day"), row, FOUNDED)
    joined = model.calendar.moment(stream.substream("time"), row, day, stores=True)
    # Who uses the card earlier has joined at the till.
    joined = pl.min_horizontal(joined, pl.col("first_visit") - AT_THE_TILL)
    frame = frame.with_columns(
        pl.when(used).then(pl.col(name)).alias(name)
        for name in ("visits", "first_visit", "last_visit")
    ).with_columns(joined=joined.clip(0, since_epoch(SALES_END) - 1))
    return model.names.shown(frame, row, stream, pl.col("joined"))


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The memberships of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, row, joined = model.stream(LOYALTY), pl.col("row"), pl.col("joined")
    # Cards that are used online or in the app only.
    since = since_epoch(SALES_END) - joined
    elsewhere = joined + stream.substream("active").integers(row, 0, since)
    spread = stream.substream("points").normal(row, 0, SPREAD).exp()
    earned = (
        pl.when(pl.col("visits").is_not_null())
        .then(pl.col("visits") * POINTS_A_VISIT * spread)
        .otherwise(POINTS_ELSEWHERE * spread * spread)
    )
    years = since.cast(pl.Float64) / YEAR
    return (
        members(model, partition)
        .with_columns(
            points_balance=(earned + POINTS_A_YEAR * years).clip(0, MOST_POINTS).cast(pl.Int32)
        )
        .with_columns(
            member_id=record_id(row),
            loyalty_id=model.card(pl.col("slot")),
            email=model.email(),
            phone=model.phone(),
            first_name=model.names.first_name(),
            last_name=model.names.last_name(),
            tier=tier_of(pl.col("points_balance")),
            enrollment_date=moment(joined),
            last_activity_date=moment(pl.coalesce("last_visit", elsewhere)),
        )
    )


def table(scenario: IdentityScenario) -> Table:
    """The table of loyalty members.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Members of the loyalty program, each with a card of their own.",
        schema=LoyaltyMembers,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: scenario.records(LOYALTY)), generate
        ),
        code_version="5",
        checks=[
            row_count(),
            unique(["loyalty_id"]),
            holds(
                "tier_matches_points",
                "The tier is the one that the points reach.",
                pl.col("tier") == tier_of(pl.col("points_balance")),
            ),
            holds(
                "last_activity_after_joining",
                "No card is used before its member joined.",
                pl.col("last_activity_date") >= pl.col("enrollment_date"),
            ),
        ],
        cluster_by=["loyalty_id", "email"],
    )
