"""On which days each kind of anomaly occurs, and how many rows it affects there.

The corruptions are defined beside the tables that they change; the ground truth is the table
``validation_anomalies``. Counts per day are exact, so that every planted anomaly can be found: an
affected day has at least one such row, and duplicates occur at least in pairs. The days before the
start date are free of anomalies.

The days of a kind depend on the date, not on the start date, and lie at most 1.2 times their mean
distance apart: at the default share every kind occurs within any 8 days. A change of the volume
spoils the history that detectors compare with, so a drop and a spike come together, and rarely.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.jaffle.scenario import DOMAIN, JaffleScenario
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.streams import RandomStream

Kind = Literal[
    "lost_status",
    "late_order",
    "blank_name",
    "zero_payment",
    "new_category",
    "duplicate_email",
    "orphan_signup",
    "missing_signup",
    "unknown_ad",
    "endless_session",
    "volume_drop",
    "volume_spike",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

# With fewer orders a change of a day's volume cannot be distinguished from random variation.
LEAST_VOLUME = 15
# Random part of the distance between two days of a kind, against the mean distance.
STRAY = 0.2
# Days from the begin of a cycle to its drop, and from there to the spike: a lowest number, and how
# many further ones. The drop is first, since a spike hides a drop that follows within two weeks.
DROP, SPIKE = (1, 3), (2, 3)

Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class AnomalyPlan:
    """The anomalies of the first ``days`` days of the shop; none if ``active`` is False."""

    def __init__(self, scenario: JaffleScenario, days: int, *, active: bool) -> None:
        self.scenario = scenario
        self.days = days
        self.active = active

    def rate(self, kind: Kind) -> float:
        """Share of rows that a kind affects on its days; 0 if it is off.

        Args:
            kind: Kind of anomaly.
        """
        return float(getattr(self.scenario, kind)) if self.active else 0.0

    def affected_days(self, kind: Kind) -> Flags:
        """Which of the ``days`` days a kind affects.

        Args:
            kind: Kind of anomaly.
        """
        affected = np.zeros(self.days, dtype=np.bool_)
        if self.rate(kind) > 0 and self.scenario.anomaly_days > 0:
            volume = kind in ("volume_drop", "volume_spike")
            found = self._volume_days(kind) if volume else self._days_of(kind)
            affected[found[(found >= self.scenario.history_days) & (found < self.days)]] = True
        return affected

    def _days_of(self, kind: Kind) -> Counts:
        draw = RandomStream(self.scenario.seed, DOMAIN, "anomaly_days", kind)
        apart = 1 / self.scenario.anomaly_days
        # A late order is seen the day after at the earliest, so that its days are closer by one.
        stray = STRAY * apart - (kind == "late_order")
        stray = min(max(stray, 0), apart - 1)
        opened = self.scenario.start_date.toordinal() - self.scenario.history_days
        first, last = (int((opened + day) / apart) for day in (0, self.days))
        numbers = range(max(first - 2, 0), last + 2)
        phase = draw.substream("phase").uniform_one(0) * apart
        days = [int(n * apart + phase + stray * draw.uniform_one(n)) for n in numbers]
        return np.array(days, dtype=np.int64) - opened

    def _volume_days(self, kind: Kind) -> Counts:
        draw = RandomStream(self.scenario.seed, DOMAIN, "anomaly_days", "volume")
        start = self.scenario.start_date.toordinal()
        found = []
        for begin in range(0, self.days, self.scenario.volume_every):
            drop, spike = (
                low + int(more * draw.substream(name).uniform_one(start + begin))
                for name, (low, more) in (("drop", DROP), ("spike", SPIKE))
            )
            found.append(begin + (drop if kind == "volume_drop" else drop + spike))
        return np.array(found, dtype=np.int64) + self.scenario.history_days

    def hits(self, kind: Kind, rows: Counts, least: int = 1) -> Counts:
        """Number of rows that a kind affects on each day.

        Args:
            kind: Kind of anomaly.
            rows: Rows of each day.
            least: Rows affected at least; a day with fewer rows has none.
        """
        target = np.maximum(np.round(rows * self.rate(kind)), least)
        possible = self.affected_days(kind) & (rows >= least)
        return np.where(possible, np.minimum(target, rows), 0).astype(np.int64)

    def is_hit(
        self, kind: Kind, hits: Counts, day: pl.Expr, offset: pl.Expr, rows: pl.Expr
    ) -> pl.Expr:
        """Whether a kind affects a row.

        Args:
            kind: Kind of anomaly.
            hits: Number of affected rows of each day.
            day: Day of the row.
            offset: Index of the row in its day.
            rows: Rows of that day.
        """
        draw = RandomStream(self.scenario.seed, DOMAIN, "anomaly_rows", kind)
        count = pl.lit(pl.Series(hits)).gather(day)
        return permute(offset, rows, draw, day) < count

    def volume_factor(self, usual: Counts, may_spike: Flags) -> npt.NDArray[np.float64]:
        """Ratio of the orders of each day to the usual ones.

        Args:
            usual: Orders of each day without anomalies.
            may_spike: Days on which a spike is possible.
        """
        large = usual >= LEAST_VOLUME
        factor = np.ones(self.days)
        spike = self.affected_days("volume_spike") & large & may_spike
        factor[spike] = 1 + self.rate("volume_spike")
        factor[self.affected_days("volume_drop") & large] = 1 - self.rate("volume_drop")
        return factor
