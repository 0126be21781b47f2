"""Engagements: what individuals do with content, in sessions (see ``sessions``)."""

from __future__ import annotations

import math

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.audience import engagement_summary
from synth_assets.domains.identity_graph.checks import (
    has_declared_shares,
    in_own_shard,
)
from synth_assets.domains.identity_graph.layout import (
    ENGAGEMENTS,
    INDIVIDUALS,
    config_of,
    households_of,
    rows_before,
)
from synth_assets.domains.identity_graph.model import open_model
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.session_checks import (
    actions_follow_views,
    hours,
    views_apart,
    weekdays,
)
from synth_assets.domains.identity_graph.sessions import events
from synth_assets.domains.identity_graph.tables import individuals
from synth_assets.quality.building import row_check
from synth_assets.quality.goodness_of_fit import within_tolerance
from synth_assets.randomness.values import since_epoch

NAME = ENGAGEMENTS


class ContentEngagements(dy.Schema):
    """Something that an individual did with content."""

    event_id = dy.Int64(primary_key=True, min=1, description="The event's number.")
    individual_id = dy.Int64(
        description="Who did it.", metadata=references("individual", "individual_id")
    )
    content_id = dy.Int64(min=1, description="The piece of content.")
    content_category = dy.Enum(terms.CATEGORIES, description="What the content is about.")
    engagement_type = dy.Enum(terms.EVENTS, description="What was done.")
    timestamp = dy.Datetime(time_unit="us", description="When (local time).")
    duration_seconds = dy.Int32(
        nullable=True, min=1, description="How long a view lasted; null for anything else."
    )
    device_type = dy.Enum(terms.DEVICES, description="On what kind of device.")
    session_id = dy.String(
        nullable=True, description="The session, in hexadecimal digits; null if not followed."
    )


def rows_per_household(config: IdentityGraphScenario) -> int:
    """Engagements per household, about.

    Args:
        config: Seed and volumes.
    """
    days = (config.end - config.start_date).days
    each = config.engagement_config.events_per_person.mean
    return max(1, round(2 * each * days / config.engagement_config.time_period_days))


def generate(config: IdentityGraphScenario, partition: Partition) -> pl.LazyFrame:
    """The engagements of a partition's households.

    Args:
        config: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(config)
    row, number = households_of(config, partition, rows_per_household(config))
    people = model.people(model.households(number))
    frame = events(model, people)
    frame = frame.with_columns(row=pl.Series(row[people.household]).gather(frame["of"]))
    return frame.lazy().with_columns(timestamp=pl.col("timestamp").cast(pl.Datetime("us")))


def _outside_period(stored: TableView) -> pl.LazyFrame:
    config = config_of(stored)
    first, end = (
        pl.lit(since_epoch(day) * 1_000_000).cast(pl.Datetime("us"))
        for day in (config.start_date, config.end)
    )
    at = pl.col("timestamp")
    return stored.current().filter((at < first) | (at >= end))


def _durations(stored: TableView) -> pl.LazyFrame:
    of = config_of(stored).engagement_config.duration_range
    lasted, view = pl.col("duration_seconds"), pl.col("engagement_type").cast(pl.String) == "view"
    outside = (lasted < of.min) | (lasted > of.max)
    return stored.current().filter((lasted.is_null() == view) | outside.fill_null(value=False))


def _categories(stored: TableView) -> dict[str, tuple[float, float, float]]:
    """Measured and declared share of each category, with the standard error.

    The error allows for people preferring one category: events of a person are not independent.
    """
    share = np.array(open_model(config_of(stored)).category_shares)
    share = share / share.sum()
    total, gap, square = 0, np.zeros(len(share)), np.zeros(len(share))
    for key in stored.partition_stats:
        counts = engagement_summary(stored, key)["by_category"].to_numpy()
        per_person = counts.sum(axis=1)
        deviation = counts - per_person[:, None] * share
        total += int(per_person.sum())
        gap, square = gap + deviation.sum(axis=0), square + (deviation**2).sum(axis=0)
    rows = max(total, 1)
    return {
        name: (share[n] + gap[n] / rows, float(share[n]), math.sqrt(square[n]) / rows)
        for n, name in enumerate(terms.CATEGORIES)
    }


def _checks() -> list[Check]:
    return [
        in_own_shard("individual_id"),
        row_check(
            "timestamp_within_period",
            "Events are between the first day and the end.",
            _outside_period,
        ),
        row_check(
            "duration_matches_engagement_type",
            "Views last as long as declared; nothing else lasts.",
            _durations,
        ),
        has_declared_shares(
            "engagement_type_distribution",
            "engagement_type",
            lambda c: c.engagement_config.event_types,
        ),
        within_tolerance(
            "category_distribution",
            "Categories have the declared shares.",
            _categories,
            reads=[INDIVIDUALS],
        ),
        views_apart(),
        actions_follow_views(),
        hours(),
        weekdays(),
    ]


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of engagements.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Engagements with content: views, clicks, shares, likes and comments, in sessions.",
        schema=ContentEngagements,
        partitioning=partitioning,
        colocated=["individual_id"],
        checks=_checks(),
        grows_with=["num_households", "end_date"],
        code_version="2",
        source=Generated(rows_before(rows_per_household), generate),
        parents={"individual": individuals.NAME},
        cluster_by=["timestamp", "individual_id"],
    )
