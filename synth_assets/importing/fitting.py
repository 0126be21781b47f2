"""Distributions of the YAML language with the quantiles that rows have.

A number is skewed if its upper half is far wider than its lower one. The logarithms of skewed
numbers lie on a line over a function of their probabilities, which differs for each distribution:
the line is fitted, and the distribution with the smallest distance is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, linear_regression
from typing import Any

from synth_assets.importing.disclosure import is_skewed

# Quantiles between the two ends of a range.
QUARTILES = (0.25, 0.5, 0.75)
PROBIT: Callable[[float], float] = NormalDist().inv_cdf
# The functions of probabilities over which the logarithms of quantiles are lines.
LINES: dict[str, Callable[[float], float]] = {
    "lognormal": PROBIT,
    "pareto": lambda p: -math.log1p(-p),
    "exponential": lambda p: math.log(-math.log1p(-p)),
}
# The largest distance between quantiles and a distribution, as a share of their range.
TOLERANCE = 0.1
# The same between the quartiles, as a share of the distance between them.
QUARTILES_TOLERANCE = 0.25
# A skewed distribution ends where fewer rows than one in so many are beyond.
LONGEST_TAIL = 10_000
# Tails are longer than a normal distribution's if they are so many times as long.
LONG_TAILS = 2.0
# Uniform and normal numbers are not told apart if more rows are beyond either end of the range.
MOST_BEYOND = 0.1
LEAST_SIGMA, MOST_SIGMA, MOST_ALPHA = 0.05, 10.0, 100.0
FITTED = "fitted to its quantiles"
FEW_ROWS = "its rows are too few to say more than its range"
NOT_FITTED = "no distribution of the language has its quantiles: fitted to its quartiles alone"


@dataclass(frozen=True)
class Fitted:
    """A distribution.

    Attributes:
        fields: Its kind and its parameters.
        low: The least number that it should have.
        high: The largest number that it should have.
        size: The size of its small numbers, which decides how many decimals they need.
        note: What a reader should know of it.
    """

    fields: dict[str, Any]
    low: float
    high: float
    size: float
    note: str


def fitted(
    bounds: tuple[float, float], quartiles: tuple[float, float, float], beyond: float
) -> Fitted:
    """The distribution whose quantiles are nearest to those of rows.

    Args:
        bounds: The ends of a range.
        quartiles: The quartiles within it.
        beyond: The share of rows beyond either end.
    """
    quantiles = (bounds[0], *quartiles, bounds[1])
    if is_skewed(quantiles):
        # Small numbers are rounded most, and matter least: the lower end is no point of the line.
        known = zip((*QUARTILES, 1 - beyond), quantiles[1:], strict=True)
        points = [(p, value) for p, value in known if value > 0]
        if len(points) > 2 and len({p for p, _ in points}) == len(points):
            return _skewed(bounds, points)
    return _symmetric(bounds, quartiles, beyond)


def _skewed(bounds: tuple[float, float], points: Sequence[tuple[float, float]]) -> Fitted:
    lines = {kind: _line(kind, points) for kind in LINES}
    width = math.log(points[-1][1] / points[0][1])
    inner = [(p, value) for p, value in points if p in QUARTILES]
    between = math.log(inner[-1][1] / inner[0][1])
    distances = {
        kind: _distance(kind, line, points)
        for kind, line in lines.items()
        if _distance(kind, line, points) <= TOLERANCE * width
        and _distance(kind, line, inner) <= QUARTILES_TOLERANCE * between
    }
    kind = min(distances, key=lambda kind: distances[kind], default="")
    low, high = bounds
    if not kind:
        fields = _fields("lognormal", _line("lognormal", inner))
        return Fitted(fields, low, high, low or inner[0][1], NOT_FITTED)
    start, slope = lines[kind]
    longest = math.exp(start + slope * LINES[kind](1 - 1 / LONGEST_TAIL))
    high = max(high, float(f"{longest:.2g}"))
    return Fitted(_fields(kind, lines[kind]), low, high, low or points[0][1], FITTED)


def _line(kind: str, points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where the line of a distribution starts, and its slope."""
    x = [LINES[kind](p) for p, _ in points]
    y = [math.log(value) for _, value in points]
    if kind == "exponential" or len(points) < 2:
        return fmean(y) - fmean(x), 1.0  # it has no other slope
    slope, start = linear_regression(x, y)
    return start, slope


def _distance(kind: str, line: tuple[float, float], points: Sequence[tuple[float, float]]) -> float:
    start, slope = line
    return max(abs(math.log(value) - start - slope * LINES[kind](p)) for p, value in points)


def _fields(kind: str, line: tuple[float, float]) -> dict[str, Any]:
    start, slope = line
    first = float(f"{math.exp(start):.3g}")
    match kind:
        case "lognormal":
            sigma = round(min(max(slope, LEAST_SIGMA), MOST_SIGMA), 2)
            return {"kind": kind, "median": first, "sigma": sigma}
        case "pareto":
            alpha = float(f"{min(1 / slope, MOST_ALPHA):.3g}")
            return {"kind": kind, "low": first, "alpha": alpha}
    return {"kind": kind, "mean": first}


def _symmetric(
    bounds: tuple[float, float], quartiles: tuple[float, float, float], beyond: float
) -> Fitted:
    """A uniform or a normal distribution, by how much of the range is between the quartiles."""
    low, high = bounds
    lower, middle, upper = quartiles
    width, inner = high - low, upper - lower
    if beyond >= MOST_BEYOND:
        return Fitted({"kind": "uniform"}, low, high, width, FEW_ROWS)
    reach = PROBIT(1 - beyond)
    shares = (0.5 / (1 - 2 * beyond), PROBIT(0.75) / reach)
    if width <= 0 or inner <= 0 or inner >= sum(shares) / 2 * width:
        expected = tuple(low + width * (p - beyond) / (1 - 2 * beyond) for p in QUARTILES)
        return Fitted({"kind": "uniform"}, low, high, width, _note(quartiles, expected, width))
    x = [PROBIT(p) for p in (beyond, *QUARTILES, 1 - beyond)]
    sd, _ = linear_regression(x, (low, *quartiles, high))
    note = _note(quartiles, tuple(middle + sd * PROBIT(p) for p in QUARTILES), width)
    if max(high - middle, middle - low) > LONG_TAILS * reach * inner / (2 * PROBIT(0.75)):
        sd, note = inner / (2 * PROBIT(0.75)), NOT_FITTED
    fields = {"kind": "normal", "mean": middle, "sd": float(f"{sd:.3g}")}
    return Fitted(fields, low, high, sd, note)


def _note(quartiles: Sequence[float], expected: Sequence[float], width: float) -> str:
    distance = max(abs(a - b) for a, b in zip(quartiles, expected, strict=True))
    return FITTED if distance <= TOLERANCE * width else NOT_FITTED
