"""Which day each kind of anomaly strikes, and how many rows it hits there.

The corruptions themselves stand beside the tables they hit; the list of all of them is the
table in ``ledger``. Counts per day are exact, so that every planted anomaly can be found: a
struck day has at least one hit, and duplicates come at least in pairs.
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

# A day with fewer orders is too small for its volume to be told from chance.
LEAST_VOLUME = 15

Counts = npt.NDArray[np.int64]


class AnomalyPlan:
    """The anomalies of ``days`` days; with ``active`` False there are none."""

    def __init__(self, scenario: JaffleScenario, days: int, *, active: bool) -> None:
        self.scenario = scenario
        self.days = days
        self.active = active

    def rate(self, kind: Kind) -> float:
        """Share of a struck day's rows that a kind hits."""
        return float(getattr(self.scenario, kind)) if self.active else 0.0

    def strikes(self, kind: Kind) -> npt.NDArray[np.bool_]:
        """The days that a kind strikes."""
        draw = RandomStream(self.scenario.seed, "jaffle", "anomaly_days", kind)
        units = np.array([draw.uniform_one(day) for day in range(self.days)])
        struck: npt.NDArray[np.bool_] = units < self.scenario.anomaly_days
        return struck & (self.rate(kind) > 0)

    def hits(self, kind: Kind, rows: Counts, least: int = 1) -> Counts:
        """Rows hit on each day, of its ``rows``; none where there are fewer than ``least``."""
        wanted = np.maximum(np.round(rows * self.rate(kind)), least)
        able = self.strikes(kind) & (rows >= least)
        return np.where(able, np.minimum(wanted, rows), 0).astype(np.int64)

    def is_hit(
        self, kind: Kind, hits: Counts, day: pl.Expr, offset: pl.Expr, rows: pl.Expr
    ) -> pl.Expr:
        """Whether the row at ``offset`` of its day's ``rows`` is one of the day's ``hits``."""
        draw = RandomStream(self.scenario.seed, "jaffle", "anomaly_rows", kind)
        count = pl.lit(pl.Series(hits)).gather(day)
        return permute(offset, rows, draw, day) < count

    def volume_factor(
        self, usual: Counts, may_spike: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float64]:
        """Stored over usual orders of each day; a day that both kinds strike drops."""
        large = usual >= LEAST_VOLUME
        factor = np.ones(self.days)
        spike = self.strikes("volume_spike") & large & may_spike
        factor[spike] = 1 + self.rate("volume_spike")
        factor[self.strikes("volume_drop") & large] = 1 - self.rate("volume_drop")
        return factor
