"""The plan of a table's columns: which expressions its rows need, and those of parents' rows.

A column that is a reference has the row number of the parent's row, and a parent's column is
evaluated at that row number by the parent's own generator: no table is read. Names of columns of a
parent's row begin with the reference and ``>``; names that begin with ``#`` are no columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from synth_assets.declarative.columns import ReferenceColumn
from synth_assets.declarative.generators import in_type, values_of
from synth_assets.declarative.generators.presence import present, where
from synth_assets.declarative.model import ChildRows
from synth_assets.declarative.parent_rows import parent_rows
from synth_assets.declarative.row_layout import ChildLayout, RowLayout
from synth_assets.declarative.simulation import Simulation
from synth_assets.declarative.steps import Steps
from synth_assets.randomness.streams import RandomStream

ROW, DAY, UNIT = "#row", "#day", "#unit"


@dataclass(frozen=True)
class Scope:
    """Rows of a table that a plan evaluates: its own rows, or those that a reference leads to.

    Attributes:
        table: The table's name.
        prefix: What the names of its columns begin with.
    """

    table: str
    prefix: str = ""


class FailingColumnError(Exception):
    """A column that cannot be computed.

    Args:
        table: The table; empty for a row number, which is no column.
        column: The column's name.
        error: Why.
    """

    def __init__(self, table: str, column: str, error: Exception) -> None:
        super().__init__(str(error))
        self.table, self.column, self.error = table, column, error


class Plan:
    """The expressions of a table's columns, for rows up to a day.

    Args:
        simulation: The simulation.
        table: The table's name.
        days: Days since the start date that the rows are before; any for other tables.
    """

    def __init__(self, simulation: Simulation, table: str, days: int) -> None:
        self.simulation = simulation
        self.days = days
        self.scope = Scope(table)
        self._steps = Steps({ROW: pl.col("row")})
        # The table and the column of each step that is one.
        self._columns: dict[str, tuple[str, str]] = {}

    def frame(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows with every planned column.

        Args:
            rows: The row numbers, column ``row``.
        """
        return self._steps.frame(rows)

    def failing(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, FailingColumnError | None]:
        """The rows with the planned columns before the first that cannot be computed, and that.

        Args:
            rows: The row numbers, column ``row``.
        """
        for name, expression in self._steps:
            try:
                rows = rows.with_columns(expression.alias(name))
            except pl.exceptions.PolarsError as error:
                return rows, FailingColumnError(*self._columns.get(name, ("", "")), error)
        return rows, None

    def add(self, names: Iterable[str]) -> Plan:
        """Plans columns of the table.

        Args:
            names: The names of the columns.
        """
        for name in names:
            self.column(self.scope, name)
        return self

    def others(self, scope: Scope, name: str, rows: Callable[[], pl.Expr]) -> Scope:
        """Other rows of the same table, one for each row of a scope.

        Args:
            scope: The scope.
            name: What the other rows are called, which is no column.
            rows: Gives their numbers.
        """
        others = Scope(scope.table, f"{scope.prefix}{name}>")
        self._steps.add(others.prefix + ROW, rows)
        return others

    def step(self, name: str, compute: Callable[[], pl.Expr]) -> pl.Expr:
        """A step that is no column of the table.

        Args:
            name: The name that it has in the frame.
            compute: Gives the expression, and adds what it uses.
        """
        return self._steps.add(name, compute)

    def layout(self, scope: Scope) -> RowLayout:
        """The layout of the rows of a scope.

        Args:
            scope: The scope.
        """
        return self.simulation.layout(scope.table, self.days)

    def column(self, scope: Scope, name: str) -> pl.Expr:
        """A column of a scope.

        Args:
            scope: The scope.
            name: The column's name.
        """
        full = scope.prefix + name
        if full in self._steps:
            return self._steps.use(full)
        self._columns[full] = (scope.table, name)
        return self._steps.add(full, lambda: self._values(scope, name))

    def row(self, scope: Scope) -> pl.Expr:
        """The row numbers of a scope, null where a reference leads to no row.

        Args:
            scope: The scope.
        """
        return self._steps.use(scope.prefix + ROW)

    def day(self, scope: Scope) -> pl.Expr | None:
        """Days since the start date; None for a table that is not daily.

        Args:
            scope: The scope.
        """
        if not self.simulation.is_daily(scope.table):
            return None
        return self._steps.add(scope.prefix + DAY, lambda: self.layout(scope).day(self.row(scope)))

    def unit(self, scope: Scope) -> pl.Expr:
        """The group of rows of one parent.

        Args:
            scope: The scope.
        """
        layout = self.children(scope)
        return self._steps.add(scope.prefix + UNIT, lambda: layout.unit(self.row(scope)))

    def children(self, scope: Scope) -> ChildLayout:
        """The layout of a table with rows for each parent.

        Args:
            scope: The scope.
        """
        layout = self.layout(scope)
        assert isinstance(layout, ChildLayout)
        return layout

    def referenced(self, scope: Scope, reference: str) -> Scope:
        """The rows to which a reference leads.

        Args:
            scope: The scope.
            reference: The name of the column with the reference.
        """
        spec = self.simulation.column(scope.table, reference)
        assert isinstance(spec, ReferenceColumn)
        parent = Scope(spec.to, f"{scope.prefix}{reference}>")
        self._steps.add(parent.prefix + ROW, lambda: self._parent_row(scope, reference, spec))
        return parent

    def cell(self, scope: Scope, name: str) -> PlannedCell:
        """What the generator of a column may use.

        Args:
            scope: The scope.
            name: The column's name.
        """
        return PlannedCell(self, scope, self.simulation.stream(scope.table, name))

    def _values(self, scope: Scope, name: str) -> pl.Expr:
        spec = self.simulation.column(scope.table, name)
        cell = self.cell(scope, name)
        if isinstance(spec, ReferenceColumn):
            parent = self.referenced(scope, name)
            key = spec.column or self.simulation.primary_key(spec.to)
            values = where(self.row(parent).is_not_null(), self.column(parent, key))
        else:
            values = present(spec, cell, values_of(spec, cell))
        return in_type(spec, values)

    def _parent_row(self, scope: Scope, name: str, spec: ReferenceColumn) -> pl.Expr:
        cell = self.cell(scope, name)
        rows = self.simulation.table(scope.table).rows
        if isinstance(rows, ChildRows) and rows.of == name:
            return self.children(scope).parent(self.unit(scope))
        drawn = parent_rows(self.simulation, scope.table, spec, cell, self.days)
        return present(spec, cell, drawn)


