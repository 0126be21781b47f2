"""Loyalty program: members with cards and points."""

from __future__ import annotations

from datetime import datetime

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.model import (
    DOMAIN,
    SALES_BEGIN,
    SALES_END,
    open_model,
)
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import LOYALTY
from synth_assets.quality.keys import unique
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import holds
from synth_assets.randomness.values import moment, numbered, since_epoch

NAME = "loyalty_members"
FOUNDED = datetime(2016, 1, 1)
# Least points of each tier.
TIERS = {"Bronze": 0, "Silver": 1_000, "Gold": 5_000, "Platinum": 20_000}
# Median and spread of points (lognormal).
POINTS, SPREAD = 900.0, 1.6
MOST_POINTS = 1_000_000


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


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The memberships of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, row = model.stream(LOYALTY), pl.col("row")
    founded, begin, end = map(since_epoch, (FOUNDED, SALES_BEGIN, SALES_END))
    points = (POINTS * stream.substream("points").normal(row, 0, SPREAD).exp()).clip(0, MOST_POINTS)
    return (
        model.persons_of_records(LOYALTY, partition)
        .with_columns(
            points_balance=points.cast(pl.Int32),
            joined=stream.substream("joined").integers(row, founded, begin),
        )
        .with_columns(
            member_id=record_id(row),
            loyalty_id=model.card(pl.col("slot")),
            email=model.email(),
            phone=model.phone(),
            first_name=model.people.first_name(),
            last_name=model.people.last_name(),
            tier=tier_of(pl.col("points_balance")),
            enrollment_date=moment(pl.col("joined")),
            last_activity_date=moment(stream.substream("active").integers(row, begin, end)),
        )
    )


def table(partitioning: Sharded) -> Table:
    """The table of loyalty members.

    Args:
        partitioning: Shards of rows.
    """
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Members of the loyalty program, each with a card of their own.",
        schema=LoyaltyMembers,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: scenario.records(LOYALTY)), generate
        ),
        code_version="2",
        checks=[
            row_count(),
            unique(["loyalty_id"]),
            holds(
                "tier_follows_points",
                "The tier is the one that the points reach.",
                pl.col("tier") == tier_of(pl.col("points_balance")),
            ),
            holds(
                "active_after_joining",
                "No card is used before its member joined.",
                pl.col("last_activity_date") >= pl.col("enrollment_date"),
            ),
        ],
        cluster_by=["loyalty_id", "email"],
    )
