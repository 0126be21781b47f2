"""The rows of a table as row numbers: their days, and the rows of each parent.

Rows are consecutive: all rows of a day, and within it all rows of a parent. So the number of rows
before a day is known, and a row's day, parent and position are lookups. A layout is computed for a
number of days; more days add rows and change none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from synth_assets.randomness.run_lengths import Counts, RunLengths


class RowLayout:
    """The rows of a table that are numbered one by one.

    Args:
        total: Number of rows, of all days together.
        days: The rows of each day; None for a table that is not daily.
    """

    def __init__(self, total: int, days: RunLengths | None = None) -> None:
        self.total = total
        self.days = days

    def rows_before(self, day: int) -> int:
        """Rows before a day of a daily table.

        Args:
            day: Days since the start date.
        """
        assert self.days is not None
        return int(self.days.start[day])

    def rows_until(self, day: pl.Expr) -> pl.Expr:
        """Rows of a daily table up to the end of a day.

        Args:
            day: Days since the start date; -1 is the day before it.
        """
        assert self.days is not None
        return pl.lit(pl.Series("rows", self.days.start)).gather(day + 1)

    def day(self, row: pl.Expr) -> pl.Expr:
        """The day of a row of a daily table; null where the row number is null.

        Args:
            row: Row numbers.
        """
        assert self.days is not None
        return pl.when(row.is_not_null()).then(self.days.locate(row))


@dataclass(frozen=True)
class Units:
    """Consecutive groups of rows: the rows of each parent, or of each day and parent.

    Attributes:
        count: Number of groups.
        size: Rows of every group, where all have the same.
        runs: The rows of each group, where they differ.
    """

    count: int
    size: int = 0
    runs: RunLengths | None = None

    def starts(self, units: Counts) -> Counts:
        """The rows before groups.

        Args:
            units: Indices of groups, up to ``count``.
        """
        return units * self.size if self.runs is None else self.runs.start[units]


class ChildLayout(RowLayout):
    """The rows of a table with so many rows for each row of a parent.

    Args:
        units: The rows of each parent; of each day and parent, where only the child is daily.
        parents: Rows of the parent, where only the child is daily; 0 otherwise.
        day_units: Units before each day, and in all; None for a table that is not daily.
    """

    def __init__(self, units: Units, parents: int, day_units: Counts | None) -> None:
        starts = units.starts(np.array([units.count]) if day_units is None else day_units)
        days = None if day_units is None else RunLengths(np.diff(starts))
        super().__init__(int(starts[-1]), days)
        self._units, self._parents = units, parents

    def unit(self, row: pl.Expr) -> pl.Expr:
        """The index of a row's group; null where the row number is null.

        Args:
            row: Row numbers.
        """
        if self._units.runs is None:
            return row // self._units.size
        return pl.when(row.is_not_null()).then(self._units.runs.locate(row))

    def parent(self, unit: pl.Expr) -> pl.Expr:
        """The parent's row number.

        Args:
            unit: Indices of groups.
        """
        return unit % self._parents if self._parents else unit

    def position(self, row: pl.Expr, unit: pl.Expr) -> pl.Expr:
        """The position of a row in its group, from 0.

        Args:
            row: Row numbers.
            unit: Their groups.
        """
        if self._units.runs is None:
            return row % self._units.size
        return row - self._units.runs.lookup("start", unit)

    def siblings(self, unit: pl.Expr) -> pl.Expr:
        """The number of rows of a group.

        Args:
            unit: Indices of groups.
        """
        if self._units.runs is None:
            return pl.lit(self._units.size, dtype=pl.Int64)
        return self._units.runs.lookup("size", unit)
