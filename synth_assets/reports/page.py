"""The report as one self-contained HTML page: no script, nothing fetched.

Here is what the page shows of a check, the template says how. Every value is escaped, and its
control characters are spelt out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from synth_assets.core.check_result import CheckResult
from synth_assets.quality.building import SAMPLES
from synth_assets.reports.gate import CheckOutcome, GateReport, Status, TableOutcome

Item = TypeVar("Item")

# Partitions beyond this share cells of a strip or bars of a sparkline.
CELLS = 120
# Failing partitions of a check that get a line of their own; the others are named in runs.
LISTED = 30
# Failing partitions that show rows: of one check, and about so many of the whole page.
SAMPLED = 3
SAMPLED_ON_PAGE = 120
# Figures of a check, columns of a row and characters of a value that are shown.
FIGURES = 24
COLUMNS = 16
LENGTH = 120

MARKS: dict[Status, str] = {"passed": "✓", "failed": "✗", "warned": "!", "missing": "–"}
WORDS: dict[Status, str] = {
    "passed": "passed",
    "failed": "failed",
    "warned": "warned",
    "missing": "not evaluated",
}
# Controls, and the marks that reorder or hide the text around them.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def render(report: GateReport) -> str:
    """HTML text."""
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
        "figure": figure,
        "measured": measured,
        "moment": moment,
        "number_spans": number_spans,
        "runs": runs,
        "sample": sample,
        "strip": strip,
        "samples_of": samples_of,
    }
    return environment


def visible(value: Any) -> Any:
    r"""Text with its control characters spelt out, like ``\x1b``; anything else as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), value)


def figure(value: float) -> str:
    """A number: whole ones with separators, others with four significant digits."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}"


def moment(made_at: datetime) -> str:
    """A time for people, in UTC where its zone is known."""
    aware = made_at.tzinfo is not None
    shown = made_at.astimezone(UTC) if aware else made_at
    return shown.strftime("%Y-%m-%d %H:%M") + (" UTC" if aware else "")


def measured(check: CheckOutcome) -> tuple[str, str]:
    """What a check measured, from least to most, and its bound where there is only one."""
    bounds = {result.threshold for result in check.results}
    bound = bounds.pop() if len(bounds) == 1 else "of each partition"
    return _span([result.measured for result in check.results]), bound


def number_spans(check: CheckOutcome) -> list[tuple[str, str]]:
    """The further numbers of a check, from least to most over its partitions."""
    found: dict[str, list[float]] = {}
    for result in check.results:
        for name, value in result.numbers.items():
            found.setdefault(name, []).append(value)
    return [(name, _span(values)) for name, values in list(found.items())[:FIGURES]]


def strip(check: CheckOutcome, table: TableOutcome) -> list[tuple[Status, str]]:
    """Cells of the partition strip: status and title, in the order of the table's partitions.

    A partition that is stored but was not judged is ``missing``. Beyond ``CELLS`` neighbours
    share a cell, which shows the worst of them.
    """
    judged = {result.key: result for result in check.results if result.key is not None}
    if not judged:
        return []
    keys = list(dict.fromkeys([*table.rows, *judged]))
    if list(table.rows) == sorted(table.rows):
        keys.sort()
    return [_cell(group, judged, check.blocking) for group in _groups(keys)]


def _cell(
    keys: Sequence[str], judged: Mapping[Any, CheckResult], blocking: bool
) -> tuple[Status, str]:
    found = [judged[key] for key in keys if key in judged]
    failed = [result for result in found if not result.passed]
    status: Status = "passed"
    if failed:
        status = "failed" if blocking else "warned"
    elif len(found) < len(keys):
        status = "missing"
    where = keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]}"
    if not found:
        return status, f"{where}: not evaluated"
    title = f"{where}: {_span([result.measured for result in failed or found])}"
    if len(keys) > 1 and failed:
        title += f", {len(failed)} of {len(keys)} failed"
    elif len(found) < len(keys):
        title += f", {len(keys) - len(found)} not evaluated"
    return status, title


def bars(rows: Mapping[str, int]) -> list[tuple[float, str]]:
    """Bars of a sparkline: height from 0 to 1, and a title; neighbours share their average."""
    groups = [
        (g[0][0], g[-1][0], sum(n for _, n in g) / len(g)) for g in _groups(list(rows.items()))
    ]
    most = max((height for _, _, height in groups), default=0) or 1
    return [
        (height / most, f"{a if a == b else f'{a} to {b}'}: {figure(round(height))} rows")
        for a, b, height in groups
    ]


def runs(check: CheckOutcome) -> list[str]:
    """The failing partitions that have no line of their own; neighbours as one run."""
    late = {id(result) for result in check.failures[LISTED:]}
    named = []
    for failing, group in groupby(check.results, key=lambda result: id(result) in late):
        if failing:
            keys = [str(result.key) for result in group]
            span = f"{keys[0]} to {keys[-1]} ({len(keys)})"
            named.append(keys[0] if len(keys) == 1 else span)
    return named


def samples_of(report: GateReport) -> int:
    """How many failing partitions of each check show rows, so that the page stays small."""
    failing = sum(1 for check in report.checks if check.failures)
    return max(1, min(SAMPLED, SAMPLED_ON_PAGE // max(failing, 1)))


def sample(result: CheckResult) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """Columns and cells of a few failing rows; a cell is its kind (``null``, ``n``, none), text."""
    rows = result.failing_rows[:SAMPLES]
    columns = list(dict.fromkeys(name for row in rows for name in row))[:COLUMNS]
    return columns, [[_value(row.get(name, "")) for name in columns] for row in rows]


def _value(value: Any) -> tuple[str, str]:
    if value is None:
        return "null", "null"
    text = value.hex() if isinstance(value, bytes) else str(value)
    kind = "n" if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return kind, text if len(text) <= LENGTH else text[:LENGTH] + "…"


def _span(values: Sequence[float]) -> str:
    """Least to most; a value that is no number is told, for it compares with none."""
    numbers = [value for value in values if value == value]
    ends = [figure(end) for end in (min(numbers), max(numbers))] if numbers else []
    shown = " to ".join(dict.fromkeys(ends))
    if len(numbers) == len(values):
        return shown
    return f"{shown}, some nan" if shown else "nan"


def _groups(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    size = -(-len(items) // CELLS) or 1
    return (items[start : start + size] for start in range(0, len(items), size))
