"""Primary keys of columns that are all drawn at random: whether some of their rows must be alike.

Of n rows that are drawn from m values, about n² / 2m pairs are alike. A key with a column that is
not drawn (a sequence, one without repeats, one that is computed) is left to its check.
"""

from __future__ import annotations

import math

from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.columns import ReferenceColumn
from synth_assets.declarative.generators.identifiers import parse_pattern
from synth_assets.declarative.model import ChildRows
from synth_assets.declarative.numbers import IntegersColumn, PoissonColumn, Ranged, ZipfColumn
from synth_assets.declarative.simulation import Simulation
from synth_assets.declarative.times import DAY, DateColumn, TimestampColumn, naive
from synth_assets.declarative.values import (
    BooleanColumn,
    ChoiceColumn,
    ConstantColumn,
    PatternColumn,
    VocabularyColumn,
)

# So many pairs are expected that less than one seed in a hundred has none.
MOST_PAIRS = 5


def require_distinct(simulation: Simulation, table: str, rows: int, rows_of_day: int) -> None:
    """Refuses a primary key of which rows are alike, with hardly any exception.

    Args:
        simulation: The simulation.
        table: The table's name.
        rows: Its rows, of all partitions up to one.
        rows_of_day: Those of one day.

    Raises:
        ValueError: The key has too few values.
    """
    columns = simulation.table(table).columns
    keys = [name for name, column in columns.items() if column.primary_key]
    if not keys:
        return
    drawn = {name: _drawn_from(simulation, table, name) for name in keys}
    if any(_is_of_day(columns[name]) for name in keys):
        rows = rows_of_day
    values = math.prod(drawn.values())
    if rows > values or rows * (rows - 1) / 2 >= MOST_PAIRS * values:
        named = ", ".join(keys)
        raise ValueError(
            f"rows are alike in the primary key {named}: {rows:,} are drawn from {values:,.0f} "
            "values; give them `unique: true`, or take a sequence or uuid"
        )


def _is_of_day(column: ColumnBase) -> bool:
    return isinstance(column, DateColumn | TimestampColumn) and column.start is None


def _drawn_from(simulation: Simulation, table: str, name: str) -> float:
    """From how many values a column is drawn, at most; infinite if it is not."""
    column = simulation.column(table, name)
    if isinstance(column, ReferenceColumn):
        return _parents(simulation, table, name, column)
    return math.inf if column.unique else _values(column)


def _values(column: ColumnBase) -> float:
    match column:
        case ConstantColumn():
            return 1
        case BooleanColumn():
            return 2
        case ChoiceColumn():
            return len(column.values)
        case VocabularyColumn() if column.frequencies != "real":
            return column.size
        case PatternColumn():
            return parse_pattern(column.pattern).size
        case IntegersColumn():
            return column.high - column.low + 1
        case ZipfColumn():
            return column.high
        case PoissonColumn() if column.high is not None:
            return column.high + 1
        case Ranged():
            low, high = column.rounded_bounds
            if low is None or high is None:
                return math.inf
            return (high - low) * 10.0**column.places + 1
        case DateColumn():
            if column.start is None or column.end is None:
                return 1
            return (column.end - column.start).days + 1
        case TimestampColumn() if column.spread == "random" and column.after is None:
            if column.start is None or column.end is None:
                return DAY
            return max((naive(column.end) - naive(column.start)).total_seconds(), 1)
    return math.inf


def _parents(simulation: Simulation, table: str, name: str, reference: ReferenceColumn) -> float:
    rows = simulation.table(table).rows
    counted = isinstance(rows, ChildRows) and rows.of == name
    if reference.unique or counted or reference.to == table or simulation.is_daily(reference.to):
        return math.inf
    return simulation.layout(reference.to, 0).total
