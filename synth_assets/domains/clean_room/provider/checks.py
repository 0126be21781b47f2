"""What checks of the provider's tables share: counts of rows, and the tolerance of shares."""

from __future__ import annotations

import polars as pl

# Deviation from a share that is tolerated however small its standard error is.
LEAST_TOLERANCE = 0.02


def counts(frame: pl.LazyFrame, **conditions: pl.Expr) -> dict[str, int]:
    """The number of rows of a frame, as ``rows``, and of rows that satisfy each condition.

    Args:
        frame: The rows.
        conditions: Boolean expressions by name.
    """
    asked = frame.select(pl.len().alias("rows"), **{n: c.sum() for n, c in conditions.items()})
    return {name: int(value) for name, value in asked.collect().row(0, named=True).items()}
