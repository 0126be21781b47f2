"""Row numbers as consecutive runs: the day, cohort or block to which a row belongs.

A growth curve, a list of cohorts and the blocks of a journey are all run-length encoded: so many
rows of one value, then so many of the next. ``RunLengths`` has the sizes and the values that are
constant within each run, and returns lookups as Polars expressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

Counts = npt.NDArray[np.int64]
# Ranges of rows with a known first run: most rows are in a range's first run if there are several
# times as many ranges as runs. Their number is limited so that they fit into the cache of a core.
RANGES_PER_RUN, MOST_RANGES = 8, 65_536
# Rows located at a time: they stay in the cache of a core.
BLOCK = 8_192


class RunLengths:
    """A run-length index. Runs without rows are allowed, and no row is located in them.

    Args:
        size: Rows in each run.
        **columns: Values of each run, Int64.
    """

    def __init__(self, size: npt.ArrayLike, **columns: npt.ArrayLike) -> None:
        self.size: Counts = np.asarray(size, dtype=np.int64)
        self.start: Counts = np.concatenate([[0], np.cumsum(self.size)]).astype(np.int64)
        self.columns = {name: np.asarray(v, dtype=np.int64) for name, v in columns.items()}

    @property
    def total(self) -> int:
        """Rows in all runs together."""
        return int(self.start[-1])

    def locate(self, row: pl.Expr) -> pl.Expr:
        """The index (Int64) of the run that contains a row.

        Args:
            row: Row numbers, 0 to ``total - 1``.
        """
        return pl.map_batches([row], self._located, pl.Int64, is_elementwise=True)

    def _located(self, columns: Sequence[pl.Series]) -> pl.Series:
        row = columns[0].cast(pl.Int64).fill_null(-1).to_numpy()
        run = np.empty_like(row)
        for start in range(0, len(row), BLOCK):
            block = slice(start, start + BLOCK)
            self._locate(row[block], run[block])
        return pl.Series(columns[0].name, run)

    def _locate(self, row: Counts, run: Counts) -> None:
        """Writes the runs of rows: the first run of their range, a binary search for the rest."""
        bits, first = self._guide
        first.take(row >> bits, out=run, mode="clip")
        found = (row >= self.start.take(run)) & (row < self.start.take(run + 1))
        left = np.flatnonzero(~found)
        run[left] = np.searchsorted(self.start[:-1], row[left], side="right") - 1

    @cached_property
    def _guide(self) -> tuple[int, Counts]:
        """Bits of a row's position in its range of rows, and the run of each range's first row."""
        ranges = min(MOST_RANGES, max(RANGES_PER_RUN * len(self.size), 1))
        bits = max(self.total // ranges, 1).bit_length()
        firsts = np.arange(0, max(self.total, 1), 1 << bits)
        return bits, np.searchsorted(self.start[:-1], firsts, side="right") - 1

    def lookup(self, column: str, run: pl.Expr) -> pl.Expr:
        """A value of each run: its first row, its size, or one of its columns.

        Args:
            column: ``start``, ``size`` or the name of a column.
            run: Index of the run.
        """
        values = {"start": self.start[:-1], "size": self.size} | self.columns
        return pl.lit(pl.Series(column, values[column])).gather(run)

    def ordered_by(self, column: str) -> RunLengths:
        """The same runs, stably sorted by one of their columns.

        Args:
            column: Name of the column.
        """
        order = np.argsort(self.columns[column], kind="stable")
        return RunLengths(self.size[order], **{n: v[order] for n, v in self.columns.items()})


def whole_steps(rate: Sequence[float] | npt.NDArray[np.float64]) -> Counts:
    """Whole counts with a running sum that differs by less than one from that of the rates.

    A count depends only on the rates up to its own, so appended rates change no earlier count.

    Args:
        rate: Expected count of each step (a day), in order.
    """
    running = np.floor(np.cumsum(np.asarray(rate, dtype=np.float64)) + 1e-9)
    return np.diff(running, prepend=0.0).astype(np.int64)


def share_of(sizes: npt.ArrayLike, share: float) -> Counts:
    """A share of each size as whole counts, exact to within one over any prefix.

    Args:
        sizes: Size of each group, in order.
        share: 0 to 1.
    """
    running = np.floor(np.cumsum(np.asarray(sizes, dtype=np.float64)) * share + 1e-9)
    return np.diff(running, prepend=0.0).astype(np.int64)
