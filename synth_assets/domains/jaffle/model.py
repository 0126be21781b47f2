"""The simulation's state: the calendar of a data set, and each customer's journey through it.

Here is what several tables share about one customer, from the first session to the first order.
Counts per day are in ``calendar``. A column that only one table has is in that table's file.

A journey: a customer signs up during the first of ``touches_per_customer`` sessions, which span 0
to 5 days (0 if there is one session), and orders on the day of the last session or the day after.
Every row therefore refers only to rows of its own day or earlier, and a day can be built without
the days after it.
"""

from __future__ import annotations

import math
from datetime import datetime
from functools import lru_cache

import polars as pl

from synth_assets.domains.jaffle.hours import between_hours, second_of_day
from synth_assets.domains.jaffle.order_calendar import OrderCalendar
from synth_assets.domains.jaffle.scenario import (
    CALIBRATION_DAYS,
    LIVE_DAYS,
    Dataset,
    JaffleScenario,
)
from synth_assets.domains.jaffle.session_length import session_seconds
from synth_assets.randomness.permutations import permute, unpermute
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, HOUR, moment, since_epoch

# Exponent of the skew in repeat orders among the customers of a cohort (1: no skew).
LOYALTY_SKEW = 1.2
# Share of a cohort who are regulars.
REGULARS = 0.2
# Most seconds from a session to an order of the same day (six hours, as in the original shop).
SAME_DAY = 6 * HOUR
# Calendars are built for multiples of so many days, so that neighbouring days share one.
BLOCK = 64


def open_model(scenario: JaffleScenario, dataset: Dataset, days: int) -> Model:
    """The cached model of a data set.

    Args:
        scenario: Seed and volumes.
        dataset: ``training`` or ``validation``.
        days: Days from the start date that its calendar has at least.
    """
    days = max(scenario.history_days + max(days + 1, LIVE_DAYS), CALIBRATION_DAYS)
    blocks = math.ceil(days / BLOCK)
    return _open_model(scenario, dataset, blocks * BLOCK)


@lru_cache(maxsize=16)
def _open_model(scenario: JaffleScenario, dataset: Dataset, days: int) -> Model:
    return Model(scenario, dataset, days)


