"""What a profile may say of rows: aggregates over many of them, rounded.

Each function takes exact aggregates and returns what is allowed, or None. These rules hide single
rows; they are no differential privacy, and ``k`` counts rows, not people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

# A value is copied if so many rows share it.
DEFAULT_K = 20
# Fewer would be a setting by which single rows are read.
LEAST_K = 5
# Values are a column's vocabulary if they are few and cover nearly all rows.
MOST_VALUES, LEAST_COVERED = 50, 0.9
# Longer texts are never copied: they may be written by people about people.
LONGEST_VALUE = 60
# Steps of a range between its ends.
STEPS = 20


def rounded_count(count: int) -> int:
    """A count of rows with two significant digits.

    Args:
        count: The count.
    """
    if count < 10:
        return count
    unit = int(10 ** (len(str(count)) - 2))
    return round(count / unit) * unit


def null_rate(rows: int, present: int, k: int) -> float:
    """The share of rows without a value in hundredths; fewer than ``k`` such rows are none.

    Args:
        rows: All rows.
        present: Rows with a value.
        k: Least number of rows.
    """
    missing = rows - present
    if missing < k:
        return 0.0
    return 1.0 if present < k else round(missing / rows, 2)


def shares(counts: Mapping[str, int], present: int, k: int) -> dict[str, float] | None:
    """The shares of values in hundredths, if the values that ``k`` rows share cover nearly all.

    Args:
        counts: Rows of each value.
        present: Rows with a value.
        k: Least number of rows.

    Returns:
        Shares that sum to 1; None if a column has too many values, or too many rare ones.
    """
    common = {v: n for v, n in counts.items() if n >= k and len(v) <= LONGEST_VALUE}
    covered = sum(common.values())
    if not common or len(common) > MOST_VALUES or covered < LEAST_COVERED * present:
        return None
    return {
        value: hundredths / 100 for value, hundredths in _in_hundredths(common, covered).items()
    }


def _in_hundredths(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """Counts as hundredths that sum to 100, by largest remainders; those below one are left out."""
    whole = {value: 100 * count // total for value, count in counts.items()}
    by_remainder = sorted(counts, key=lambda value: (-(100 * counts[value] % total), value))
    for value in by_remainder[: 100 - sum(whole.values())]:
        whole[value] += 1
    return {value: hundredths for value, hundredths in whole.items() if hundredths}


def range_quantiles(present: int, k: int) -> tuple[float, float] | None:
    """The quantiles that stand for the ends of a range: ``k`` rows are beyond either.

    Args:
        present: Rows with a value.
        k: Least number of rows.

    Returns:
        The lower and the upper quantile; None if there are too few rows.
    """
    if present < 4 * k:
        return None
    share = max(0.01, k / present)
    return share, 1 - share


def rounded_range(ends: tuple[float, float], *, whole: bool = False) -> tuple[float, float]:
    """A range between multiples of a step, a twentieth of its width; it becomes no narrower.

    Args:
        ends: The quantiles at both ends.
        whole: Whether the step is a whole number.
    """
    low, high = ends
    step = nice_step((high - low) / STEPS)
    if whole:
        return _whole_range(int(low), int(high), max(int(step), 1))
    if step == 0:
        return low, high  # nearly all rows share this value
    return _tidy(math.floor(low / step) * step), _tidy(math.ceil(high / step) * step)


def _whole_range(low: int, high: int, step: int) -> tuple[int, int]:
    """Without a float, which has not all whole numbers."""
    return low // step * step, -(-high // step) * step


def rounded_inner(value: float, bounds: tuple[float, float]) -> float:
    """A quantile within a rounded range, rounded to the range's step.

    Args:
        value: The quantile.
        bounds: The rounded range.
    """
    step = nice_step((bounds[1] - bounds[0]) / STEPS)
    if isinstance(value, int):
        whole = max(int(step), 1)
        return (value + whole // 2) // whole * whole
    return _tidy(round(value / step) * step) if step else value


def nice_step(width: float) -> float:
    """The next step of the form 1, 2 or 5 times a power of ten.

    Args:
        width: The least step.
    """
    if width <= 0 or not math.isfinite(width):
        return 0.0
    unit = 10.0 ** math.floor(math.log10(width))
    return next(unit * digit for digit in (1, 2, 5, 10) if unit * digit >= width * (1 - 1e-9))


def common_shape(counts: Sequence[tuple[str, int]], present: int, k: int) -> str | None:
    """The shape that nearly all texts have, such as ``INV-#####``.

    Args:
        counts: Shapes with their rows, the most frequent first.
        present: Rows with a value.
        k: Least number of rows.
    """
    if not counts:
        return None
    shape, rows = counts[0]
    frequent = rows >= k and rows >= LEAST_COVERED * present
    return shape if frequent and len(shape) <= LONGEST_VALUE else None


def _tidy(value: float) -> float:
    """A multiple of a step without the error of binary fractions."""
    return float(f"{value:.10g}")
