"""Ages that fit how long a user has been registered: nobody registered before the youngest age.

In the public data set ages are uniform and independent of the registration, so that some users of
12 had an account at 6. Here ages are uniform among those that are possible after the years since
the registration: whoever registers is of any age, and few of all users are as young as allowed.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_table

# Seconds of a year.
YEAR = 31_557_600


class Ages:
    """Ages by the years since the registration.

    Args:
        youngest: The least age at registration.
        oldest: The highest age.
        years: Shares of 0, 1, 2, … whole years since the registration.
    """

    def __init__(self, youngest: int, oldest: int, years: tuple[float, ...]) -> None:
        self.youngest, self.oldest = youngest, oldest
        ages = oldest - youngest + 1
        row, column = np.indices((len(years), ages))
        # In a shop older than its oldest users the years beyond have the oldest age.
        possible = (column >= np.minimum(row, ages - 1)).astype(np.float64)
        shares = possible / possible.sum(axis=1, keepdims=True)
        # The share of each age among all users.
        self.shares = np.asarray(years) @ shares / sum(years)
        self._longest = len(years) - 1
        tables = [categorical_table(tuple(row)) for row in shares]
        self._position = pl.Series(np.concatenate(tables).astype(np.uint8))

    def age(self, draw: RandomStream, row: pl.Expr, years: pl.Expr) -> pl.Expr:
        """A random age.

        Args:
            draw: The random stream.
            row: The row's number.
            years: Whole years since the registration.
        """
        lane = (draw.bits(row) % u64(LANE_VALUES)).cast(pl.Int64)
        known = pl.min_horizontal(years, pl.lit(self._longest))
        return self.youngest + gather(self._position, known * LANE_VALUES + lane).cast(pl.Int64)
