"""Which rows have a value of a column; the others are null."""

from __future__ import annotations

import polars as pl

from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.generators.cell import Cell
from synth_assets.declarative.sql import parsed


def where(condition: pl.Expr, values: pl.Expr) -> pl.Expr:
    """Values of the rows that fulfil a condition.

    Args:
        condition: The condition.
        values: The values.
    """
    return pl.when(condition).then(values)


def present(spec: ColumnBase, cell: Cell, values: pl.Expr) -> pl.Expr:
    """Values of the rows that have one by ``only_when`` and ``null_rate``.

    Args:
        spec: The declaration of the column.
        cell: The column.
        values: The values that all rows would have.
    """
    if spec.only_when is not None:
        values = where(parsed(spec.only_when).over(cell.full_name), values)
    if spec.null_rate:
        stream = cell.stream.substream("null")
        values = where(~stream.bernoulli(cell.row, spec.null_rate), values)
    return values
