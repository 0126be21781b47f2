"""The row whose value a repeated row has: the last one before it that is not repeated.

Whether a row is repeated depends on its number alone, so that any part of a table finds the same
row. No run crosses a multiple of ``BLOCK``, so that nothing before it must be looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import polars as pl

# A row whose number is a multiple of it is not repeated.
BLOCK = 1000


def origin(row: pl.Expr, repeated: pl.Expr) -> pl.Expr:
    """The number (Int64) of the row whose value a row has: its own if it is not repeated.

    Args:
        row: Row numbers.
        repeated: Whether a row is repeated, an expression over the column ``row`` alone.
    """
    return pl.map_batches([row], partial(_origins, repeated), pl.Int64, is_elementwise=True)


def _origins(repeated: pl.Expr, columns: Sequence[pl.Series]) -> pl.Series:
    rows = columns[0].to_numpy()
    blocks, block = np.unique(rows // BLOCK, return_inverse=True)
    numbers = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    # A table has no days of rows that it does not have.
    known = pl.DataFrame({"row": np.minimum(numbers, rows.max(initial=0))})
    own = ~known.select(repeated).to_series().to_numpy() | (numbers % BLOCK == 0)
    found = np.maximum.accumulate(np.where(own, numbers, 0))
    return pl.Series(columns[0].name, found[block * BLOCK + rows % BLOCK], dtype=pl.Int64)
