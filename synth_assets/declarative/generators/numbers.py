"""Numbers by their distributions: quantiles of a uniform number, rounded.

The quantile function of a distribution that is truncated to ``low`` and ``high`` is evaluated
between the two probabilities. A tail that is far from the mean has probabilities near 0 or 1, which
doubles do not tell apart; so logarithms of the probabilities of the lower tail are computed, and an
upper tail is mirrored. Rounding hides the last bits, in which machines may differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy import special

from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.generators.cell import Cell
from synth_assets.declarative.generators.weighted import weighted_position, zipf_weights
from synth_assets.declarative.numbers import (
    ExponentialColumn,
    IntegersColumn,
    LognormalColumn,
    NormalColumn,
    ParetoColumn,
    PoissonColumn,
    Ranged,
    UniformColumn,
    ZipfColumn,
)
from synth_assets.declarative.overflow import finite
from synth_assets.declarative.values import ChoiceColumn
from synth_assets.randomness.permutations import permute

# Half of the distance between two random numbers, so that none is 0 or 1.
HALF = 2.0**-54
# Standard deviations from the mean to the largest count of a Poisson distribution without a limit.
DEVIATIONS = 10


def integers(spec: IntegersColumn, cell: Cell) -> pl.Expr:
    """Whole numbers, each equally often; without repeats if they are unique."""
    if spec.unique:
        size = pl.lit(spec.high - spec.low + 1, dtype=pl.Int64)
        return permute(cell.row, size, cell.stream) + spec.low
    return cell.stream.integers(cell.row, spec.low, spec.high + 1)


def uniform(spec: UniformColumn, cell: Cell) -> pl.Expr:
    """Numbers of a range, each equally often."""
    return _rounded(spec, cell.stream.uniform(cell.row, spec.low, spec.high))


def normal(spec: NormalColumn, cell: Cell) -> pl.Expr:
    """Normally distributed numbers."""
    low, high = _bounds(spec)
    drawn = _normal(cell, (low - spec.mean) / spec.sd, (high - spec.mean) / spec.sd)
    return _rounded(spec, spec.mean + spec.sd * drawn)


def lognormal(spec: LognormalColumn, cell: Cell) -> pl.Expr:
    """Log-normal numbers."""
    mean = math.log(spec.median)
    low, high = ((_log(bound) - mean) / spec.sigma for bound in _bounds(spec))
    return _rounded(spec, (mean + spec.sigma * _normal(cell, low, high)).exp())


def exponential(spec: ExponentialColumn, cell: Cell) -> pl.Expr:
    """Exponentially distributed numbers."""
    low, high = (max(bound, 0.0) for bound in _bounds(spec))
    # The distribution has no memory: above ``low`` it is that of waiting times from there on.
    most = -math.expm1((low - high) / spec.mean)
    return _rounded(spec, low - spec.mean * (-most * cell.stream.uniform(cell.row)).log1p())


def pareto(spec: ParetoColumn, cell: Cell) -> pl.Expr:
    """Pareto numbers."""
    most = 1.0 if spec.high is None else 1 - (spec.low / spec.high) ** spec.alpha
    unit = cell.stream.uniform(cell.row)
    return _rounded(spec, spec.low * (1 - unit * most).pow(-1 / spec.alpha))


def zipf(spec: ZipfColumn, cell: Cell) -> pl.Expr:
    """Whole numbers by Zipf's law."""
    unit = cell.stream.uniform(cell.row)
    return weighted_position(unit, lambda: zipf_weights(spec.high, spec.exponent)) + 1


def poisson(spec: PoissonColumn, cell: Cell) -> pl.Expr:
    """Counts of independent events."""
    most = _most_of_poisson(spec.mean) if spec.high is None else spec.high
    counts = np.arange(most + 1)
    logarithms = counts * math.log(spec.mean) - special.gammaln(counts + 1)
    # Against the largest, since the weights of a far tail are too small for doubles.
    weights = np.exp(logarithms - logarithms.max())
    return weighted_position(cell.stream.uniform(cell.row), lambda: weights)


def mean_of(count: int | ColumnBase) -> float:
    """About the mean of a number, or of a generator of whole numbers that counts rows.

    Args:
        count: The number or the declaration of the generator.
    """
    match count:
        case IntegersColumn():
            return (count.low + count.high) / 2
        case PoissonColumn():
            return count.mean if count.high is None else min(count.mean, count.high)
        case ZipfColumn():
            ranks = np.arange(1, count.high + 1)
            return float(np.average(ranks, weights=zipf_weights(count.high, count.exponent)))
        case ChoiceColumn():
            values = np.array(list(count.values), dtype=np.float64)
            shares = list(count.values.values()) if isinstance(count.values, dict) else None
            return float(np.average(values, weights=shares))
    assert isinstance(count, int)
    return float(count)


def _most_of_poisson(mean: float) -> int:
    """A count that is exceeded less often than once in a trillion."""
    return math.ceil(mean + DEVIATIONS * math.sqrt(mean) + DEVIATIONS)


def _rounded(spec: Ranged, value: pl.Expr) -> pl.Expr:
    # A bound may lie between two numbers with so many decimals, and be rounded out of the range.
    made = value.round(spec.places).clip(*spec.rounded_bounds)
    # A zero that was a negative number has a sign.
    made = pl.when(made == 0).then(0.0).otherwise(made)
    return made if spec.low is not None and spec.high is not None else finite(made)


def _normal(cell: Cell, low: float, high: float) -> pl.Expr:
    """Numbers of the standard normal distribution between two bounds."""
    if low + high > 0:
        return -_normal(cell, -high, -low)
    least, most = (float(special.log_ndtr(bound)) for bound in (low, high))
    share = math.exp(least - most)
    unit = share + (cell.stream.uniform(cell.row) + HALF) * (1 - share)
    return _mapped(most + unit.log(), special.ndtri_exp)


def _mapped(unit: pl.Expr, function: Callable[[Any], Any]) -> pl.Expr:
    def computed(columns: Sequence[pl.Series]) -> pl.Series:
        # numpy has no null; Polars reads it as NaN, and NaN as null again.
        return pl.Series(function(columns[0].to_numpy()), nan_to_null=True)

    return pl.map_batches([unit], computed, pl.Float64, is_elementwise=True)


def _bounds(spec: Ranged) -> tuple[float, float]:
    low = -math.inf if spec.low is None else spec.low
    return low, math.inf if spec.high is None else spec.high


def _log(bound: float) -> float:
    return math.log(bound) if bound > 0 else -math.inf
