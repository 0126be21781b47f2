"""Positions in a list by weights of any number, and Zipf's law over numbers that differ by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.randomness.elementwise import elementwise

Floats = npt.NDArray[np.float64]


def weighted_position(unit: pl.Expr, weights: Callable[[], Sequence[float] | Floats]) -> pl.Expr:
    """The position (Int64) in weights, each with its probability.

    Args:
        unit: Random numbers in [0, 1).
        weights: Returns the relative weights; called when values are computed.
    """

    @cache
    def thresholds() -> Floats:
        running = np.cumsum(np.asarray(weights(), dtype=np.float64))
        ends: Floats = running[:-1] / running[-1]
        return ends

    def located(columns: Sequence[pl.Series]) -> pl.Series:
        return elementwise(
            columns[0], lambda units: np.searchsorted(thresholds(), units, "right").astype(np.int64)
        )

    return pl.map_batches([unit], located, pl.Int64, is_elementwise=True)


def words_at(position: pl.Expr, words: Callable[[], pl.Series]) -> pl.Expr:
    """The word at each position of a series.

    Args:
        position: Positions, null for no word.
        words: Returns the texts; called when values are computed.
    """

    def gathered(columns: Sequence[pl.Series]) -> pl.Series:
        return words().gather(columns[0])

    return pl.map_batches([position], gathered, pl.String, is_elementwise=True)


def zipf_weights(count: int, exponent: float) -> Floats:
    """Weights of Zipf's law.

    Args:
        count: Number of ranks.
        exponent: The exponent.
    """
    weights: Floats = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    return weights


def zipf_rank(unit: pl.Expr, count: pl.Expr, exponent: float) -> pl.Expr:
    """A rank (Int64) from 0 to ``count - 1`` by a continuous form of Zipf's law.

    The probability of rank ``k`` is that of the interval from ``k + 1`` to ``k + 2`` under a
    density that falls with the exponent, so that the number of ranks may differ from row to row.

    Args:
        unit: Random numbers in [0, 1).
        count: Number of ranks, Int64, may differ from row to row.
        exponent: The exponent.
    """
    ends = (count + 1).cast(pl.Float64)
    if math.isclose(exponent, 1.0):
        value = (unit * ends.log()).exp()
    else:
        power = 1.0 - exponent
        value = (1.0 + unit * (ends.pow(power) - 1.0)).pow(1.0 / power)
    return (value.floor().cast(pl.Int64) - 1).clip(0, count - 1)
