"""Ads: one row for each ad and each day that it is live, with what it cost."""

from __future__ import annotations

import math
from functools import partial

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.ad_calendar import (
    CYCLE,
    LIVE,
    MEDIUMS,
    ad_calendar,
    ad_stream,
    medium,
)
from synth_assets.domains.jaffle.checks import in_partition, one_row_per_date
from synth_assets.domains.jaffle.hours import second_of_day
from synth_assets.domains.jaffle.model import open_model
from synth_assets.domains.jaffle.scenario import DOMAIN, JaffleScenario
from synth_assets.quality.row_counts import volume
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.quality.tolerance import STANDARD_ERRORS
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import DAY

# A platform's utm_source is its name; an ad's id is the platform's initial and a number from 1.
# Campaigns of ads that run all year, by share, and the season's campaign by month, January first.
CAMPAIGNS = {
    "customer_acquisition": 0.30,
    "retargeting": 0.25,
    "brand_awareness": 0.20,
    "new_product_launch": 0.15,
    "loyalty_program": 0.10,
}
SEASONS = (
    *("flash_sale",) * 2,
    *("spring_sale",) * 3,
    *("summer_promo",) * 2,
    *("back_to_school",) * 2,
    "flash_sale",
    *("holiday_deals",) * 2,
)
# Relative deviation of a day's cost from the ad's budget, and the least cost, dollars.
COST_DEVIATION, LEAST_COST = 0.2, 0.01
# Dollars by which the least cost and whole cents change a bill on average, at most.
ROUNDED = 0.002
ALL_MEDIUMS = sorted({name for shares in MEDIUMS.values() for name in shares})
ALL_CAMPAIGNS = sorted({*CAMPAIGNS, *SEASONS})


class Ads(dy.Schema):
    """The cost of an ad on a day."""

    ad_id = dy.String(description="Ad: the platform's initial and a number.", regex="^[gfi][0-9]+$")
    date = dy.Datetime(time_unit="us", description="Time of the day's bill (UTC).")
    utm_medium = dy.String(description=f"One of {', '.join(ALL_MEDIUMS)}.")
    utm_campain = dy.String(
        description=f"Campaign (column name as in the original): one of {', '.join(ALL_CAMPAIGNS)}."
    )
    cost = dy.Decimal(10, 2, min_exclusive=0, description="Cost of the day in dollars.")


def ad_id(platform: str, number: pl.Expr) -> pl.Expr:
    """The id of an ad: ``g7`` is Google's seventh.

    Args:
        platform: Ad platform, one of ``PLATFORMS``.
        number: Number of the ad, from 1.
    """
    return pl.concat_str(pl.lit(platform[0]), number.cast(pl.String))


def rows_before(platform: str, scenario: JaffleScenario, day: int) -> int:
    """Ad rows before a day.

    Args:
        platform: Ad platform, one of ``PLATFORMS``.
        scenario: Seed and volumes.
        day: Days since the start date.
    """
    return int(ad_calendar(scenario, platform, day).runs.start[scenario.days_before(day)])


def generate_ads(platform: str, scenario: JaffleScenario, partition: Partition) -> pl.LazyFrame:
    """Rows of a platform's live ads; an ad keeps its medium, and its campaign or the season's.

    Args:
        platform: Ad platform, one of ``PLATFORMS``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    calendar = ad_calendar(scenario, platform, partition.last)
    model = open_model(scenario, "training", partition.last)
    row, number, day = pl.col("row"), pl.col("number"), pl.col("day")
    draws = {
        name: ad_stream(scenario, platform, name)
        for name in ("cost", "time", "campaign", "seasonal")
    }
    factor = draws["cost"].uniform(row, 1 - COST_DEVIATION, 1 + COST_DEVIATION)
    cost = (pl.lit(pl.Series(calendar.cost)).gather(row) * factor).round(2).clip(LEAST_COST)
    months = pl.Series([model.date_of(n).month - 1 for n in range(model.days)])
    return (
        row_numbers(partition)
        .with_columns(
            number=pl.lit(pl.Series(calendar.number)).gather(row), day=calendar.runs.locate(row)
        )
        .with_columns(
            ad_id=ad_id(platform, number),
            date=model.timestamp(day * DAY + second_of_day(draws["time"], row)),
            utm_medium=medium(scenario, platform, number),
            utm_campain=pl.when(draws["seasonal"].bernoulli(number, scenario.seasonal_ads))
            .then(gather(SEASONS, pl.lit(months).gather(day)))
            .otherwise(draws["campaign"].choice(number, CAMPAIGNS).cast(pl.String)),
            cost=cost.cast(pl.Decimal(10, 2)),
        )
    )


def campaign_in_season() -> Check:
    """Campaigns of a season run in its months only."""
    month = pl.col("date").dt.month().cast(pl.Int64) - 1
    campaign = pl.col("utm_campain")
    in_season = campaign.is_in(list(CAMPAIGNS)) | (campaign == gather(SEASONS, month))
    return holds("campaign_in_season", "Campaigns of a season run in its months only.", in_season)


def spend_as_declared() -> Check:
    """The ads cost what the expected sign-ups cost, within the deviation of single bills."""

    def measure(stored: TableView) -> list[CheckResult]:
        scenario: JaffleScenario = stored.scenario  # type: ignore[assignment]
        platform = stored.table.name.split("_")[1]
        cost, expected = pl.col("cost").cast(pl.Float64), 0.0
        sums = stored.all().select(cost.sum(), squares=(cost**2).sum(), rows=pl.len())
        spent, squares, rows = sums.collect().row(0)
        for key in stored.partition_stats:
            day, _ = stored.table.partitioning.index_range(key)
            first, last = (rows_before(platform, scenario, day + n) for n in (0, 1))
            costs = ad_calendar(scenario, platform, day + 1).cost[first:last]
            expected += float(np.maximum(costs, LEAST_COST).sum())
        # A uniform factor's deviation is its half width over the root of three.
        slack = STANDARD_ERRORS * COST_DEVIATION * math.sqrt(squares / 3) + ROUNDED * rows
        bound = f"{expected:,.2f} give or take {slack:,.2f}"
        return [CheckResult(None, abs(spent - expected) <= slack, spent, bound)]

    doc = "The ads cost what the scenario spends on the days' expected sign-ups."
    return Check("ad_spend_as_declared", doc, measure, blocking=False, per_partition=False)


def table(scenario: JaffleScenario, platform: str) -> Table:
    """The table of a platform's ads.

    Args:
        scenario: The scenario.
        platform: Ad platform, one of ``PLATFORMS``.
    """
    partitioning = scenario.partitioning

    def expected(scenario: JaffleScenario, key: str) -> float:
        day, _ = partitioning.index_range(key)
        days = scenario.days_before(day + 1) - scenario.days_before(day)
        return days * scenario.ads_per_platform * LIVE / CYCLE

    return Table(
        domain=DOMAIN,
        name=f"stg_{platform}_ads",
        doc=f"One row for each {platform.title()} ad that is live on the day.",
        schema=Ads,
        partitioning=partitioning,
        source=Generated(partial(rows_before, platform), partial(generate_ads, platform)),
        checks=[
            one_row_per_date("ad_id", "date"),
            in_partition("date", "bill", partitioning),
            accepted_values("utm_medium", list(MEDIUMS[platform])),
            campaign_in_season(),
            spend_as_declared(),
            volume(expected, 0.6, 1.4, tolerance=5),
        ],
        tags={"dataset": "marketing", "channel": "ads"},
        code_version="2",
    )