@dataclass(frozen=True)
class PlannedCell:
    """A column of the rows of a scope, while its values are planned.

    Attributes:
        plan: The plan.
        scope: The rows.
        stream: The random stream of the column.
    """

    plan: Plan
    scope: Scope
    stream: RandomStream

    @property
    def row(self) -> pl.Expr:
        return self.plan.row(self.scope)

    @property
    def start(self) -> date:
        return self.plan.simulation.start

    @property
    def day(self) -> pl.Expr | None:
        return self.plan.day(self.scope)

    @property
    def position(self) -> pl.Expr:
        layout = self.plan.children(self.scope)
        return layout.position(self.row, self.plan.unit(self.scope))

    @property
    def siblings(self) -> pl.Expr:
        return self.plan.children(self.scope).siblings(self.plan.unit(self.scope))

    def substream(self, *names: str) -> PlannedCell:
        return replace(self, stream=self.stream.substream(*names))

    def column(self, name: str, through: str | None = None) -> pl.Expr:
        if through is None:
            return self.plan.column(self.scope, name)
        parent = self.plan.referenced(self.scope, through)
        row = self.plan.row(parent)
        return where(row.is_not_null(), self.plan.column(parent, name))

    def full_name(self, name: str) -> str:
        self.plan.column(self.scope, name)
        return self.scope.prefix + name
