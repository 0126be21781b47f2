"""How long sessions last: log-normal lengths between one and 45 minutes."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import polars as pl

from synth_assets.randomness.streams import RandomStream

MINUTE = 60
# Shortest and longest session, in seconds (of the original shop).
SESSION_SECONDS = (MINUTE, 45 * MINUTE)
# Quantiles that lengths are drawn from.
QUANTILES = 1 << 14


def session_seconds(
    draw: RandomStream, row: pl.Expr, median_minutes: float, spread: float
) -> pl.Expr:
    """The length of a session in seconds.

    Args:
        draw: The random stream.
        row: Row number.
        median_minutes: Median of the distribution before it is limited to ``SESSION_SECONDS``.
        spread: Standard deviation of the logarithm.
    """
    lengths = pl.lit(_lengths(median_minutes, spread))
    return lengths.gather(draw.integers(row, 0, QUANTILES))


@lru_cache(maxsize=16)
def _lengths(median_minutes: float, spread: float) -> pl.Series:
    """Quantiles of the limited distribution, in ascending order."""
    normal = NormalDist(math.log(median_minutes * MINUTE), spread)
    low, high = (normal.cdf(math.log(end)) for end in SESSION_SECONDS)
    parts = low + (high - low) * (np.arange(QUANTILES) + 0.5) / QUANTILES
    seconds = [math.exp(normal.inv_cdf(part)) for part in parts.tolist()]
    return pl.Series(np.clip(np.rint(seconds), *SESSION_SECONDS).astype(np.int64))
