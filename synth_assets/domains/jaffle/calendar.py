"""Rows of each day, in closed form: sign-ups, orders and sessions.

Here are the growth curve and the journeys as counts: how many customers sign up on a day, place
their first order or visit. What one customer does is in ``model``.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from synth_assets.domains.jaffle.anomalies import AnomalyPlan
from synth_assets.domains.jaffle.scenario import CALIBRATION_DAYS, Dataset, JaffleScenario
from synth_assets.randomness.run_lengths import RunLengths, share_of, whole_steps
from synth_assets.randomness.streams import RandomStream

Floats = npt.NDArray[np.float64]

DOMAIN = "jaffle"
# Sign-ups and orders by day of the week, Monday first: most are on Fridays and Saturdays.
WEEKDAY_FACTORS = (0.92, 0.90, 0.95, 1.00, 1.12, 1.18, 0.93)
# Amplitude of the yearly season, and the day of the year of its maximum (mid December).
YEARLY_AMPLITUDE, YEARLY_PEAK_DAY = 0.15, 350
# Days after which a customer orders half as often.
ORDER_HALF_LIFE = 45.0
# Days between the first and the last session of a journey that has several.
SPANS = (0, 1, 2, 3, 4, 5)


class Calendar:
    """Daily row counts of one data set over ``days`` days from the start date.

    Rows and days count from 0.
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
            day: Days since the start date.
        """
        return self.scenario.start_date + timedelta(days=day)

    def seasonality(self, *names: str) -> Floats:
        """Relative activity of each day, by weekday, season of the year and random variation.

        Args:
            names: Names of the random stream.

        Returns:
            A factor for each of the ``days`` days.
        """
        draw = self.stream("season", *names)
        return np.array([self._activity(day, draw.uniform_one(day)) for day in range(self.days)])

    def _activity(self, day: int, unit: float) -> float:
        on = self.date_of(day)
        angle = 2 * math.pi * (on.timetuple().tm_yday - YEARLY_PEAK_DAY) / 365.25
        return (
            WEEKDAY_FACTORS[on.weekday()]
            * (1 + YEARLY_AMPLITUDE * math.cos(angle))
            * (0.85 + 0.3 * unit)
        )

    @cached_property
    def customers(self) -> RunLengths:
        """Customers by day of sign-up: run ``d`` is the cohort of day ``d``."""
        trend = 1 + self.scenario.monthly_growth * np.arange(self.days) / 30
        rate = trend * self.seasonality("signups")
        target = self.scenario.customers(self.dataset)
        return RunLengths(whole_steps(rate * target / rate[:CALIBRATION_DAYS].sum()))

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
    def first_orders(self) -> RunLengths:
        """Customers by day of their first order, in runs of consecutive ranks.

        Columns: day, rank (of the run's first customer, see ``journeys``).
        """
        runs = self.journeys
        day = runs.columns["cohort"] + runs.columns["span"] + runs.columns["lag"]
        kept = day < self.days
        blocks = RunLengths(runs.size[kept], day=day[kept], rank=runs.start[:-1][kept])
        return blocks.ordered_by("day")

    @cached_property
    def first_orders_by_day(self) -> RunLengths:
        """First orders of each day."""
        runs = self.first_orders
        return RunLengths(np.bincount(runs.columns["day"], runs.size, self.days).astype(np.int64))

    @cached_property
    def returning_mass(self) -> Floats:
        """Cumulative weight of repeat orders, by cohort."""
        weight = self.customers.size * 2.0 ** (np.arange(self.days) / ORDER_HALF_LIFE)
        return np.asarray(np.cumsum(weight), dtype=np.float64)

    @property
    def settling_days(self) -> int:
        """Days from sign-up until every customer of a cohort has placed the first order."""
        return max(self.spans) + 2

    @cached_property
    def repeat_orders(self) -> npt.NDArray[np.int64]:
        """Orders of each day by customers who have ordered before, without anomalies."""
        days = np.arange(self.days)
        settled = np.concatenate([np.zeros(self.settling_days), self.returning_mass])[: self.days]
        rate = settled * 2.0 ** (-days / ORDER_HALF_LIFE) * self.seasonality("orders")
        target = self.scenario.orders(self.dataset)
        target -= int(self.first_orders_by_day.size[:CALIBRATION_DAYS].sum())
        scale = max(target, 0) / max(rate[:CALIBRATION_DAYS].sum(), 1e-12)
        return whole_steps(rate * scale)

    @cached_property
    def usual_orders(self) -> npt.NDArray[np.int64]:
        """Orders of each day without volume anomalies."""
        return self.first_orders_by_day.size + self.repeat_orders

    @cached_property
    def anomalies(self) -> AnomalyPlan:
        """Days and rows of each anomaly kind; training data has none."""
        return AnomalyPlan(self.scenario, self.days, active=self.dataset == "validation")

    @cached_property
    def orders(self) -> RunLengths:
        """Orders of each day as stored, with volume anomalies."""
        usual = self.usual_orders
        factor = self.anomalies.volume_factor(usual, self.repeat_orders > 0)
        return RunLengths(np.round(usual * factor))

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
        extra = share_of(known, anonymous / (1 - anonymous))
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

    @cached_property
    def sessions_by_day(self) -> RunLengths:
        """Sessions of each day on both platforms together."""
        runs = self.touches
        return RunLengths(np.bincount(runs.columns["day"], runs.size, self.days).astype(np.int64))

    def _offset(self, touch: int, span: int) -> int:
        last = self.scenario.touches_per_customer - 1
        return round(touch * span / last) if last else 0

    def _slot(self, touch: int, span: int) -> tuple[int, int]:
        # Index of an earlier touch among the earlier touches of its day, and their number.
        last = self.scenario.touches_per_customer - 1
        day = self._offset(touch, span)
        same = [t for t in range(last) if self._offset(t, span) == day]
        return (same.index(touch) if touch in same else 0, max(len(same), 1))
