"""On which days each kind of anomaly occurs, and how many rows it affects there.

The corruptions are defined beside the tables that they change; the ground truth is the table
``validation_anomalies``. Counts per day are exact, so that every planted anomaly can be found: an
affected day has at least one such row, and duplicates occur at least in pairs.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.jaffle.scenario import JaffleScenario
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
    "volume_drop",
    "volume_spike",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

# With fewer orders a change of a day's volume cannot be distinguished from random variation.
LEAST_VOLUME = 15

Counts = npt.NDArray[np.int64]


class AnomalyPlan:
    """The anomalies of ``days`` days; none if ``active`` is False."""

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

    def affected_days(self, kind: Kind) -> npt.NDArray[np.bool_]:
        """Which of the ``days`` days a kind affects.

        Args:
            kind: Kind of anomaly.
        """
        draw = RandomStream(self.scenario.seed, "jaffle", "anomaly_days", kind)
        units = np.array([draw.uniform_one(day) for day in range(self.days)])
        affected: npt.NDArray[np.bool_] = units < self.scenario.anomaly_days
        return affected & (self.rate(kind) > 0)

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
        draw = RandomStream(self.scenario.seed, "jaffle", "anomaly_rows", kind)
        count = pl.lit(pl.Series(hits)).gather(day)
        return permute(offset, rows, draw, day) < count

    def volume_factor(
        self, usual: Counts, may_spike: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float64]:
        """Ratio of stored to usual orders of each day; a drop takes precedence over a spike.

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
