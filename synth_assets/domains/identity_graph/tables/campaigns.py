"""Campaigns: flight, target segments, channels, budget and goal."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_graph import campaign_budgets, terms
from synth_assets.domains.identity_graph.campaign_plan import campaigns_of
from synth_assets.domains.identity_graph.layout import config_of
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.quality.building import row_check
from synth_assets.randomness.random_arrays import as_enum
from synth_assets.randomness.values import DAY, cents, moment, since_epoch

NAME = "campaigns"


class Campaigns(dy.Schema):
    """A campaign."""

    campaign_id = dy.Int64(primary_key=True, min=1, description="The campaign's number.")
    campaign_name = dy.String(description="Goal, first segment and number.")
    start_date = dy.Date(description="First day of the flight.")
    end_date = dy.Date(description="Last day of the flight.")
    target_segment = dy.List(dy.String(), description="Segments that it is for.")
    channels = dy.List(dy.String(), description="Channels that it has.")
    budget = dy.Decimal(
        12, 2, min=0, description="Budget in US dollars, for the planned households."
    )
    goal = dy.Enum(terms.GOALS, description="What it is to achieve.")
    created_at = dy.Datetime(time_unit="us", description="When it was planned (local time).")


def generate(config: IdentityGraphScenario, partition: Partition) -> pl.LazyFrame:
    """The campaigns of a partition.

    Args:
        config: Seed and volumes.
        partition: Row numbers to generate.
    """
    planned = campaigns_of(config)
    here = slice(partition.start, partition.stop)
    targets = [[terms.SEGMENTS[n] for n in of] for of in planned.targets[here]]
    goals = [terms.GOALS[n] for n in planned.goal[here]]
    number = range(partition.start + 1, partition.stop + 1)
    names = [
        f"{goal.title()} {segments[0]} {n:03d}"
        for goal, segments, n in zip(goals, targets, number, strict=True)
    ]
    first = since_epoch(config.start_date) // DAY + planned.start[here]
    lists = pl.List(pl.String)
    return pl.LazyFrame(
        {
            "row": pl.Series(range(partition.start, partition.stop), dtype=pl.Int64),
            "campaign_id": pl.Series(number, dtype=pl.Int64),
            "campaign_name": names,
            "start_date": pl.Series(first).cast(pl.Int32).cast(pl.Date),
            "end_date": pl.Series(first + planned.days[here] - 1).cast(pl.Int32).cast(pl.Date),
            "target_segment": pl.Series(targets, dtype=lists),
            "channels": pl.Series(
                [[terms.CHANNELS[n] for n in of] for of in planned.channels[here]], dtype=lists
            ),
            "cents": planned.budget[here],
            "goal": as_enum(planned.goal[here], terms.GOALS),
            "created": planned.created[here],
        }
    ).with_columns(budget=cents(pl.col("cents"), 12), created_at=moment(pl.col("created")))


def _flights(stored: TableView) -> pl.LazyFrame:
    config = config_of(stored)
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days() + 1
    of = config.campaign_config.campaign_duration_days
    most = config.engagement_config.time_period_days
    sound = days.is_between(min(of.min, most), of.max) & (pl.col("start_date") >= config.start_date)
    sound &= pl.col("end_date") < config.base_end
    if config.campaign_config.budget is not None:
        budget = pl.col("budget").cast(pl.Float64)
        sound &= budget.is_between(campaign_budgets.LEAST, campaign_budgets.MOST)
    return stored.current().filter(~sound)


def _campaign_count() -> Check:
    def measure(stored: TableView) -> list[CheckResult]:
        expected = config_of(stored).campaign_config.num_campaigns
        rows = sum(stats.rows for stats in stored.partition_stats.values())
        return [
            CheckResult(key, rows == expected, float(rows), f"= {expected:,}")
            for key in stored.keys
        ]

    return Check("row_count", "There are as many campaigns as declared.", measure)


def _checks() -> list[Check]:
    return [
        _campaign_count(),
        row_check(
            "flight_within_period",
            "Flights are in the period, and drawn budgets in their range.",
            _flights,
        ),
    ]


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of campaigns.

    Args:
        scenario: The scenario.
    """
    partitioning = Unpartitioned()
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Campaigns: flight, target segments, channels, budget and goal.",
        schema=Campaigns,
        partitioning=partitioning,
        checks=_checks(),
        grows_with=["num_campaigns"],
        code_version="3",
        source=Generated(
            evenly(partitioning, lambda config: config.campaign_config.num_campaigns), generate
        ),
        cluster_by=["start_date"],
    )
