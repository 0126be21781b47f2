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
# Steps of a range between its ends, and of the distance between quartiles.
STEPS, TENTH = 20, 10
# Numbers are skewed if they are so many times as wide above the median as below it.
SKEWED = 2.0
# Numbers that differ by less are rounded as they are, and not in their logarithms.
MAGNITUDE = 10
# Names suggest an order of times that rows contradict, if more of them are in another order.
MOST_CONTRADICTING = 0.01
# A value that so many rows share is no part of the distribution of the others.
LEAST_FREQUENT = 0.1


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


def is_skewed(quantiles: Sequence[float]) -> bool:
    """Whether numbers that are not negative are far wider above their median than below it.

    Args:
        quantiles: Their least one, the quartiles, and their largest one.
    """
    low, _, middle, _, high = quantiles
    return low >= 0 and high - middle > SKEWED * (middle - low)


def rounded_quantiles(quantiles: Sequence[float], *, whole: bool = False) -> tuple[float, ...]:
    """The ends of a range and the quartiles between them, rounded.

    The ends are rounded outwards to a twentieth of the range. Quartiles are rounded to the same
    step, or to a tenth of the distance between them if that is less: as many rows are in such a
    step as in one of an even range. The logarithms of skewed numbers of several magnitudes are
    rounded instead, all to the nearest step, and the numbers to two digits.

    Args:
        quantiles: The least one, the quartiles, and the largest one.
        whole: Whether they are whole numbers.
    """
    least = next((number for number in quantiles if number > 0), 0)
    if least and is_skewed(quantiles) and quantiles[-1] >= MAGNITUDE * least:
        logarithms = [math.log10(max(number, least)) for number in quantiles]
        step = (logarithms[-1] - logarithms[0]) / STEPS
        finer = _finer(step, (logarithms[3] - logarithms[1]) / TENTH)
        steps = (step, finer, finer, finer, step)
        rounded = [
            float(f"{10 ** (round(logarithm / each) * each):.2g}") if number > 0 else 0.0
            for number, logarithm, each in zip(quantiles, logarithms, steps, strict=True)
        ]
        rounded = [min(max(number, rounded[0]), rounded[-1]) for number in rounded]
        return tuple(map(round, rounded)) if whole else tuple(rounded)
    low, *inner, high = quantiles
    ends = rounded_range((low, high), whole=whole)
    step = _finer(nice_step((ends[1] - ends[0]) / STEPS), nice_step((inner[2] - inner[0]) / TENTH))
    return (ends[0], *(_nearest(number, step) for number in inner), ends[1])


def _finer(step: float, other: float) -> float:
    """The smaller one of two steps, if it is one."""
    return min(step, other) if other > 0 else step


def _nearest(number: float, step: float) -> float:
    if isinstance(number, int):
        whole = max(int(step), 1)
        return (number + whole // 2) // whole * whole
    return _tidy(round(number / step) * step) if step else number


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


def frequent_value(
    counts: Sequence[tuple[str, int]], present: int, k: int
) -> tuple[str, float] | None:
    """The most frequent value and its share in hundredths, if a tenth of the rows has it.

    Args:
        counts: Values with their rows, the most frequent first.
        present: Rows with a value.
        k: Least number of rows.
    """
    if not counts or counts[0][1] < max(k, LEAST_FREQUENT * present):
        return None
    return counts[0][0], round(counts[0][1] / present, 2)


def common_decimals(counts: Sequence[int], present: int, k: int) -> int | None:
    """The decimals that nearly all numbers have at most; None if they have more than are counted.

    Args:
        counts: Rows whose numbers have none, one, two … decimals at most.
        present: Rows with a value.
        k: Least number of rows.
    """
    enough = (d for d, rows in enumerate(counts) if rows >= max(k, LEAST_COVERED * present))
    return next(enough, None)


def _tidy(value: float) -> float:
    """A multiple of a step without the error of binary fractions."""
    return float(f"{value:.10g}")
