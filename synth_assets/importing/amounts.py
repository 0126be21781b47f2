"""Distributions of numbers: from ranges of rows, from bounds of a schema, or from a name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from synth_assets.importing.fitting import fitted
from synth_assets.importing.found import FoundColumn, Kind
from synth_assets.importing.listed import MOST, MOST_OF_SINGLES, range_of
from synth_assets.importing.profile import ColumnProfile

# A number of decimals times a power of ten is a whole number up to this.
TINY = 1e-6
# Digits that numbers of a range have: where nothing is known, where rows have more decimals than
# are counted, and at least.
DIGITS, MANY_DIGITS, FEW_DIGITS = 3, 6, 2
DEFAULT_DECIMALS, MOST_DECIMALS = 2, 9
# Digits before and after the point of decimals that declare neither.
DECIMAL_DIGITS = 18
UNKNOWN = ColumnProfile()
TOO_SMALL = f"its numbers have more than {MOST_DECIMALS} decimals: one of them stands for all"
# What is taken where nothing is known.
DEFAULT_INTEGERS = (0, 1000)
DEFAULT_MEDIAN, DEFAULT_SIGMA = 50.0, 0.8


def with_scale(column: FoundColumn, profile: ColumnProfile) -> FoundColumn:
    """A column of decimals without a scale, with one that its numbers need; others as they are.

    Args:
        column: The column.
        profile: Its profile.
    """
    if column.type.kind is not Kind.DECIMAL or column.type.scale is not None:
        return column
    bounds = [bound for bound in (column.low, column.high) if bound is not None]
    ends = bounds if profile.bounds is None else list(profile.bounds)
    needed = [_places(bound) for bound in (*bounds, *_numbers(column.values))]
    if len(ends) == 2:
        wide = replace(column, type=replace(column.type, kind=Kind.FLOAT))
        needed.append(_decimals(wide, ends[1] - ends[0], profile))
    whole = len(str(int(max(map(abs, [*bounds, *ends]), default=0))))
    scale = min(max(needed, default=0), MOST_DECIMALS, DECIMAL_DIGITS - 1 - whole)
    return replace(column, type=replace(column.type, scale=max(scale, DEFAULT_DECIMALS)))


def from_rows(column: FoundColumn, profile: ColumnProfile) -> tuple[dict[str, Any], str] | None:
    """The distribution that rows have.

    Args:
        column: The column.
        profile: Its profile.

    Returns:
        Fields of a column, and what a reader should know; None if the profile has no range.
    """
    if profile.bounds is None or profile.quartiles is None:
        return None
    found = fitted(profile.bounds, profile.quartiles, profile.beyond)
    low, high = within(column, found.low, found.high)
    decimals = _decimals(column, found.size, profile)
    fields, note = _ranged(column, found.fields, low, high, decimals)
    return fields, note or found.note


def from_name(column: FoundColumn, fields: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The distribution that a name suggests, within the bounds of the column.

    Args:
        column: The column.
        fields: Fields that a rule gives.

    Returns:
        Fields of a column, and what a reader should know.
    """
    declared = declared_bounds(column)
    if fields["kind"] == "uniform" and None not in declared:
        return from_bounds(column)  # which says more than a name
    low, high = within(column, fields.get("low", -math.inf), fields.get("high", math.inf))
    middle = fields.get("median", fields.get("mean"))
    if low >= high or (middle is not None and not low <= middle <= high):
        return from_bounds(column)
    needed = max(fields.get("decimals", DEFAULT_DECIMALS), _for_digits(high - low, FEW_DIGITS))
    return _ranged(column, fields, low, high, min(needed, _most_decimals(column)))


