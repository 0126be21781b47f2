"""Distributions of numbers: from ranges of rows, from bounds of a schema, or from a name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synth_assets.importing.found import FoundColumn, Kind
from synth_assets.importing.listed import range_of
from synth_assets.importing.profile import ColumnProfile

# Quantiles of the normal distribution at three quarters: the width of the quartiles tells its sd.
NORMAL_QUARTILE = 0.6745
# A number of decimals times a power of ten is a whole number up to this.
TINY = 1e-6
# What is taken where nothing is known.
DEFAULT_INTEGERS = (0, 1000)
DEFAULT_MEDIAN, DEFAULT_SIGMA = 50.0, 0.8


def from_rows(column: FoundColumn, profile: ColumnProfile) -> dict[str, Any] | None:
    """The distribution that rows have.

    Args:
        column: The column.
        profile: Its profile.

    Returns:
        Fields of a column; None if the profile has no range.
    """
    if profile.bounds is None or profile.quartiles is None:
        return None
    low, high = within(column, *profile.bounds)
    lower, middle, upper = profile.quartiles
    if low >= high or upper - lower >= 0.4 * (high - low) or lower == upper:
        return _evenly(column, low, high)
    if low >= 0 and lower > 0 and upper - middle > 1.5 * (middle - lower):
        sigma = math.log(upper / middle) / NORMAL_QUARTILE
        shape = {"kind": "lognormal", "median": middle, "sigma": round(max(sigma, 0.1), 2)}
    else:
        sd = (upper - lower) / (2 * NORMAL_QUARTILE)
        shape = {"kind": "normal", "mean": middle, "sd": float(f"{sd:.3g}")}
    return {**shape, "low": low, "high": high, "decimals": _decimals(column)}


def from_name(column: FoundColumn, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The distribution that a name suggests, within the bounds of the column.

    Args:
        column: The column.
        fields: Fields that a rule gives.
    """
    declared = declared_bounds(column)
    if fields["kind"] == "uniform" and None not in declared:
        return from_bounds(column)  # which says more than a name
    low, high = within(column, fields.get("low", -math.inf), fields.get("high", math.inf))
    middle = fields.get("median", fields.get("mean"))
    decimals = min(int(fields.get("decimals", 2)), _decimals(column))
    if fields["kind"] != "integers":
        low, high = _rounded_inside(low, high, decimals)
    if low >= high or (middle is not None and not low <= middle <= high):
        return from_bounds(column)
    found = dict(fields)
    found |= {"low": low} if math.isfinite(low) else {}
    found |= {"high": high} if math.isfinite(high) else {}
    if found["kind"] == "integers":
        return {**found, "low": math.ceil(low), "high": math.floor(high)}
    if column.type.kind is Kind.INTEGER and found["kind"] == "uniform":
        return _evenly(column, low, high)
    return {**found, "decimals": decimals}


def _rounded_inside(low: float, high: float, decimals: int) -> tuple[float, float]:
    """The ends of a range as numbers of so many decimals, inside it: 9.99 with one is 9.9."""
    unit = 10.0**decimals
    if math.isfinite(low):
        low = round(math.ceil(low * unit - TINY) / unit, decimals)
    if math.isfinite(high):
        high = round(math.floor(high * unit + TINY) / unit, decimals)
    return low, high


def from_bounds(column: FoundColumn) -> dict[str, Any]:
    """A distribution within the bounds of the column, and nothing else that is known.

    Args:
        column: The column.
    """
    low, high = declared_bounds(column)
    if low is not None and high is not None:
        return _evenly(column, *within(column, low, high))
    if column.type.kind is Kind.INTEGER:
        least, most = DEFAULT_INTEGERS
        start = low if low is not None else least if high is None or high > 0 else high - most
        return _evenly(column, *within(column, start, start + most))
    if high is not None:
        return _evenly(column, *within(column, min(0.0, high - 1000), high))
    start, end = within(column, low or 0.0, (low or 0.0) + 1000)
    if start <= DEFAULT_MEDIAN <= end:
        amount = {"kind": "lognormal", "median": DEFAULT_MEDIAN, "sigma": DEFAULT_SIGMA}
        return {**amount, "low": start, "high": end, "decimals": _decimals(column)}
    return _evenly(column, start, end)


def declared_bounds(column: FoundColumn) -> tuple[float | None, float | None]:
    """The bounds of a column's constraints, both included.

    Args:
        column: The column.
    """
    step = 1.0 if column.type.kind is Kind.INTEGER else 10.0 ** -_decimals(column)
    low = None if column.low is None else column.low + step * column.low_open
    high = None if column.high is None else column.high - step * column.high_open
    return low, high


def within(column: FoundColumn, low: float, high: float) -> tuple[float, float]:
    """A range within the bounds of a column's constraints and of its type.

    Args:
        column: The column.
        low: The smallest number.
        high: The largest number.
    """
    least, most = declared_bounds(column)
    first, last = range_of(column.type)
    low = max(low, first, -math.inf if least is None else least)
    high = min(high, last, math.inf if most is None else most)
    return (low, high) if low <= high else (min(low, last), min(low, last))


def _evenly(column: FoundColumn, low: float, high: float) -> dict[str, Any]:
    if column.type.kind is Kind.INTEGER:
        least = math.ceil(low)
        return {"kind": "integers", "low": least, "high": max(least, math.floor(high))}
    return {"kind": "uniform", "low": low, "high": max(low, high), "decimals": _decimals(column)}


def _decimals(column: FoundColumn) -> int:
    if column.type.kind is Kind.INTEGER:
        return 0
    scale = column.type.scale if column.type.precision else None
    return min(2 if scale is None else scale, 9)
