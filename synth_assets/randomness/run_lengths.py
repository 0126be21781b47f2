"""Row space as consecutive runs: which day, cohort or block does row *r* belong to?

A growth curve, a list of cohorts, the blocks of a journey: each is "so many rows of this,
then so many of that". ``RunLengths`` holds the sizes and what is constant within each run, and
answers look-ups as Polars expressions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Counts = npt.NDArray[np.int64]


class RunLengths:
    """``size[i]`` rows in run ``i``, with any number of per-run Int64 columns.

    Runs of size zero are allowed and are never found.
    """

    def __init__(self, size: npt.ArrayLike, **columns: npt.ArrayLike) -> None:
        self.size: Counts = np.asarray(size, dtype=np.int64)
        self.start: Counts = np.concatenate([[0], np.cumsum(self.size)]).astype(np.int64)
        self.columns = {name: np.asarray(v, dtype=np.int64) for name, v in columns.items()}

    @property
    def total(self) -> int:
        """Rows in all runs together."""
        return int(self.start[-1])

    def find(self, row: pl.Expr) -> pl.Expr:
        """The index of the run that row ``row`` (0 to total - 1) lies in, Int64."""
        starts = pl.lit(pl.Series("start", self.start[:-1]))
        return starts.search_sorted(row.cast(pl.Int64), side="right").cast(pl.Int64) - 1

    def take(self, column: str, run: pl.Expr) -> pl.Expr:
        """``start``, ``size`` or an own column at the run with index ``run``."""
        values = {"start": self.start[:-1], "size": self.size} | self.columns
        return pl.lit(pl.Series(column, values[column])).gather(run)

    def ordered_by(self, column: str) -> RunLengths:
        """The same runs, stably sorted by one of their columns."""
        order = np.argsort(self.columns[column], kind="stable")
        return RunLengths(self.size[order], **{n: v[order] for n, v in self.columns.items()})


def whole_steps(rate: Sequence[float] | npt.NDArray[np.float64]) -> Counts:
    """Whole counts per step whose running sum never strays a full unit from the rate's.

    The count of a step depends on the steps before it alone, so a longer horizon changes
    nothing that was there.
    """
    running = np.floor(np.cumsum(np.asarray(rate, dtype=np.float64)) + 1e-9)
    return np.diff(running, prepend=0.0).astype(np.int64)


def share_of(sizes: npt.ArrayLike, share: float) -> Counts:
    """``share`` of each size as whole counts, exact over any prefix to within one."""
    running = np.floor(np.cumsum(np.asarray(sizes, dtype=np.float64)) * share + 1e-9)
    return np.diff(running, prepend=0.0).astype(np.int64)
