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
from synth_assets.domains.jaffle.model import BLOCK, DOMAIN, open_shop
from synth_assets.domains.jaffle.scenario import JaffleScenario
from synth_assets.quality.structural import holds, unique, volume
from synth_assets.randomness.run_lengths import RunLengths
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY

PLATFORMS = ("google", "facebook", "instagram")
# utm_source of a platform is its name; ads are numbered from 1 behind its initial.
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
# An ad runs for LIVE days (give or take JITTER), pauses, and runs again every CYCLE days.
CYCLE, LIVE, JITTER = 60, 47, 4
# Daily budget in dollars, evenly spread over its logarithm; a day's cost strays by a fifth.
BUDGET, STRAY = (5.0, 500.0), 0.2


class Ads(dy.Schema):
    """What an ad cost on a day."""

    ad_id = dy.String(description="Ad: the platform's initial and a number.", regex="^[gfi][0-9]+$")
    date = dy.Datetime(time_unit="us", description="Moment of the day's bill (UTC).")
    utm_medium = dy.String(description=f"One of {', '.join(MEDIUMS)}.")
    utm_campain = dy.String(
        description=f"Campaign (spelt as in the original): one of {', '.join(CAMPAIGNS)}."
    )
    cost = dy.Decimal(10, 2, min_exclusive=0, description="Cost of the day in dollars.")


def ad_draw(scenario: JaffleScenario, platform: str, *names: str) -> RandomStream:
    """A source of chance of one platform's ads."""
    return RandomStream(scenario.seed, DOMAIN, "ads", platform, *names)


class AdCalendar:
    """The ads of a platform that are live on each day: ``runs`` by day, ``number`` by row."""

    def __init__(self, scenario: JaffleScenario, platform: str, days: int) -> None:
        numbers = range(1, scenario.ads_per_platform + 1)
        phase = [_whole(ad_draw(scenario, platform, "phase"), n, CYCLE) for n in numbers]
        jitter = [_whole(ad_draw(scenario, platform, "live"), n, 2 * JITTER + 1) for n in numbers]
        live = np.array(jitter) + LIVE - JITTER
        # The first ad never pauses, so that on every day there is one to click on.
        live[0] = CYCLE
        on = (np.arange(days)[:, None] + np.array(phase)) % CYCLE < live
        self.runs = RunLengths(on.sum(axis=1))
        self.number: npt.NDArray[np.int64] = np.nonzero(on)[1] + 1

    def pick(self, draw: RandomStream, row: pl.Expr, day: pl.Expr) -> pl.Expr:
        """The number of an ad that is live on ``day``."""
        start, size = self.runs.take("start", day), self.runs.take("size", day)
        return pl.lit(pl.Series(self.number)).gather(start + draw.integers(row, 0, size))


def _whole(draw: RandomStream, row: int, below: int) -> int:
    return int(draw.uniform_one(row) * below)


def ad_calendar(scenario: JaffleScenario, platform: str, days: int) -> AdCalendar:
    """A platform's calendar of at least ``days`` days."""
    return _ad_calendar(scenario, platform, (days // BLOCK + 1) * BLOCK)


@lru_cache(maxsize=32)
def _ad_calendar(scenario: JaffleScenario, platform: str, days: int) -> AdCalendar:
    return AdCalendar(scenario, platform, days)


def ad_id(platform: str, number: pl.Expr) -> pl.Expr:
    """The id of an ad: ``g7`` is Google's seventh."""
    return pl.concat_str(pl.lit(platform[0]), number.cast(pl.String))


def rows_before(platform: str, scenario: JaffleScenario, day: int) -> int:
    """Ad rows before a day."""
    return int(ad_calendar(scenario, platform, day).runs.start[day])


def generate_ads(platform: str, scenario: JaffleScenario, partition: Partition) -> pl.LazyFrame:
    """Rows of a platform's live ads: each ad keeps its medium, campaign and budget."""
    calendar = ad_calendar(scenario, platform, partition.last)
    shop = open_shop(scenario, "training", partition.last)
    row, number = pl.col("row"), pl.col("number")
    low, high = np.log(BUDGET)
    budget = ad_draw(scenario, platform, "budget").uniform(number, low, high).exp()
    stray = ad_draw(scenario, platform, "cost").uniform(row, 1 - STRAY, 1 + STRAY)
    bill = calendar.runs.find(row) * DAY + shop.second_of_day(
        ad_draw(scenario, platform, "time"), row
    )
    medium, campaign = (ad_draw(scenario, platform, name) for name in ("medium", "campaign"))
    return (
        row_numbers(partition)
        .with_columns(number=pl.lit(pl.Series(calendar.number)).gather(row))
        .with_columns(
            ad_id=ad_id(platform, number),
            date=shop.at(bill),
            utm_medium=medium.pick(number, pl.Enum(MEDIUMS)).cast(pl.String),
            utm_campain=campaign.pick(number, pl.Enum(CAMPAIGNS)).cast(pl.String),
            cost=(budget * stray).round(2).cast(pl.Decimal(10, 2)),
        )
    )


def table(platform: str, partitioning: Daily) -> Table:
    """The table of a platform's ads."""

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
            holds("on_its_day", "Every bill lies on the partition's date.", on_its_day),
            volume(expected, 0.6, 1.4, slack=5),
        ],
        tags={"dataset": "marketing", "channel": "ads"},
    )
