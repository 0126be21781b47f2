"""The simulation's state: the declaration with the settings of a scenario, and the rows it has.

Rows are laid out here (how many, on which day, of which parent); their values are computed by
``plan``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import numpy as np

from synth_assets.core.errors import UserError
from synth_assets.declarative.columns import Column, ReferenceColumn
from synth_assets.declarative.generators import numbers_of
from synth_assets.declarative.generators.numbers import mean_of
from synth_assets.declarative.model import CalendarRows, ChildRows, Daily, DomainSpec, TableSpec
from synth_assets.declarative.row_layout import ChildLayout, RowLayout, Units
from synth_assets.declarative.times import Calendar, day_weights_of
from synth_assets.randomness.run_lengths import RunLengths, whole_steps
from synth_assets.randomness.streams import RandomStream

# A layout has at most a quarter more days than it is needed for.
SPARE = 4
# Most parents with a random number of rows; the layout has 16 bytes for each.
MOST_DRAWN = 200_000_000


class Simulation:
    """A declared domain under one scenario.

    Args:
        spec: The declaration.
        seed: Seed of every draw.
        start: First day of daily tables.
        volumes: Rows by table, of tables that count them one by one; of an ordinary day, if daily.
    """

    def __init__(
        self, spec: DomainSpec, seed: int, start: date, volumes: Mapping[str, float]
    ) -> None:
        self.spec = spec
        self.seed = seed
        self.start = start
        self.volumes = volumes
        # Whether columns may be null, by table and column; computed when it is needed.
        self.nullable: dict[tuple[str, str], bool] = {}
        self._layouts: dict[str, tuple[int, RowLayout]] = {}

    def table(self, name: str) -> TableSpec:
        """The declaration of a table.

        Args:
            name: The table's name.
        """
        return self.spec.tables[name]

    def column(self, table: str, name: str) -> Column:
        """The declaration of a column.

        Args:
            table: The table's name.
            name: The column's name.
        """
        return self.spec.tables[table].columns[name]

    def primary_key(self, table: str) -> str:
        """The first column of a table's primary key.

        Args:
            table: The table's name.
        """
        columns = self.table(table).columns
        return next(name for name, column in columns.items() if column.primary_key)

    def stream(self, *names: str) -> RandomStream:
        """A random stream of the domain.

        Args:
            *names: Names of the stream, outermost first (table, column).
        """
        return RandomStream(self.seed, self.spec.domain, *names)

    def is_daily(self, table: str) -> bool:
        """Whether a table has one partition a day.

        Args:
            table: The table's name.
        """
        return isinstance(self.table(table).partitioning, Daily)

    def layout(self, table: str, days: int) -> RowLayout:
        """The rows of a table, up to a day at least.

        Args:
            table: The table's name.
            days: Days since the start date; without effect for a table that is not daily.
        """
        # Those that count the rows go first, so that no long line of them is a deep recursion.
        for name in reversed(self._lineage(table)):
            known = self._layouts.get(name)
            if known is None or (self.is_daily(name) and known[0] < days):
                self._layouts[name] = (horizon(days), self._laid_out(name, horizon(days)))
        return self._layouts[table][1]

    def expected_rows(self, table: str) -> float:
        """About how many rows a table has, without counting them; of a daily one on a day.

        Args:
            table: The table's name.
        """
        *children, first = self._lineage(table)
        rows = float(self.volumes[first])
        for name in children:
            rows *= mean_of(self._counted(name).count)
        return rows

    def drawn_counts(self, table: str) -> float:
        """About how many parents of a table, and of its parents, have a random number of rows.

        Args:
            table: The table's name.
        """
        line = self._lineage(table)
        drawn = [b for a, b in pairwise(line) if not isinstance(self._counted(a).count, int)]
        return max(map(self.expected_rows, drawn), default=0.0)

    def _lineage(self, table: str) -> list[str]:
        """A table, its parent that counts its rows, that one's parent, and so on."""
        found = [table]
        while isinstance(rows := self.table(found[-1]).rows, ChildRows):
            reference = self.column(found[-1], rows.of)
            assert isinstance(reference, ReferenceColumn)
            found.append(reference.to)
        return found

    def _counted(self, table: str) -> ChildRows:
        rows = self.table(table).rows
        assert isinstance(rows, ChildRows)
        return rows

    def _laid_out(self, table: str, days: int) -> RowLayout:
        rows = self.table(table).rows
        if isinstance(rows, ChildRows):
            return self._children(table, rows, days)
        if not self.is_daily(table):
            return RowLayout(int(self.volumes[table]))
        calendar = rows if isinstance(rows, CalendarRows) else Calendar(growth=0.0)
        weights = day_weights_of(calendar, self.start, days)
        sizes = RunLengths(whole_steps(weights * self.volumes[table]))
        return RowLayout(sizes.total, sizes)

    def _children(self, table: str, rows: ChildRows, days: int) -> ChildLayout:
        reference = self.column(table, rows.of)
        assert isinstance(reference, ReferenceColumn)
        parents = self.layout(reference.to, days)
        if not self.is_daily(table):
            return ChildLayout(self._units(table, rows, parents.total), 0, None)
        if parents.days is not None:
            starts = parents.days.start[: days + 1]
            return ChildLayout(self._units(table, rows, int(starts[-1])), 0, starts)
        starts = np.arange(days + 1, dtype=np.int64) * parents.total
        units = self._units(table, rows, int(starts[-1]))
        return ChildLayout(units, parents.total, starts)

    def _units(self, table: str, rows: ChildRows, count: int) -> Units:
        if isinstance(rows.count, int):
            return Units(count, size=rows.count)
        if count > MOST_DRAWN:
            raise UserError(f"{table}: {uncountable(count)}")
        drawn = numbers_of(rows.count, self.stream(table, "rows"), count)
        return Units(count, runs=RunLengths(drawn))


def uncountable(parents: float) -> str:
    """The message for too many parents with a random number of rows.

    Args:
        parents: The number of parents.
    """
    return (
        f"the rows of {parents:,.0f} parents cannot be drawn: of at most {MOST_DRAWN:,}, or give "
        "the same number to all"
    )


def horizon(days: int) -> int:
    """A number of days to lay out: not less, and seldom another one, as days become more.

    Args:
        days: Days that are needed.
    """
    step = 1 << max((days // SPARE).bit_length() - 1, 0)
    return max(-(-days // step), 1) * step
