"""Times of day: the hours at which the shop is visited and orders are placed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import HOUR

# Orders and sessions by hour of the day, 0 to 23 (weights of the original shop).
HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 2, 1, 1, 1)


def second_of_day(draw: RandomStream, row: pl.Expr, opening: int = 0) -> pl.Expr:
    """A random second of the day, by the weights of the hours.

    Args:
        draw: The random stream.
        row: Row number.
        opening: Hour before which nothing happens.
    """
    hour = draw.substream("hour").categorical(row, HOUR_WEIGHTS[opening:]).cast(pl.Int64) + opening
    return hour * HOUR + draw.substream("second").integers(row, 0, HOUR)


def between_hours(low: pl.Expr, high: pl.Expr, unit: pl.Expr) -> pl.Expr:
    """A second of the day between two others, by the weights of the hours.

    Args:
        low: Earliest second.
        high: Latest second.
        unit: A random number in [0, 1).
    """
    ends = np.arange(25) * HOUR
    passed = np.concatenate([[0], np.cumsum(HOUR_WEIGHTS)]).astype(np.float64)

    def pick(columns: Sequence[pl.Series]) -> pl.Series:
        first, last, units = (c.fill_null(0).to_numpy().astype(np.float64) for c in columns)
        lowest, highest = (np.interp(bound, ends, passed) for bound in (first, last))
        found = np.interp(lowest + units * (highest - lowest), passed, ends)
        # Rounding must not lead out of the bounds.
        return pl.Series(np.clip(found, first, last).astype(np.int64))

    return pl.map_batches([low, high, unit], pick, return_dtype=pl.Int64, is_elementwise=True)