def from_bounds(column: FoundColumn) -> tuple[dict[str, Any], str]:
    """A distribution within the bounds of the column, and nothing else that is known.

    Args:
        column: The column.

    Returns:
        Fields of a column, and what a reader should know.
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
        return _ranged(column, amount, start, end, min(DEFAULT_DECIMALS, _most_decimals(column)))
    return _evenly(column, start, end)


def declared_bounds(column: FoundColumn) -> tuple[float | None, float | None]:
    """The bounds of a column's constraints, both included where its type says how.

    A bound that is not included is a step inside for types with a smallest step. Other types have
    none: ``is_open`` says whether their bounds are included.

    Args:
        column: The column.
    """
    step = _step(column) or 0.0
    low = None if column.low is None else column.low + step * column.low_open
    high = None if column.high is None else column.high - step * column.high_open
    return low, high


def is_open(column: FoundColumn) -> tuple[bool, bool]:
    """Whether the bounds that ``declared_bounds`` returns are themselves not allowed.

    Args:
        column: The column.
    """
    has_step = _step(column) is not None
    return column.low_open and not has_step, column.high_open and not has_step


def _step(column: FoundColumn) -> float | None:
    """The smallest distance between two numbers that the type of a column declares."""
    if column.type.kind is Kind.INTEGER:
        return 1.0
    return 10.0 ** -(column.type.scale or 0) if column.type.precision else None


def whole_range(column: FoundColumn) -> tuple[int, int]:
    """The first and the last whole number that a column may have, and the language has.

    Args:
        column: The column.
    """
    most = MOST_OF_SINGLES if column.type.is_single else MOST
    low, high = within(column, -most, most)
    first, last = math.ceil(low), math.floor(high)
    low_open, high_open = is_open(column)
    first += int(low_open and first == column.low)
    return first, max(last - int(high_open and last == column.high), first)


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


def _evenly(column: FoundColumn, low: float, high: float) -> tuple[dict[str, Any], str]:
    decimals = _decimals(column, high - low)
    return _ranged(column, {"kind": "uniform"}, low, max(low, high), decimals)


def _ranged(
    column: FoundColumn, fields: Mapping[str, Any], low: float, high: float, decimals: int
) -> tuple[dict[str, Any], str]:
    """A distribution between the numbers of a range that have so many decimals."""
    if column.type.kind is Kind.INTEGER and fields["kind"] in ("integers", "uniform"):
        first = math.ceil(low)
        return {"kind": "integers", "low": first, "high": max(first, math.floor(high))}, ""
    if fields["kind"] == "integers":
        return {**fields, "low": math.ceil(low), "high": math.floor(high)}, ""
    if low == high:
        decimals = min(_places(low), _most_decimals(column))
    least, most = _inside(column, low, high, decimals)
    if least > most or 0 < (high - low) * 10**decimals < 1:
        value = (low + high) / 2
        if column.type.kind is Kind.DECIMAL:
            value = round(value, _most_decimals(column))
        return {"kind": "constant", "value": value}, TOO_SMALL if low < high else ""
    found = dict(fields)
    if fields["kind"] == "pareto":
        least = max(least, fields["low"])  # where the distribution begins
    found |= {"low": least} if math.isfinite(least) else {}
    found |= {"high": most} if math.isfinite(most) else {}
    return {**found, "decimals": decimals}, ""


def _inside(column: FoundColumn, low: float, high: float, decimals: int) -> tuple[float, float]:
    """The ends of a range as numbers of so many decimals, inside it: 9.99 with one is 9.9."""
    unit = 10.0**decimals
    low_open, high_open = is_open(column)
    if math.isfinite(low):
        first = math.ceil(low * unit - TINY)
        first += int(low_open and low == column.low and first <= low * unit + TINY)
        low = round(first / unit, decimals)
    if math.isfinite(high):
        last = math.floor(high * unit + TINY)
        last -= int(high_open and high == column.high and last >= high * unit - TINY)
        high = round(last / unit, decimals)
    return low, high


def _decimals(column: FoundColumn, size: float, profile: ColumnProfile = UNKNOWN) -> int:
    """The decimals that numbers of a size have: as many as rows show, and no more than the type."""
    most = _most_decimals(column)
    if profile.decimals is not None:
        return min(profile.decimals, most)
    if column.type.precision:
        return most
    digits = DIGITS if profile.bounds is None else MANY_DIGITS
    return min(max(DEFAULT_DECIMALS, _for_digits(size, digits)), most)


def _for_digits(size: float, digits: int) -> int:
    """The decimals with which a number of a size has so many digits."""
    if not (0 < size < math.inf):
        return 0
    return min(max(math.ceil(digits - math.log10(size)), 0), MOST_DECIMALS)


def _most_decimals(column: FoundColumn) -> int:
    if column.type.kind is Kind.INTEGER:
        return 0
    if column.type.kind is Kind.FLOAT:
        return MOST_DECIMALS
    scale = column.type.scale
    return min(DEFAULT_DECIMALS if scale is None else scale, MOST_DECIMALS)


def _places(number: float) -> int:
    """The digits after the point of a number that somebody wrote."""
    exponent = Decimal(repr(float(number))).normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _numbers(values: Sequence[str]) -> Iterator[float]:
    for value in values:
        with suppress(ValueError):
            yield float(value)
