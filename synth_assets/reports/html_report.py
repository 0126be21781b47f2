"""The report as one self-contained HTML page, without scripts and external resources.

This module selects the values, ``formatting`` makes them text, the template lays them out. Every
value is escaped, and its control characters are replaced by escape sequences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined

from synth_assets.core.check_result import CheckResult
from synth_assets.quality.building import SAMPLES
from synth_assets.reports.formatting import cell_of, number, span_of, timestamp, visible
from synth_assets.reports.gate import CheckOutcome, GateReport, Status, TableOutcome

Item = TypeVar("Item")

# Cells of a strip, or bars of a sparkline, at most; more partitions share them.
CELLS = 120
# Failing partitions of a check with a line of their own; the others are named as ranges.
LISTED = 30
# Failing partitions with rows: of one check, and about so many of the whole page.
SAMPLED = 3
SAMPLED_ON_PAGE = 120
# Numbers of a check and columns of a row at most.
NUMBERS = 24
COLUMNS = 16

MARKS: dict[Status, str] = {"passed": "✓", "failed": "✗", "warned": "!", "missing": "–"}
WORDS: dict[Status, str] = {
    "passed": "passed",
    "failed": "failed",
    "warned": "warned",
    "missing": "not evaluated",
}


def render(report: GateReport) -> str:
    """The report as HTML text.

    Args:
        report: The report.
    """
    return _environment().get_template("report.html.jinja").render(report=report)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("synth_assets.reports"),
        autoescape=True,
        finalize=visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"marks": MARKS, "words": WORDS, "listed": LISTED}
    environment.filters |= {
        "bars": bars,
        "key_ranges": key_ranges,
        "measured": measured,
        "number": number,
        "number_spans": number_spans,
        "sample": sample,
        "samples_of": samples_of,
        "strip": strip,
        "timestamp": timestamp,
    }
    return environment


def measured(check: CheckOutcome) -> tuple[str, str]:
    """The range of a check's measured values, and its threshold if all results have the same.

    Args:
        check: The check with its results.
    """
    thresholds = {result.threshold for result in check.results}
    threshold = thresholds.pop() if len(thresholds) == 1 else "of each partition"
    return span_of([result.measured for result in check.results]), threshold


def number_spans(check: CheckOutcome) -> list[tuple[str, str]]:
    """The further numbers of a check, each with its range over the partitions.

    Args:
        check: The check with its results.
    """
    found: dict[str, list[float]] = {}
    for result in check.results:
        for name, value in result.numbers.items():
            found.setdefault(name, []).append(value)
    return [(name, span_of(values)) for name, values in list(found.items())[:NUMBERS]]


def strip(check: CheckOutcome, table: TableOutcome) -> list[tuple[Status, str]]:
    """Cells of the partition strip: status and title, in the order of the table's partitions.

    A partition that is stored but was not evaluated is ``missing``. With more than ``CELLS``
    partitions, adjacent ones share a cell, which shows the worst status.

    Args:
        check: The check with its results.
        table: The check's table.
    """
    evaluated = {result.key: result for result in check.results if result.key is not None}
    if not evaluated:
        return []
    keys = list(dict.fromkeys([*table.rows, *evaluated]))
    if list(table.rows) == sorted(table.rows):
        keys.sort()
    return [_cell(group, evaluated, check.blocking) for group in _groups(keys)]


def _cell(
    keys: Sequence[str], evaluated: Mapping[Any, CheckResult], blocking: bool
) -> tuple[Status, str]:
    found = [evaluated[key] for key in keys if key in evaluated]
    failed = [result for result in found if not result.passed]
    status: Status = "passed"
    if failed:
        status = "failed" if blocking else "warned"
    elif len(found) < len(keys):
        status = "missing"
    where = keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]}"
    if not found:
        return status, f"{where}: not evaluated"
    title = f"{where}: {span_of([result.measured for result in failed or found])}"
    if len(keys) > 1 and failed:
        title += f", {len(failed)} of {len(keys)} failed"
    elif len(found) < len(keys):
        title += f", {len(keys) - len(found)} not evaluated"
    return status, title


def bars(rows: Mapping[str, int]) -> list[tuple[float, str]]:
    """Bars of a sparkline: height from 0 to 1, and a title; adjacent partitions are averaged.

    Args:
        rows: Rows of each partition, by key.
    """
    groups = [
        (g[0][0], g[-1][0], sum(n for _, n in g) / len(g)) for g in _groups(list(rows.items()))
    ]
    most = max((height for _, _, height in groups), default=0) or 1
    return [
        (height / most, f"{a if a == b else f'{a} to {b}'}: {number(round(height))} rows")
        for a, b, height in groups
    ]


def key_ranges(check: CheckOutcome) -> list[str]:
    """The failing partitions without a line of their own, as ranges of adjacent partitions.

    Args:
        check: The check with its results.
    """
    unlisted = {id(result) for result in check.failures[LISTED:]}
    named = []
    for failing, group in groupby(check.results, key=lambda result: id(result) in unlisted):
        if failing:
            keys = [str(result.key) for result in group]
            span = f"{keys[0]} to {keys[-1]} ({len(keys)})"
            named.append(keys[0] if len(keys) == 1 else span)
    return named


def samples_of(report: GateReport) -> int:
    """How many failing partitions of each check show rows, which keeps the page small.

    Args:
        report: The report.
    """
    failing = sum(1 for check in report.checks if check.failures)
    return max(1, min(SAMPLED, SAMPLED_ON_PAGE // max(failing, 1)))


def sample(result: CheckResult) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """Columns and cells of a few failing rows.

    Args:
        result: The result of a check.

    Returns:
        Names of the columns, and for each row the kind (``null``, ``n`` for a number, or empty)
        and text of each cell.
    """
    rows = result.failing_rows[:SAMPLES]
    columns = list(dict.fromkeys(name for row in rows for name in row))[:COLUMNS]
    return columns, [[cell_of(row.get(name, "")) for name in columns] for row in rows]


def _groups(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    size = -(-len(items) // CELLS) or 1
    return (items[start : start + size] for start in range(0, len(items), size))
