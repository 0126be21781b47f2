"""Orders of each day, in closed form: first and repeat orders, by date and by arrival.

Rows are numbered by arrival, so that a late order keeps its date and has the number of the day on
which it arrives.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from synth_assets.domains.jaffle.anomalies import AnomalyPlan
from synth_assets.domains.jaffle.calendar import Calendar, Floats
from synth_assets.randomness.run_lengths import Counts, RunLengths, whole_steps

# Days by which a late order is late at most.
LATEST_DAYS = 3


class OrderCalendar(Calendar):
    """A calendar with the orders of each day."""

    @cached_property
    def first_orders(self) -> RunLengths:
        """Customers by day of their first order, in runs of consecutive ranks.

        Columns: day, lag and rank (of the run's first customer, see ``journeys``).
        """
        runs = self.journeys
        day = runs.columns["cohort"] + runs.columns["span"] + runs.columns["lag"]
        kept = day < self.days
        columns = {"day": day, "lag": runs.columns["lag"], "rank": runs.start[:-1]}
        blocks = RunLengths(runs.size[kept], **{name: c[kept] for name, c in columns.items()})
        return blocks.ordered_by("day")

    @cached_property
    def first_orders_by_day(self) -> RunLengths:
        """First orders of each day."""
        runs = self.first_orders
        return RunLengths(np.bincount(runs.columns["day"], runs.size, self.days).astype(np.int64))

    @cached_property
    def returning_mass(self) -> Floats:
        """Cumulative weight of repeat orders, by cohort."""
        half_life = self.scenario.order_half_life
        weight = self.customers.size.astype(np.float64)
        if self.founders:
            # The regulars of the first day weigh as much as all earlier cohorts would.
            usual = self.signup_rate[self.window].mean()
            weight[0] += usual * half_life / math.log(2) - self.founders
        weight *= np.round(2.0 ** (np.arange(self.days) / half_life), 9)
        return np.asarray(np.cumsum(weight), dtype=np.float64)

    @property
    def settling_days(self) -> int:
        """Days from sign-up until every customer of a cohort has placed the first order."""
        return max(self.spans) + 2

    @cached_property
    def repeat_orders(self) -> Counts:
        """Orders of each day by customers who have ordered before, without anomalies.

        They make up a day's orders with the first orders, so that the sum is steady.
        """
        first = self.first_orders_by_day.size
        total = self.activity("orders")
        total = total * self.scenario.orders(self.dataset) / total[self.window].sum()
        rate = np.clip(total - first, 0, None)
        rate[: self.settling_days] = 0
        target = self.scenario.orders(self.dataset) - int(first[self.window].sum())
        return whole_steps(rate * max(target, 0) / max(rate[self.window].sum(), 1e-12))

    @cached_property
    def usual_orders(self) -> Counts:
        """Orders of each day without volume anomalies."""
        return self.first_orders_by_day.size + self.repeat_orders

    @cached_property
    def anomalies(self) -> AnomalyPlan:
        """Days and rows of each anomaly kind; training data has none."""
        return AnomalyPlan(self.scenario, self.days, active=self.dataset == "validation")

    @cached_property
    def placed(self) -> RunLengths:
        """Orders by the day of their date, with volume anomalies."""
        usual = self.usual_orders
        factor = self.anomalies.volume_factor(usual, self.repeat_orders > 0)
        return RunLengths(np.round(usual * factor))

    @cached_property
    def arrivals(self) -> RunLengths:
        """Orders by the day on which they arrive, in runs of one date.

        Columns: arrival, day (of the date) and offset (of the first order among those of its date).
        """
        return self._arriving(self.placed.size)

    def _arriving(self, placed: Counts) -> RunLengths:
        days, late = np.arange(self.days), self.anomalies.hits("late_order", placed)
        bounds = [placed - late + late * delay // LATEST_DAYS for delay in range(LATEST_DAYS + 1)]
        first = [np.zeros_like(placed), *bounds[:-1]]
        size = np.concatenate([bound - start for start, bound in zip(first, bounds, strict=True)])
        arrival = np.concatenate([days + delay for delay in range(LATEST_DAYS + 1)])
        kept = (arrival < self.days) & ((size > 0) | (arrival == np.tile(days, LATEST_DAYS + 1)))
        day, offset = np.tile(days, LATEST_DAYS + 1), np.concatenate(first)
        runs = RunLengths(size[kept], arrival=arrival[kept], day=day[kept], offset=offset[kept])
        return runs.ordered_by("arrival")

    @cached_property
    def orders(self) -> RunLengths:
        """Orders by the day on which they arrive."""
        return self._by_arrival(self.arrivals)

    @cached_property
    def expected_orders(self) -> Counts:
        """Orders that would arrive on each day without volume anomalies."""
        return self._by_arrival(self._arriving(self.usual_orders)).size

    def _by_arrival(self, runs: RunLengths) -> RunLengths:
        return RunLengths(np.bincount(runs.columns["arrival"], runs.size, self.days))
