"""Bounds for statistical tests, each with a false-alarm probability below ``ALPHA``.

The random numbers are deterministic, so a test that passes once always passes; the bounds limit
the probability of a failure after a change of a seed, a name or a constant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

ALPHA = 1e-9
# A standard normal exceeds this in absolute value with probability 8e-11.
SIGMAS = 6.5
_LOG = math.log(2 / ALPHA)


def chi_square_bound(degrees: int) -> float:
    """Exceeded by chance with probability below ALPHA (Wilson and Hilferty's cube root).

    The cube root of chi-square over its degrees of freedom is nearly normal with mean 1 - v and
    variance v = 2 / (9 degrees); with few degrees of freedom the bound is too large.
    """
    variance = 2 / (9 * degrees)
    return float(degrees * (1 - variance + SIGMAS * math.sqrt(variance)) ** 3)


def chi_square(observed: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Chi-square statistic of counts against weights (uniform without), over its bound: below 1."""
    counts = np.asarray(observed, dtype=float)
    share = np.ones(len(counts)) if weights is None else np.asarray(weights, dtype=float)
    expected = counts.sum() * share / share.sum()
    assert expected.min() >= 20, f"too few rows for a chi-square test: {expected.min():.1f} a cell"
    return float(((counts - expected) ** 2 / expected).sum() / chi_square_bound(len(counts) - 1))


def contingency(first: Sequence[int], second: Sequence[int]) -> float:
    """Chi-square statistic of independence of two lists of small codes, over its bound."""
    a, b = np.asarray(first), np.asarray(second)
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    expected = table.sum(axis=1)[:, None] * table.sum(axis=0)[None, :] / table.sum()
    assert expected.min() >= 20
    degrees = (table.shape[0] - 1) * (table.shape[1] - 1)
    return float(((table - expected) ** 2 / expected).sum() / chi_square_bound(degrees))


def kolmogorov(cdf: npt.ArrayLike) -> float:
    """One-sample KS statistic over its bound (Dvoretzky, Kiefer, Wolfowitz; Massart's constant).

    ``cdf`` is the expected distribution function at each value of the sample.
    """
    steps = np.sort(np.asarray(cdf, dtype=float))
    n = len(steps)
    above = np.arange(1, n + 1) / n - steps
    below = steps - np.arange(n) / n
    return float(max(above.max(), below.max()) / math.sqrt(_LOG / (2 * n)))


def binomial(hits: int, trials: int, share: float) -> float:
    """Distance of ``hits`` from its mean over Bernstein's bound: above 1 with less than ALPHA."""
    variance = trials * share * (1 - share)
    bound = _LOG / 3 + math.sqrt(_LOG**2 / 9 + 2 * _LOG * variance)
    return abs(hits - trials * share) / bound


def correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Pearson's r of two independent columns over SIGMAS standard errors: below 1."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    return float(abs(np.corrcoef(a, b)[0, 1]) * math.sqrt(len(a)) / SIGMAS)
