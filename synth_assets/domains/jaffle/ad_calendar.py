"""Which ads are live on each day, what they cost, and which of them a session clicks.

A day's budget is what the day's expected sign-ups cost, so advertising grows with the shop. Each ad
has a share of it, and gets clicks by its cost and by a quality that no table has.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.jaffle.calendar import Floats
from synth_assets.domains.jaffle.model import open_model
from synth_assets.domains.jaffle.scenario import DATASETS, DOMAIN, JaffleScenario
from synth_assets.randomness.run_lengths import RunLengths
from synth_assets.randomness.streams import RandomStream

PLATFORMS = ("google", "facebook", "instagram")
Platform = Literal["website", "app"]
Ints = npt.NDArray[np.int64]
# Ad platforms whose clicks lead to each platform.
SOURCES: dict[Platform, tuple[str, str]] = {
    "website": ("google", "facebook"),
    "app": ("facebook", "instagram"),
}
# An ad runs for LIVE days (plus or minus JITTER), pauses, and runs again every CYCLE days.
CYCLE, LIVE, JITTER = 60, 47, 4
# Least share of the budget that a platform gets.
LEAST_SHARE = 0.05
# What each platform sells, by share of its ads (assumption): search above all on Google,
# posts and video on the social networks.
MEDIUMS = {
    "google": {"paid_search": 0.45, "shopping": 0.20, "display": 0.15, "video": 0.15, "cpc": 0.05},
    "facebook": {"social": 0.60, "video": 0.15, "cpc": 0.15, "display": 0.10},
    "instagram": {"social": 0.65, "video": 0.30, "shopping": 0.05},
}
# How often sessions of each medium convert against the others of the platform: search more often
# than display (WordStream, Google Ads Benchmarks, 2018: 2.8% and 0.6% in e-commerce), less far
# apart where two sessions of three convert.
CONVERSION = {
    "paid_search": 1.2, "shopping": 1.15, "cpc": 1.05, "social": 1.0, "video": 0.75, "display": 0.6,
}  # fmt: skip
# Largest share of an ad's sessions that convert.
MOST_CONVERSION = 0.95
# Weights of clicks are whole numbers, in so many parts of a dollar, at least one an ad.
PARTS_OF_DOLLAR = 100_000


def ad_stream(scenario: JaffleScenario, platform: str, *names: str) -> RandomStream:
    """The random stream of a platform's ads with these names.

    Args:
        scenario: Seed and volumes.
        platform: Ad platform, one of ``PLATFORMS``.
        names: Parts of the stream's name.
    """
    return RandomStream(scenario.seed, DOMAIN, "ads", platform, *names)


def budget_share(scenario: JaffleScenario, platform: str) -> float:
    """Share of the budget of a platform: that of the sessions which its ads lead to.

    Args:
        scenario: Share of the sessions on the website.
        platform: Ad platform, one of ``PLATFORMS``.
    """
    website = scenario.website_share
    shares = {"google": website / 2, "facebook": 0.5, "instagram": (1 - website) / 2}
    shares = {name: max(share, LEAST_SHARE) for name, share in shares.items()}
    return shares[platform] / sum(shares.values())


class AdCalendar:
    """A platform's live ads.

    Args:
        scenario: Seed and volumes.
        platform: Ad platform, one of ``PLATFORMS``.
        signups: Expected sign-ups of each day, of all data sets.

    Attributes:
        runs: Their number by day.
        number: The ad of each row.
        cost: What it costs on that day in dollars, without random deviation.
    """

    def __init__(self, scenario: JaffleScenario, platform: str, signups: Floats) -> None:
        def units(name: str) -> npt.NDArray[np.float64]:
            draw = ad_stream(scenario, platform, name)
            return np.array([draw.uniform_one(n) for n in numbers])

        numbers = range(1, scenario.ads_per_platform + 1)
        live = (units("live") * (2 * JITTER + 1)).astype(np.int64) + LIVE - JITTER
        # The first ad never pauses, so that every day has one that can be clicked.
        live[0] = CYCLE
        phase = (units("phase") * CYCLE).astype(np.int64)
        on = (np.arange(len(signups))[:, None] + phase) % CYCLE < live
        size = np.round(scenario.ad_budget_spread ** units("budget"), 9)
        budget = signups * scenario.cost_per_customer * budget_share(scenario, platform)
        costs = budget[:, None] * size / (on @ size)[:, None]
        normal, spread = NormalDist(), scenario.ad_quality_spread
        tails = np.clip(units("quality"), 1e-9, 1 - 1e-9)
        quality = np.round(np.exp([spread * normal.inv_cdf(unit) for unit in tails]), 9)
        self.runs = RunLengths(on.sum(axis=1))
        self.number: npt.NDArray[np.int64] = np.nonzero(on)[1] + 1
        self.cost: npt.NDArray[np.float64] = np.round(costs[on], 9)
        clicks = (self.cost * quality[self.number - 1] * PARTS_OF_DOLLAR).astype(np.int64) + 1
        day = np.nonzero(on)[0]
        converts = _conversion(scenario, platform, clicks, self.number, day)
        # A day's clicks of customers, then those of others, then the next day's.
        weights = np.concatenate([clicks * converts, clicks * (1 - converts)]).astype(np.int64) + 1
        order = np.argsort(np.tile(day, 2), kind="stable")
        self._ads = np.tile(self.number, 2)[order]
        self._clicks = np.cumsum(weights[order])

    def choice(self, draw: RandomStream, row: pl.Expr, day: pl.Expr, known: pl.Expr) -> pl.Expr:
        """The number of an ad that is live on a day, by its clicks and how often they convert.

        Args:
            draw: The random stream.
            row: Row number.
            day: Day of the shop.
            known: Whether the session is a customer's.
        """
        start = self.runs.start
        ends = np.concatenate([[0], self._clicks])
        # A day's bounds: where customers' clicks begin, where those of others begin and end.
        bounds = [ends[n] for n in (2 * start[:-1], start[:-1] + start[1:], 2 * start[1:])]
        first, second, last = (pl.lit(pl.Series(b)).gather(day) for b in bounds)
        before = pl.when(known).then(first).otherwise(second)
        after = pl.when(known).then(second).otherwise(last)
        click = draw.integers(row, before, after)
        at = pl.lit(pl.Series(self._clicks)).search_sorted(click, side="right")
        return pl.lit(pl.Series(self._ads)).gather(at)


def medium(scenario: JaffleScenario, platform: str, number: pl.Expr) -> pl.Expr:
    """What kind of ad an ad is; it keeps it.

    Args:
        scenario: Seed and volumes.
        platform: Ad platform, one of ``PLATFORMS``.
        number: Number of the ad, from 1.
    """
    draw = ad_stream(scenario, platform, "medium")
    return draw.choice(number, MEDIUMS[platform]).cast(pl.String)


def _conversion(
    scenario: JaffleScenario, platform: str, clicks: Ints, number: Ints, day: Ints
) -> npt.NDArray[np.float64]:
    """Share of the sessions of each row's ad that are a customer's, about the mean of the day."""
    ads = pl.DataFrame({"number": np.arange(1, scenario.ads_per_platform + 1)})
    kinds = ads.select(medium(scenario, platform, pl.col("number"))).to_series().to_list()
    factors = np.array([CONVERSION[kind] ** scenario.medium_effect for kind in kinds])
    each = factors[number - 1]
    mean = np.bincount(day, clicks * each) / np.maximum(np.bincount(day, clicks), 1)
    shares = (1 - scenario.anonymous_share) * each / mean[day]
    return np.asarray(np.round(np.minimum(shares, MOST_CONVERSION), 9), dtype=np.float64)


def ad_calendar(scenario: JaffleScenario, platform: str, days: int) -> AdCalendar:
    """The cached ad calendar of a platform.

    Args:
        scenario: Seed and volumes.
        platform: Ad platform, one of ``PLATFORMS``.
        days: Days from the start date that the calendar has at least.
    """
    return _ad_calendar(scenario, platform, open_model(scenario, "training", days).days)


@lru_cache(maxsize=32)
def _ad_calendar(scenario: JaffleScenario, platform: str, days: int) -> AdCalendar:
    after = days - scenario.history_days - 1
    rates = [open_model(scenario, dataset, after).signup_rate for dataset in DATASETS]
    return AdCalendar(scenario, platform, np.sum(rates, axis=0))
