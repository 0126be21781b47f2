"""Values that depend on other columns: expressions, copies, and generators chosen by a column."""

from __future__ import annotations

import polars as pl

from synth_assets.declarative.columns import CopyColumn, ExpressionColumn
from synth_assets.declarative.generators.cell import Cell
from synth_assets.declarative.overflow import checked


def expression(spec: ExpressionColumn, cell: Cell) -> pl.Expr:
    """An SQL expression over other columns of the row."""
    return checked(spec.sql, cell.full_name)


def copy(spec: CopyColumn, cell: Cell) -> pl.Expr:
    """The value of the referenced row."""
    return cell.column(spec.column, spec.through)
