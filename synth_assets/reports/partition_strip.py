"""Partitions as a strip of a few segments, and measured values as a line, for SVG.

Adjacent partitions with the same status share a segment, so that a strip of a thousand partitions
is small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from statistics import median
from typing import TypeVar

from synth_assets.core.check_result import CheckResult
from synth_assets.reports.formatting import number, span_of
from synth_assets.reports.gate import CheckOutcome, Status, TableOutcome

Item = TypeVar("Item")

# Segments of a strip, or bars of a sparkline, at most; more partitions are merged.
CELLS = 120
# Height of a sparkline, in medians of its bars, at most.
TALLEST = 3
# Points of a line at most.
POINTS = 400
WORDS: dict[Status, str] = {
    "passed": "passed",
    "failed": "failed",
    "warned": "warned",
    "missing": "not evaluated",
}


@dataclass(frozen=True)
class Segment:
    """Adjacent partitions with one status.

    Attributes:
        start: Position of the first partition.
        length: Number of partitions.
        status: Their status; the worst one if they were merged.
        title: Which partitions, and what was measured.
    """

    start: int
    length: int
    status: Status
    title: str


def strip(check: CheckOutcome, table: TableOutcome) -> list[Segment]:
    """The partitions of a check, in the order of the table's partitions.

    A partition that is stored but was not evaluated is ``missing``. With more than ``CELLS``
    segments, adjacent partitions are merged, and show the worst status.

    Args:
        check: The check with its results.
        table: The check's table.
    """
    results = {result.key: result for result in check.results if result.key is not None}
    if not results:
        return []
    keys = list(dict.fromkeys([*table.rows, *results]))
    if list(table.rows) == sorted(table.rows):
        keys.sort()
    cells = [[key] for key in keys]
    if len(_segments(cells, results, check)) > CELLS:
        cells = [list(group) for group in groups(keys)]
    return _segments(cells, results, check)


def _segments(
    cells: Sequence[Sequence[str]], results: Mapping[str, CheckResult], check: CheckOutcome
) -> list[Segment]:
    found, start = [], 0
    for status, run in groupby(cells, key=lambda keys: _status(keys, results, check)):
        keys = [key for cell in run for key in cell]
        title = _title(keys, status, results)
        found.append(Segment(start, len(keys), status, title))
        start += len(keys)
    return found


def _status(keys: Sequence[str], results: Mapping[str, CheckResult], check: CheckOutcome) -> Status:
    found = [results[key] for key in keys if key in results]
    status = check.status_of(found)
    return "missing" if status == "passed" and len(found) < len(keys) else status


def _title(keys: Sequence[str], status: Status, results: Mapping[str, CheckResult]) -> str:
    where = keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]} ({len(keys)})"
    found = [results[key] for key in keys if key in results]
    failed = [result for result in found if not result.passed]
    if not found:
        return f"{where}: {WORDS[status]}"
    some = f" in {len(failed)} of {len(keys)}" if failed and len(failed) < len(keys) else ""
    measured = span_of([result.measured for result in failed or found])
    return f"{where}: {WORDS[status]}{some}, measured {measured}"


def bars(rows: Mapping[str, int]) -> list[tuple[float, str]]:
    """Bars of a sparkline: height from 0 to 1, and a title; adjacent partitions are averaged.

    A few very large partitions do not flatten the others: what is above ``TALLEST`` medians is cut.

    Args:
        rows: Rows of each partition, by key.
    """
    grouped = [
        (g[0][0], g[-1][0], sum(n for _, n in g) / len(g)) for g in groups(list(rows.items()))
    ]
    heights = [height for _, _, height in grouped]
    most = min(max(heights, default=0), TALLEST * median(heights or [0])) or max([1, *heights])
    return [
        (min(height / most, 1.0), f"{a if a == b else f'{a} to {b}'}: {number(round(height))} rows")
        for a, b, height in grouped
    ]


@dataclass(frozen=True)
class Line:
    """The measured values of a check over its partitions, in a box of 1000 by 100.

    Attributes:
        path: The ``d`` of an SVG path.
        failures: The ``d`` of a path with a dot for each failed partition.
        least: The least value.
        most: The largest value.
        first: The first partition.
        last: The last partition.
    """

    path: str
    failures: str
    least: float
    most: float
    first: str
    last: str


def line(check: CheckOutcome) -> Line | None:
    """A check's measured values over partitions; None if they are few, or all the same.

    Args:
        check: The check with its results.
    """
    results = [r for r in check.results if r.key is not None and isfinite(r.measured)]
    values = [result.measured for result in results]
    if not 2 < len(values) <= POINTS or min(values) == max(values):
        return None
    least, most = min(values), max(values)
    points = [
        f"{round(1000 * n / (len(values) - 1))} {round(96 - 92 * (value - least) / (most - least))}"
        for n, value in enumerate(values)
    ]
    dots = [f"M{at}h0" for at, result in zip(points, results, strict=True) if not result.passed]
    ends = str(results[0].key), str(results[-1].key)
    return Line("M" + "L".join(points), "".join(dots), least, most, *ends)


def groups(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Adjacent items in at most ``CELLS`` groups.

    Args:
        items: The items.
    """
    size = -(-len(items) // CELLS) or 1
    return (items[start : start + size] for start in range(0, len(items), size))