class Model(OrderCalendar):
    """One data set: its calendar, and expressions for each customer's journey.

    Expressions take and return Int64: row numbers from 0, days since the shop went online, and
    seconds since the midnight of that day.
    """

    @property
    def id_base(self) -> int:
        """The offset from row numbers to ids: validation ids start at 1,000,001."""
        return 1 if self.dataset == "training" else 1_000_001

    def timestamp(self, second: pl.Expr) -> pl.Expr:
        """A timestamp (UTC).

        Args:
            second: Seconds since the midnight at which the shop went online.
        """
        midnight = datetime.combine(self.date_of(0), datetime.min.time())
        return moment(second + since_epoch(midnight))

    def cohort(self, customer: pl.Expr) -> pl.Expr:
        """The day on which a customer signs up.

        Args:
            customer: Row number of the customer.
        """
        return self.customers.locate(customer)

    def journey(self, customer: pl.Expr) -> pl.Expr:
        """The run of ``journeys`` that contains a customer.

        Args:
            customer: Row number of the customer.

        Returns:
            Index of the run.
        """
        cohort = self.cohort(customer)
        start, size = self.customers.lookup("start", cohort), self.customers.lookup("size", cohort)
        return self.journeys.locate(
            start + permute(customer - start, size, self.stream("rank"), cohort)
        )

    def customer_at(self, rank: pl.Expr) -> pl.Expr:
        """The customer with a rank, which inverts the shuffle of ``journey``.

        Args:
            rank: Position in the order of ``journeys``.

        Returns:
            Row number of the customer.
        """
        cohort = self.customers.locate(rank)
        start, size = self.customers.lookup("start", cohort), self.customers.lookup("size", cohort)
        return start + unpermute(rank - start, size, self.stream("rank"), cohort)

    def with_journey(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Adds the journey of each row's customer.

        Args:
            frame: Rows with column ``customer`` (row number).

        Returns:
            The rows with cohort, span, lag, ``ordered`` (seconds of the first order) and
            ``last_start`` (seconds at which the last session starts).
        """
        customer = pl.col("customer")
        runs, at = self.journeys, pl.col("__journey")
        frame = frame.with_columns(__journey=self.journey(customer)).with_columns(
            cohort=runs.lookup("cohort", at),
            span=runs.lookup("span", at),
            lag=runs.lookup("lag", at),
        )
        frame = frame.with_columns(__second=self.first_order_second(customer, pl.col("lag")))
        frame = frame.with_columns(
            ordered=(pl.col("cohort") + pl.col("span") + pl.col("lag")) * DAY + pl.col("__second")
        )
        return frame.with_columns(last_start=pl.col("ordered") - self._gap(customer))

    def first_order_second(self, customer: pl.Expr, lag: pl.Expr) -> pl.Expr:
        """The second of the day of a first order.

        Args:
            customer: Row number of the customer.
            lag: Days from the last session, 0 or 1.
        """
        # An order follows its session by an hour or more, so on the day of the session it is never
        # before one o'clock.
        draw = self.stream("first_order")
        same_day = second_of_day(draw, customer, opening=1)
        return pl.when(lag == 0).then(same_day).otherwise(second_of_day(draw, customer))

    def _gap(self, customer: pl.Expr) -> pl.Expr:
        # Seconds from the last session to the first order: up to six hours on the same day, up to
        # 24 from the day before, at least one. The session is at a time of its day's hours.
        second, unit = pl.col("__second"), self.stream("gap").uniform(customer)
        same_day = pl.col("lag") == 0
        earliest = pl.when(same_day).then((second - SAME_DAY).clip(0)).otherwise(second)
        evening = pl.min_horizontal(pl.lit(DAY - 1), DAY + second - HOUR)
        latest = pl.when(same_day).then(second - HOUR).otherwise(evening)
        return pl.col("lag") * DAY + second - between_hours(earliest, latest, unit)

    def touch_start(
        self, customer: pl.Expr, touch: pl.Expr, day: pl.Expr, slot: pl.Expr, slots: pl.Expr
    ) -> pl.Expr:
        """Seconds at which a touch starts; needs the columns of ``with_journey``.

        The time of the last touch follows from the first order. Earlier touches divide their day
        evenly; on the day of the last touch they are before it.

        Args:
            customer: Row number of the customer.
            touch: Number of the touch, from 0.
            day: Day of the touch.
            slot: Index among the journey's touches of that day.
            slots: Number of these touches.
        """
        last = pl.col("last_start")
        on_last_day = day == last // DAY
        available = pl.when(on_last_day).then(last % DAY).otherwise(DAY)
        unit = self.stream("touch").uniform(touch_row(customer, touch))
        earlier = day * DAY + (available * (slot + unit) / slots).cast(pl.Int64)
        final = self.scenario.touches_per_customer - 1
        return pl.when(touch == final).then(last).otherwise(earlier)

    def touch_seconds(self, customer: pl.Expr, touch: pl.Expr) -> pl.Expr:
        """Length of a customer's session in seconds.

        Args:
            customer: Row number of the customer.
            touch: Number of the touch, from 0.
        """
        draw, of = self.stream("session_seconds"), self.scenario
        row = touch_row(customer, touch)
        return session_seconds(draw, row, of.session_minutes, of.session_spread)

    def signed_up(self, customer: pl.Expr) -> pl.Expr:
        """Seconds of the sign-up, within the first session; needs ``with_journey``.

        Args:
            customer: Row number of the customer.
        """
        first = pl.lit(0, dtype=pl.Int64)
        slots = [self._slot(0, span)[1] for span in self.spans]
        at = pl.lit(pl.Series(slots, dtype=pl.Int64)).gather(
            pl.lit(pl.Series(self.spans, dtype=pl.Int64)).search_sorted(pl.col("span"))
        )
        start = self.touch_start(customer, first, pl.col("cohort"), first, at)
        # A session may run past midnight; the sign-up stays on the day of its partition.
        length = pl.min_horizontal(self.touch_seconds(customer, first), DAY - start % DAY)
        unit = self.stream("signup").uniform(customer)
        return start + (length * unit).cast(pl.Int64)

    def returning_customer(self, draw: RandomStream, row: pl.Expr, day: pl.Expr) -> pl.Expr:
        """A customer who has ordered before; recent cohorts and loyal members are more likely.

        Args:
            draw: The random stream.
            row: Row number of the order.
            day: Day of the order; the result is undefined where ``repeat_orders`` is zero.

        Returns:
            Row number of the customer.
        """
        latest = (day - self.settling_days).clip(0)
        mass, start = (
            pl.lit(pl.Series(values)) for values in (self.returning_mass, self.customers.start[1:])
        )
        regular = draw.substream("regular").bernoulli(row, self.scenario.regular_share)
        unit = draw.substream("cohort").uniform(row)
        recent = mass.search_sorted(unit * mass.gather(latest), side="right").cast(pl.Int64)
        any_age = self.customers.locate((unit * start.gather(latest)).cast(pl.Int64))
        cohort = pl.when(regular).then(any_age).otherwise(pl.min_horizontal(recent, latest))
        first, size = self.customers.lookup("start", cohort), self.customers.lookup("size", cohort)
        unit = draw.substream("member").uniform(row)
        among = pl.when(regular).then(pl.max_horizontal(size * REGULARS, 1) * unit)
        return first + among.otherwise(size * unit**LOYALTY_SKEW).cast(pl.Int64)


def touch_row(customer: pl.Expr, touch: pl.Expr) -> pl.Expr:
    """A distinct number for each customer and touch, for use in random streams.

    Args:
        customer: Row number of the customer.
        touch: Number of the touch, from 0 to 63.
    """
    return customer * 64 + touch
