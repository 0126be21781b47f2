"""How the values of each kind of column are computed, as Polars expressions over row numbers.

``values_of`` is the entry point. ``cell`` says what a generator may use. References are in
``plan``, since they lead to the rows of another table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from synth_assets.declarative import columns, values
from synth_assets.declarative import numbers as number_columns
from synth_assets.declarative import times as time_columns
from synth_assets.declarative.base import ColumnBase, text_of
from synth_assets.declarative.cases import is_case
from synth_assets.declarative.generators import identifiers, numbers, related, times, words
from synth_assets.declarative.generators.cell import Cell
from synth_assets.declarative.overflow import finite
from synth_assets.declarative.sql_values import assigned
from synth_assets.declarative.types import type_of
from synth_assets.randomness.run_lengths import Counts
from synth_assets.randomness.streams import RandomStream

GENERATORS: dict[type[ColumnBase], Callable[[Any, Cell], pl.Expr]] = {
    values.SequenceColumn: identifiers.sequence,
    values.UuidColumn: identifiers.uuid,
    values.PositionColumn: identifiers.position,
    values.PatternColumn: identifiers.pattern,
    values.ConstantColumn: words.constant,
    values.ChoiceColumn: words.choice,
    values.BooleanColumn: words.boolean,
    values.VocabularyColumn: words.words,
    number_columns.IntegersColumn: numbers.integers,
    number_columns.UniformColumn: numbers.uniform,
    number_columns.NormalColumn: numbers.normal,
    number_columns.LognormalColumn: numbers.lognormal,
    number_columns.ExponentialColumn: numbers.exponential,
    number_columns.ParetoColumn: numbers.pareto,
    number_columns.ZipfColumn: numbers.zipf,
    number_columns.PoissonColumn: numbers.poisson,
    time_columns.DateColumn: times.dates,
    time_columns.TimestampColumn: times.timestamps,
    time_columns.LaterColumn: times.later,
    columns.ExpressionColumn: related.expression,
    columns.CopyColumn: related.copy,
}


def values_of(spec: ColumnBase, cell: Cell) -> pl.Expr:
    """The values of a column, before null values.

    Args:
        spec: The declaration of the column.
        cell: The column of the rows.
    """
    if isinstance(spec, columns.SwitchColumn):
        return _switched(spec, cell)
    return GENERATORS[type(spec)](spec, cell)


def in_type(spec: ColumnBase, values: pl.Expr) -> pl.Expr:
    """Values in the type that a column declares; as they are without one.

    Args:
        spec: The declaration of the column.
        values: Its values.
    """
    if spec.type is None:
        return values
    computed = isinstance(spec, columns.ExpressionColumn | columns.CopyColumn)
    dtype = type_of(spec.type)
    made = assigned(values, dtype) if computed else values.cast(dtype)
    # A cast to single precision makes a number infinite that is too large.
    return finite(made) if spec.type == "real" else made


def _switched(spec: columns.SwitchColumn, cell: Cell) -> pl.Expr:
    on = cell.column(spec.on)
    other, word = spec.otherwise, spec.type
    chosen = None if other is None else _case(other, word, cell, "otherwise")
    for value, case in reversed(spec.cases.items()):
        made = _case(case, word, cell, text_of(value))
        chosen = pl.when(is_case(value, on)).then(made).otherwise(chosen)
    assert chosen is not None
    return chosen


def _case(spec: ColumnBase, word: str | None, cell: Cell, name: str) -> pl.Expr:
    # A value without a type of its own is read as one of the column's.
    typed = spec if spec.type else spec.model_copy(update={"type": word})
    return in_type(typed, values_of(typed, cell.substream(name)))


class _Counter:
    """The cell of counts, which depend on nothing but a row number."""

    row = pl.col("row")

    def __init__(self, stream: RandomStream) -> None:
        self.stream = stream


def numbers_of(spec: ColumnBase, stream: RandomStream, count: int) -> Counts:
    """The first numbers of a generator.

    Args:
        spec: A generator of whole numbers that uses nothing but a row number.
        stream: The random stream.
        count: How many.
    """
    cell: Any = _Counter(stream)
    rows = pl.LazyFrame().select(row=pl.int_range(count, dtype=pl.Int64))
    drawn = rows.select(values_of(spec, cell).cast(pl.Int64)).collect().to_series()
    found: Counts = drawn.to_numpy()
    return found
