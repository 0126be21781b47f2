"""Viewership patterns: frequency, recency, categories, device and hour of engagements."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import references
from synth_assets.core.sources import Derived
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.activity import total_quantiles
from synth_assets.domains.identity_graph.audience import MONTH, WEEK, engagement_summary, lists
from synth_assets.domains.identity_graph.checks import in_own_shard, recomputed
from synth_assets.domains.identity_graph.kinship import Floats
from synth_assets.domains.identity_graph.layout import INDIVIDUALS, config_of
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.tables import content_engagements, individuals
from synth_assets.quality.goodness_of_fit import kolmogorov_smirnov_test
from synth_assets.quality.keys import unique_in_partition
from synth_assets.randomness.random_arrays import as_enum
from synth_assets.randomness.values import DAY, moment, since_epoch

NAME = "viewership_patterns"
# Preferred categories at most.
PREFERRED = 3


class ViewershipPatterns(dy.Schema):
    """The viewing habits of an individual with engagements."""

    pattern_id = dy.Int64(primary_key=True, min=1, description="The pattern's number.")
    individual_id = dy.Int64(
        description="Whose it is.", metadata=references("individual", "individual_id")
    )
    total_engagements = dy.Int64(min=1, description="Engagements in all.")
    frequency_daily_avg = dy.Float64(min=0, description="Engagements a day of the whole period.")
    frequency_7d = dy.Float64(min=0, description="Engagements a day of the last 7 days.")
    frequency_30d = dy.Float64(min=0, description="Engagements a day of the last 30 days.")
    recency_last_engagement = dy.Datetime(time_unit="us", description="The last one (local time).")
    recency_days = dy.Int32(min=0, description="Whole days between the last one and the end.")
    preferred_categories = dy.List(
        dy.String(), description=f"Categories of most engagements, at most {PREFERRED}."
    )
    preferred_device = dy.Enum(terms.DEVICES, description="Device of most engagements.")
    peak_hour = dy.Int32(min=0, max=23, description="Hour of day (local time) of most engagements.")
    computed_at = dy.Datetime(time_unit="us", description="The end of the period (local time).")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """The patterns of a shard's individuals.

    Args:
        stored: The table, with the domain's stored tables.
        key: The shard's partition key.
    """
    config = config_of(stored)
    end, days = since_epoch(config.end), (config.end - config.start_date).days
    people = engagement_summary(stored, key).filter(pl.col("events") > 0)
    return people.lazy().with_columns(
        pattern_id="individual_id",
        total_engagements="events",
        frequency_daily_avg=per_day(pl.col("events"), days),
        frequency_7d=per_day(pl.col("last_week"), min(WEEK, days)),
        frequency_30d=per_day(pl.col("last_month"), min(MONTH, days)),
        recency_last_engagement=moment(pl.col("last")),
        recency_days=(end - 1 - pl.col("last")) // DAY,
        preferred_categories=_preferred(people["by_category"]),
        preferred_device=as_enum(people["device"].to_numpy(), terms.DEVICES),
        peak_hour="hour",
        computed_at=moment(pl.lit(end)),
    )


def per_day(events: pl.Expr, days: int) -> pl.Expr:
    """Engagements per day, rounded to thousandths.

    Args:
        events: Number of engagements.
        days: Days in which they happened.
    """
    # The second rounding removes what the division by a constant adds after the digits.
    return ((events * 2_000 + days) // (2 * days)).cast(pl.Float64).truediv(1_000).round(3)


def _preferred(by_category: pl.Series) -> pl.Series:
    """The categories with most engagements, in descending order; empty without engagements."""
    counts = by_category.to_numpy()
    order = np.argsort(-counts, axis=1, kind="stable")[:, :PREFERRED]
    there = np.take_along_axis(counts, order, axis=1) > 0
    return lists(terms.CATEGORIES, order, there)


def _totals(stored: TableView) -> Floats:
    totals = stored.all().select("total_engagements").collect().to_series().to_numpy()
    people = sum(stats.rows for stats in stored.other(INDIVIDUALS).partition_stats.values())
    return np.concatenate([totals, np.zeros(people - len(totals))]).astype(np.float64)


def _checks() -> list[Check]:
    return [
        unique_in_partition(["individual_id"], name="unique_individual_id"),
        in_own_shard("individual_id"),
        recomputed("preferred_categories"),
        _one_period(
            kolmogorov_smirnov_test(
                "engagements_per_individual_distribution",
                "Individuals have as many engagements as the declared distribution says.",
                _totals,
                lambda stored: total_quantiles(config_of(stored)),
                reads=[INDIVIDUALS],
            )
        ),
    ]


def _one_period(check: Check) -> Check:
    """The check over exactly one period: parts of one, or several, have another distribution."""

    def measure(stored: TableView) -> list[CheckResult]:
        config = config_of(stored)
        if config.end == config.base_end:
            return check.measure(stored)
        return [CheckResult(None, True, 0.0, "judged of the first period alone")]

    return Check(check.name, check.doc, measure, per_partition=False, reads=check.reads)


def table(scenario: IdentityGraphScenario) -> Table:
    """The table of viewership patterns.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Viewership of each individual with engagements, computed from those stored.",
        schema=ViewershipPatterns,
        event_time="computed_at",
        partitioning=partitioning,
        colocated=["individual_id"],
        checks=_checks(),
        grows_with=["num_households", "end_date"],
        code_version="3",
        source=Derived(derive),
        parents={"individual": individuals.NAME},
        deps=[content_engagements.NAME],
        cluster_by=["individual_id"],
    )
