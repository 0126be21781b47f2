"""The shop's calendar: who signs up, orders and visits on which day, in closed form.

What lives here is what several tables share: the growth curve, each customer's journey from
the first session to the first order, and the rows that each day holds. A column that one
table alone has is in that table's file.

A journey: a customer signs up during the first of ``touches_per_customer`` sessions, which lie
0 to 5 days apart in all (one session: none), and orders on the day of the last session or the
day after. So everything a row refers to lies on its own day or before, and a day can be built
without the days after it.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.jaffle.anomalies import AnomalyPlan
from synth_assets.domains.jaffle.scenario import CALIBRATION_DAYS, Dataset, JaffleScenario
from synth_assets.randomness.permutations import permute, unpermute
from synth_assets.randomness.run_lengths import RunLengths, share_of, whole_steps
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, HOUR, moment, since_epoch

Floats = npt.NDArray[np.float64]

DOMAIN = "jaffle"
# Orders and sessions by hour of the day, 0 to 23 (upstream's weights).
HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 2, 1, 1, 1)
# Sign-ups and orders by day of the week, Monday first: Fridays and Saturdays are for jaffles.
WEEKDAY_FACTORS = (0.92, 0.90, 0.95, 1.00, 1.12, 1.18, 0.93)
# Yearly swing, with its crest in mid December.
YEARLY_SWING, YEARLY_CREST = 0.15, 350
# Days after which a customer orders half as often.
ORDER_HALF_LIFE = 45.0
# Days between first and last session where a journey has several.
SPANS = (0, 1, 2, 3, 4, 5)
# How much the customers of a day differ in how often they order again (1: not at all).
LOYALTY_SKEW = 1.5
SESSION_SECONDS = (60, 45 * 60)
# Calendars are built for whole blocks of days, so that neighbouring days share one.
BLOCK = 64


def open_shop(scenario: JaffleScenario, dataset: Dataset, days: int) -> Shop:
    """The shop with a calendar of at least ``days`` days."""
    blocks = max(math.ceil((days + 1) / BLOCK), 1)
    return _open_shop(scenario, dataset, blocks * BLOCK)


@lru_cache(maxsize=16)
def _open_shop(scenario: JaffleScenario, dataset: Dataset, days: int) -> Shop:
    return Shop(scenario, dataset, days)


class Shop:
    """One data set's calendar over ``days`` days from the start date.

    Expressions take and give Int64: rows from 0, days since the start date, and seconds since
    its midnight.
    """

    def __init__(self, scenario: JaffleScenario, dataset: Dataset, days: int) -> None:
        self.scenario = scenario
        self.dataset = dataset
        self.days = days

    def draw(self, *names: str) -> RandomStream:
        """A source of chance of this data set."""
        return RandomStream(self.scenario.seed, DOMAIN, self.dataset, *names)

    @property
    def id_base(self) -> int:
        """What is added to row numbers for ids: validation ids start at 1,000,001."""
        return 1 if self.dataset == "training" else 1_000_001

    def date_of(self, day: int) -> date:
        """The date of a day."""
        return self.scenario.start_date + timedelta(days=day)

    def at(self, second: pl.Expr) -> pl.Expr:
        """A timestamp (UTC) from seconds since the start date's midnight."""
        midnight = datetime.combine(self.scenario.start_date, datetime.min.time())
        return moment(second + since_epoch(midnight))

    def second_of_day(self, draw: RandomStream, row: pl.Expr, opening: int = 0) -> pl.Expr:
        """A second of the day from ``opening`` (an hour) on, by the weights of the hours."""
        hour = draw.substream("hour").index(row, HOUR_WEIGHTS[opening:]).cast(pl.Int64) + opening
        return hour * HOUR + draw.substream("second").integers(row, 0, HOUR)

    # --- how much happens on each day -------------------------------------------------

    def season(self, *names: str) -> Floats:
        """Relative business of each day: weekday, time of year, and chance of its own."""
        draw = self.draw("season", *names)
        return np.array([self._business(day, draw.uniform_one(day)) for day in range(self.days)])

    def _business(self, day: int, unit: float) -> float:
        on = self.date_of(day)
        angle = 2 * math.pi * (on.timetuple().tm_yday - YEARLY_CREST) / 365.25
        return (
            WEEKDAY_FACTORS[on.weekday()]
            * (1 + YEARLY_SWING * math.cos(angle))
            * (0.85 + 0.3 * unit)
        )

    @cached_property
    def customers(self) -> RunLengths:
        """Customers by the day they sign up: run ``d`` is the cohort of day ``d``."""
        trend = 1 + self.scenario.monthly_growth * np.arange(self.days) / 30
        rate = trend * self.season("signups")
        wanted = self.scenario.customers(self.dataset)
        return RunLengths(whole_steps(rate * wanted / rate[:CALIBRATION_DAYS].sum()))

    @cached_property
    def spans(self) -> tuple[int, ...]:
        """Possible days between the first and the last session of a journey."""
        return SPANS if self.scenario.touches_per_customer > 1 else (0,)

    @cached_property
    def journeys(self) -> RunLengths:
        """Customers in order of their rank in the cohort, by span and by days to the order."""
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
        """Blocks of customers by the day of their first order."""
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
        """Running sum over cohorts of the weight with which their customers order again."""
        weight = self.customers.size * 2.0 ** (np.arange(self.days) / ORDER_HALF_LIFE)
        return np.asarray(np.cumsum(weight), dtype=np.float64)

    @property
    def settled(self) -> int:
        """Days after which every customer of a cohort has placed the first order."""
        return max(self.spans) + 2

    @cached_property
    def repeat_orders(self) -> npt.NDArray[np.int64]:
        """Orders of each day by customers who have ordered before, anomalies left out."""
        days = np.arange(self.days)
        settled = np.concatenate([np.zeros(self.settled), self.returning_mass])[: self.days]
        rate = settled * 2.0 ** (-days / ORDER_HALF_LIFE) * self.season("orders")
        wanted = self.scenario.orders(self.dataset)
        wanted -= int(self.first_orders_by_day.size[:CALIBRATION_DAYS].sum())
        scale = max(wanted, 0) / max(rate[:CALIBRATION_DAYS].sum(), 1e-12)
        return whole_steps(rate * scale)

    @cached_property
    def usual_orders(self) -> npt.NDArray[np.int64]:
        """Orders of each day as they would be without volume anomalies."""
        return self.first_orders_by_day.size + self.repeat_orders

    @cached_property
    def anomalies(self) -> AnomalyPlan:
        """Which day each anomaly kind strikes; training data has none."""
        return AnomalyPlan(self.scenario, self.days, active=self.dataset == "validation")

    @cached_property
    def orders(self) -> RunLengths:
        """Orders of each day as they are stored."""
        usual = self.usual_orders
        factor = self.anomalies.volume_factor(usual, self.repeat_orders > 0)
        return RunLengths(np.round(usual * factor))

    # --- one customer's journey ---------------------------------------------------------

    def cohort(self, customer: pl.Expr) -> pl.Expr:
        """The day on which a customer signs up."""
        return self.customers.find(customer)

    def journey(self, customer: pl.Expr) -> pl.Expr:
        """The run of ``journeys`` that a customer is in."""
        cohort = self.cohort(customer)
        start, size = self.customers.take("start", cohort), self.customers.take("size", cohort)
        return self.journeys.find(
            start + permute(customer - start, size, self.draw("rank"), cohort)
        )

    def customer_at(self, rank: pl.Expr) -> pl.Expr:
        """The customer at a place in the order of ``journeys``."""
        cohort = self.customers.find(rank)
        start, size = self.customers.take("start", cohort), self.customers.take("size", cohort)
        return start + unpermute(rank - start, size, self.draw("rank"), cohort)

    def with_journey(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds the journey of column ``customer``.

        That is cohort, span, lag, the seconds of the first order (``ordered``), and of the last
        session's start (``last_start``).
        """
        customer = pl.col("customer")
        runs, at = self.journeys, pl.col("__journey")
        frame = frame.with_columns(__journey=self.journey(customer)).with_columns(
            cohort=runs.take("cohort", at), span=runs.take("span", at), lag=runs.take("lag", at)
        )
        # A first order follows its session by an hour or more. On the session's own day it
        # therefore is not placed before one o'clock.
        draw = self.draw("first_order")
        same_day = self.second_of_day(draw, customer, opening=1)
        next_day = self.second_of_day(draw, customer)
        second = pl.when(pl.col("lag") == 0).then(same_day).otherwise(next_day)
        frame = frame.with_columns(__second=second).with_columns(
            ordered=(pl.col("cohort") + pl.col("span") + pl.col("lag")) * DAY + pl.col("__second")
        )
        return frame.with_columns(last_start=pl.col("ordered") - self._gap(customer))

    def _gap(self, customer: pl.Expr) -> pl.Expr:
        # Seconds between last session and first order: 1 to 24 hours, more often short, and
        # such that the session falls on the day that the journey says.
        second, same_day = pl.col("__second"), pl.col("lag") == 0
        low = pl.when(same_day).then(HOUR).otherwise(pl.max_horizontal(pl.lit(HOUR), second + 1))
        high = pl.when(same_day).then(second).otherwise(DAY)
        skewed = self.draw("gap").uniform(customer) ** 2
        return low + ((high - low) * skewed).cast(pl.Int64)

    @cached_property
    def touches(self) -> RunLengths:
        """Sessions in order of their day: blocks of customers, each block one touch of theirs.

        Columns: day, touch (0 is the first), rank (of the block's first customer; -1 for
        sessions without a customer), slot and slots (place among the touches of one day).
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
        # Place of an earlier touch among the earlier touches of its day, and how many there are.
        last = self.scenario.touches_per_customer - 1
        day = self._offset(touch, span)
        same = [t for t in range(last) if self._offset(t, span) == day]
        return (same.index(touch) if touch in same else 0, max(len(same), 1))

    def touch_start(
        self, customer: pl.Expr, touch: pl.Expr, day: pl.Expr, slot: pl.Expr, slots: pl.Expr
    ) -> pl.Expr:
        """Seconds at which a touch starts; needs the columns of ``with_journey``.

        The last touch is placed by the first order; earlier ones of a day share it evenly, and
        on the last touch's day they lie before it.
        """
        last = pl.col("last_start")
        on_last_day = day == last // DAY
        room = pl.when(on_last_day).then(last % DAY).otherwise(DAY)
        unit = self.draw("touch").uniform(touch_row(customer, touch))
        earlier = day * DAY + (room * (slot + unit) / slots).cast(pl.Int64)
        final = self.scenario.touches_per_customer - 1
        return pl.when(touch == final).then(last).otherwise(earlier)

    def touch_seconds(self, customer: pl.Expr, touch: pl.Expr) -> pl.Expr:
        """How long a session of a customer lasts, in seconds."""
        low, high = SESSION_SECONDS
        row = touch_row(customer, touch)
        return self.draw("session_seconds").integers(row, low, high + 1)

    def signed_up(self, customer: pl.Expr) -> pl.Expr:
        """Seconds of the sign-up, inside the first session; needs ``with_journey``."""
        first = pl.lit(0, dtype=pl.Int64)
        slots = [self._slot(0, span)[1] for span in self.spans]
        at = pl.lit(pl.Series(slots, dtype=pl.Int64)).gather(
            pl.lit(pl.Series(self.spans, dtype=pl.Int64)).search_sorted(pl.col("span"))
        )
        start = self.touch_start(customer, first, pl.col("cohort"), first, at)
        # A session may run past midnight; the sign-up stays on the day of its partition.
        room = pl.min_horizontal(self.touch_seconds(customer, first), DAY - start % DAY)
        unit = self.draw("signup").uniform(customer)
        return start + (room * unit).cast(pl.Int64)

    def returning_customer(self, draw: RandomStream, row: pl.Expr, day: pl.Expr) -> pl.Expr:
        """A customer who has ordered before ``day``: recent cohorts and loyal members more often.

        Undefined on days before anyone has (``repeat_orders`` is zero there).
        """
        latest = (day - self.settled).clip(0)
        mass = pl.lit(pl.Series(self.returning_mass))
        target = draw.substream("cohort").uniform(row) * mass.gather(latest)
        cohort = pl.min_horizontal(mass.search_sorted(target, side="right").cast(pl.Int64), latest)
        start, size = self.customers.take("start", cohort), self.customers.take("size", cohort)
        skewed = draw.substream("member").uniform(row) ** LOYALTY_SKEW
        return start + (size * skewed).cast(pl.Int64)


def touch_row(customer: pl.Expr, touch: pl.Expr) -> pl.Expr:
    """One number per customer and touch, to draw by."""
    return customer * 64 + touch
