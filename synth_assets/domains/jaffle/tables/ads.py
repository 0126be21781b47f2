"""Ads: one row for each ad and each day that it is live, with what it cost."""

from __future__ import annotations

from functools import lru_cache, partial

import dataframely as dy
import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Partition
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.domains.jaffle.calendar import DOMAIN
from synth_assets.domains.jaffle.model import BLOCK, open_model
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.quality.keys import unique
from synth_assets.quality.row_counts import volume
from synth_assets.quality.structural import holds
from synth_assets.randomness.run_lengths import RunLengths
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY

PLATFORMS = ("google", "facebook", "instagram")
# A platform's utm_source is its name; an ad's id is the platform's initial and a number from 1.
MEDIUMS = ("paid_search", "cpc", "social", "display", "video", "shopping")
CAMPAIGNS = (
    "spring_sale",
    "summer_promo",
    "back_to_school",
    "holiday_deals",
    "brand_awareness",
    "retargeting",
    "new_product_launch",
    "customer_acquisition",
    "loyalty_program",
    "flash_sale",
)
# An ad runs for LIVE days (plus or minus JITTER), pauses, and runs again every CYCLE days.
CYCLE, LIVE, JITTER = 60, 47, 4
# Daily budget in dollars, log-uniform, and relative deviation of a day's cost from it.
BUDGET, COST_DEVIATION = (5.0, 500.0), 0.2


class Ads(dy.Schema):
    """The cost of an ad on a day."""

    ad_id = dy.String(description="Ad: the platform's initial and a number.", regex="^[gfi][0-9]+$")
    date = dy.Datetime(time_unit="us", description="Time of the day's bill (UTC).")
    utm_medium = dy.String(description=f"One of {', '.join(MEDIUMS)}.")
    utm_campain = dy.String(
        description=f"Campaign (column name as in the original): one of {', '.join(CAMPAIGNS)}."
    )
    cost = dy.Decimal(10, 2, min_exclusive=0, description="Cost of the day in dollars.")


def ad_stream(scenario: JaffleScenario, platform: str, *names: str) -> RandomStream:
    """The random stream of a platform's ads with these names.

    Args:
        scenario: Seed and volumes.
        platform: Ad platform, one of ``PLATFORMS``.
        names: Parts of the stream's name.
    """
    return RandomStream(scenario.seed, DOMAIN, "ads", platform, *names)


class AdCalendar:
    """A platform's live ads: ``runs`` has their count by day, ``number`` the ad of each row."""

    def __init__(self, scenario: JaffleScenario, platform: str, days: int) -> None:
        numbers = range(1, scenario.ads_per_platform + 1)
        phase = [_whole(ad_stream(scenario, platform, "phase"), n, CYCLE) for n in numbers]
        jitter = [_whole(ad_stream(scenario, platform, "live"), n, 2 * JITTER + 1) for n in numbers]
        live = np.array(jitter) + LIVE - JITTER
        # The first ad never pauses, so that every day has one that can be clicked.
        live[0] = CYCLE
        on = (np.arange(days)[:, None] + np.array(phase)) % CYCLE < live
        self.runs = RunLengths(on.sum(axis=1))
        self.number: npt.NDArray[np.int64] = np.nonzero(on)[1] + 1

    def choice(self, draw: RandomStream, row: pl.Expr, day: pl.Expr) -> pl.Expr:
        """The number of a random ad that is live on a day.

        Args:
            draw: The random stream.
            row: Row number.
            day: Days since the start date.
        """
        start, size = self.runs.lookup("start", day), self.runs.lookup("size", day)
        return pl.lit(pl.Series(self.number)).gather(start + draw.integers(row, 0, size))


def _whole(draw: RandomStream, row: int, below: int) -> int:
    return int(draw.uniform_one(row) * below)


def ad_calendar(scenario: JaffleScenario, platform: str, days: int) -> AdCalendar:
    """The cached ad calendar of a platform.

    Args:
        scenario: Seed and volumes.
        platform: Ad platform, one of ``PLATFORMS``.
        days: Days that the calendar has at least.
    """
    return _ad_calendar(scenario, platform, (days // BLOCK + 1) * BLOCK)


@lru_cache(maxsize=32)
def _ad_calendar(scenario: JaffleScenario, platform: str, days: int) -> AdCalendar:
    return AdCalendar(scenario, platform, days)


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
    return int(ad_calendar(scenario, platform, day).runs.start[day])


def generate_ads(platform: str, scenario: JaffleScenario, partition: Partition) -> pl.LazyFrame:
    """Rows of a platform's live ads; an ad keeps its medium, campaign and budget.

    Args:
        platform: Ad platform, one of ``PLATFORMS``.
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    calendar = ad_calendar(scenario, platform, partition.last)
    model = open_model(scenario, "training", partition.last)
    row, number = pl.col("row"), pl.col("number")
    low, high = np.log(BUDGET)
    budget = ad_stream(scenario, platform, "budget").uniform(number, low, high).exp()
    factor = ad_stream(scenario, platform, "cost").uniform(
        row, 1 - COST_DEVIATION, 1 + COST_DEVIATION
    )
    bill = calendar.runs.locate(row) * DAY + model.second_of_day(
        ad_stream(scenario, platform, "time"), row
    )
    medium, campaign = (ad_stream(scenario, platform, name) for name in ("medium", "campaign"))
    return (
        row_numbers(partition)
        .with_columns(number=pl.lit(pl.Series(calendar.number)).gather(row))
        .with_columns(
            ad_id=ad_id(platform, number),
            date=model.timestamp(bill),
            utm_medium=medium.choice(number, pl.Enum(MEDIUMS)).cast(pl.String),
            utm_campain=campaign.choice(number, pl.Enum(CAMPAIGNS)).cast(pl.String),
            cost=(budget * factor).round(2).cast(pl.Decimal(10, 2)),
        )
    )


def table(platform: str, partitioning: Daily) -> Table:
    """The table of a platform's ads.

    Args:
        platform: Ad platform, one of ``PLATFORMS``.
        partitioning: Daily partitions.
    """

    def expected(scenario: JaffleScenario, key: str) -> float:
        return scenario.ads_per_platform * LIVE / CYCLE

    on_its_day = pl.col("date").dt.date().cast(pl.String) == pl.col(partitioning.partition_column)
    return Table(
        domain=DOMAIN,
        name=f"stg_{platform}_ads",
        doc=f"One row for each {platform.title()} ad that is live on the day.",
        schema=Ads,
        partitioning=partitioning,
        source=Generated(partial(rows_before, platform), partial(generate_ads, platform)),
        checks=[
            unique(["ad_id", partitioning.partition_column], name="one_row_an_ad_and_day"),
            holds("on_its_day", "Every bill is on the partition's date.", on_its_day),
            volume(expected, 0.6, 1.4, tolerance=5),
        ],
        tags={"dataset": "marketing", "channel": "ads"},
    )
