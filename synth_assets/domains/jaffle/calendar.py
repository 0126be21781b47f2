"""Rows of each day, in closed form: sign-ups and sessions.

Here are the growth curve and the journeys as counts: how many customers sign up on a day or visit.
Orders are in ``order_calendar``; what one customer does is in ``model``.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from synth_assets.domains.jaffle.scenario import (
    CALIBRATION_DAYS,
    DOMAIN,
    LIVE_DAYS,
    Dataset,
    JaffleScenario,
)
from synth_assets.randomness.run_lengths import Counts, RunLengths, share_of, whole_steps
from synth_assets.randomness.seasonality import day_weights
from synth_assets.randomness.streams import RandomStream

Floats = npt.NDArray[np.float64]

# Sign-ups and orders by day of the week, Monday first: Saturday is first and Friday second
# (reservations, Toast, Q3 2023 Restaurant Trends Report); the sizes are an assumption.
WEEKDAYS = (0.92, 0.90, 0.95, 1.00, 1.12, 1.18, 0.93)
# Sales per day by month against the year's mean, as an assumption about food services and drinking
# places (U.S. Census Bureau, Monthly Retail Trade, NAICS 722, not adjusted).
MONTHS = (0.94, 0.98, 1.01, 1.01, 1.03, 1.03, 1.02, 1.02, 0.98, 0.99, 0.98, 1.01)
# Days that ``monthly_growth`` refers to.
MONTH = 30
# Days between the first and the last session of a journey that has several.
SPANS = (0, 1, 2, 3, 4, 5)


class Calendar:
    """Daily row counts of one data set over ``days`` days of the shop.

    Rows and days count from 0, the day on which the shop goes online: ``history_days`` before the
    start date.
    """

    def __init__(self, scenario: JaffleScenario, dataset: Dataset, days: int) -> None:
        self.scenario = scenario
        self.dataset = dataset
        self.days = days

    def stream(self, *names: str) -> RandomStream:
        """The data set's random stream with these names.

        Args:
            names: Parts of the stream's name; they seed it, so they must not change.
        """
        return RandomStream(self.scenario.seed, DOMAIN, self.dataset, *names)

    def date_of(self, day: int) -> date:
        """The date of a day.

        Args:
            day: Day of the shop.
        """
        opened = self.scenario.start_date - timedelta(days=self.scenario.history_days)
        return opened + timedelta(days=day)

    def activity(self, *names: str) -> Floats:
        """Relative volume of each day, by growth, weekday, season and random variation.

        Args:
            names: Names of the random stream.

        Returns:
            A factor for each of the ``days`` days; growth is 1 on the start date.
        """
        scenario, draw = self.scenario, self.stream("season", *names)
        weekdays, months = (
            [1 + effect * (weight - 1) for weight in weights]
            for effect, weights in (
                (scenario.weekday_effect, WEEKDAYS),
                (scenario.season_effect, MONTHS),
            )
        )
        weights = day_weights(self.date_of(0), self.days, weekdays=weekdays, months=months)
        since = (np.arange(self.days) - scenario.history_days) / MONTH
        growth = scenario.monthly_growth
        trend = np.where(since < 0, (1 + growth) ** np.minimum(since, 0), 1 + growth * since)
        units = np.array([draw.uniform_one(day) for day in range(self.days)])
        noise = 1 + scenario.daily_noise * (2 * units - 1)
        return np.round(weights * trend * noise, 9)

    @cached_property
    def window(self) -> slice:
        """The days that volumes refer to."""
        first = max(self.scenario.history_days + LIVE_DAYS - CALIBRATION_DAYS, 0)
        return slice(first, first + CALIBRATION_DAYS)

    @cached_property
    def founders(self) -> int:
        """Customers of the first day besides its usual sign-ups."""
        return round(self.scenario.founding_share * self.scenario.customers(self.dataset))

    @cached_property
    def signup_rate(self) -> Floats:
        """Expected sign-ups of each day."""
        rate = self.activity("signups")
        target = self.scenario.customers(self.dataset)
        target -= 0 if self.window.start else self.founders
        expected = rate * target / rate[self.window].sum()
        expected[0] += self.founders
        return np.asarray(expected, dtype=np.float64)

    @cached_property
    def customers(self) -> RunLengths:
        """Customers by day of sign-up: run ``d`` is the cohort of day ``d``."""
        return RunLengths(whole_steps(self.signup_rate))

    @cached_property
    def spans(self) -> tuple[int, ...]:
        """Possible days between the first and the last session of a journey."""
        return SPANS if self.scenario.touches_per_customer > 1 else (0,)

    @cached_property
    def journeys(self) -> RunLengths:
        """Customers ordered by rank in their cohort, in runs with the same span and lag.

        Columns: cohort, span (days from first to last session), lag (days from the last session
        to the first order, 0 or 1).
        """
        cohorts, spans = np.arange(self.days), np.array(self.spans)
        sizes = np.diff(
            np.floor(np.outer(self.customers.size, np.arange(len(spans) + 1)) / len(spans)), axis=1
        ).ravel()
        later = share_of(sizes, self.scenario.next_day_share)
        cell = np.arange(len(sizes)).repeat(2)
        lag = np.tile([0, 1], len(sizes))
        size = np.column_stack([sizes - later, later]).ravel()
        return RunLengths(
            size,
            cohort=cohorts.repeat(len(spans))[cell],
            span=np.tile(spans, self.days)[cell],
            lag=lag,
        )

    @cached_property
    def touches(self) -> RunLengths:
        """Sessions ordered by day, in runs that hold the same touch of consecutive customers.

        Columns: day, touch (0 is the first), rank (of the run's first customer; -1 for anonymous
        sessions), slot (index among the journey's touches of that day) and slots (their number).
        """
        runs, count = self.journeys, self.scenario.touches_per_customer
        parts = []
        for touch in range(count):
            offsets = np.array([self._offset(touch, span) for span in self.spans])
            slot = np.array([self._slot(touch, span) for span in self.spans])
            at = np.searchsorted(self.spans, runs.columns["span"])
            day = runs.columns["cohort"] + offsets[at]
            parts.append([runs.size, day, np.full_like(day, touch), runs.start[:-1], *slot[at].T])
        size, day, number, rank, slot, slots = (np.concatenate(p) for p in zip(*parts, strict=True))
        known = np.bincount(day, size, self.days)[: self.days]
        anonymous = self.scenario.anonymous_share
        extra = self.by_chance(known, anonymous / (1 - anonymous), "anonymous")
        kept = day < self.days
        none = np.zeros(self.days, dtype=np.int64)
        return RunLengths(
            np.concatenate([size[kept], extra]),
            day=np.concatenate([day[kept], np.arange(self.days)]),
            touch=np.concatenate([number[kept], none]),
            rank=np.concatenate([rank[kept], none - 1]),
            slot=np.concatenate([slot[kept], none]),
            slots=np.concatenate([slots[kept], none + 1]),
        ).ordered_by("day")

    def by_chance(self, sizes: Counts, ratio: float, name: str, *, part: bool = False) -> Counts:
        """A ratio of each day's rows as whole counts, with the deviation that chance gives a day.

        Deviations of days make up for each other: any prefix has the ratio to within a day's.

        Args:
            sizes: Rows of each day.
            ratio: The ratio.
            name: Name of the random stream.
            part: Whether the rows counted are a part of each day's rows.
        """
        if not self.scenario.daily_noise:
            return share_of(sizes, ratio)
        draw = self.stream("by_chance", name)
        units = np.array([draw.uniform_one(day) for day in range(len(sizes))])
        # A uniform number between -1 and 1 has the variance 1/3; a day has two of these deviations.
        width = np.sqrt(1.5 * sizes * ratio * (1 - ratio if part else 1))
        running = np.cumsum(sizes) * ratio + np.round((2 * units - 1) * width, 9)
        whole = np.maximum.accumulate(np.maximum(np.floor(running + 1e-9), 0))
        counts = np.diff(whole, prepend=0.0)
        return np.asarray(np.minimum(counts, sizes) if part else counts, dtype=np.int64)

    @cached_property
    def sessions_by_day(self) -> RunLengths:
        """Sessions of each day on both platforms together."""
        runs = self.touches
        return RunLengths(np.bincount(runs.columns["day"], runs.size, self.days).astype(np.int64))

    @cached_property
    def website_sessions(self) -> Counts:
        """Sessions of each day on the website."""
        share = self.scenario.website_share
        return self.by_chance(self.sessions_by_day.size, share, "website", part=True)

    def _offset(self, touch: int, span: int) -> int:
        last = self.scenario.touches_per_customer - 1
        return round(touch * span / last) if last else 0

    def _slot(self, touch: int, span: int) -> tuple[int, int]:
        # Index of an earlier touch among the earlier touches of its day, and their number.
        last = self.scenario.touches_per_customer - 1
        day = self._offset(touch, span)
        same = [t for t in range(last) if self._offset(t, span) == day]
        return (same.index(touch) if touch in same else 0, max(len(same), 1))
