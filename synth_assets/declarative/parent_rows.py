"""The parent's row to which a row refers: how rows are distributed over parents."""

from __future__ import annotations

import polars as pl

from synth_assets.declarative.columns import ReferenceColumn
from synth_assets.declarative.generators.cell import Cell
from synth_assets.declarative.generators.weighted import zipf_rank
from synth_assets.declarative.simulation import Simulation
from synth_assets.randomness.permutations import AffinePermutation, permute


def parent_rows(
    simulation: Simulation, table: str, spec: ReferenceColumn, cell: Cell, days: int
) -> pl.Expr:
    """A random row number of the parent, of the rows that exist at the end of a row's day.

    A row of the same table is an earlier one; in a daily table one of an earlier day, since times
    of a day are not in order of its rows.

    Args:
        simulation: The simulation.
        table: The table with the reference.
        spec: The reference.
        cell: Its column.
        days: Days since the start date that the rows are before.
    """
    row = cell.row
    parents = simulation.layout(spec.to, days)
    if spec.to == table:
        known = row if cell.day is None else parents.rows_until(cell.day - 1)
        return pl.when(known > 0).then(_among(spec, cell, pl.max_horizontal(known, pl.lit(1))))
    if parents.days is not None:
        assert cell.day is not None
        return _among(spec, cell, parents.rows_until(cell.day))
    count = pl.lit(parents.total, dtype=pl.Int64)
    if spec.unique:
        return permute(row, count, cell.stream)
    found = _among(spec, cell, count)
    if spec.distribution == "uniform":
        return found
    # The most frequent parents are not the first ones.
    return AffinePermutation(parents.total, cell.stream.substream("rank")).apply(found)


def _among(spec: ReferenceColumn, cell: Cell, count: pl.Expr) -> pl.Expr:
    if spec.distribution == "zipf":
        return zipf_rank(cell.stream.uniform(cell.row), count, spec.exponent)
    return (cell.stream.bits(cell.row) % count.cast(pl.UInt64)).cast(pl.Int64)
