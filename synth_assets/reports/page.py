"""The report as one self-contained HTML page: no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined

from synth_assets.generation.rules import Verdict
from synth_assets.reports.gate import GateReport

Item = TypeVar("Item")

# Partitions beyond this share cells of a strip or bars of a sparkline.
CELLS = 120
FAILURES_SHOWN = 12
MARKS = {"passed": "✓", "failed": "✗", "warned": "!", "missing": "·"}


def render(report: GateReport) -> str:
    """HTML text; every value is escaped."""
    environment = Environment(
        loader=PackageLoader("synth_assets.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"strip": strip, "bars": bars, "marks": MARKS, "shown": FAILURES_SHOWN}
    environment.filters["figure"] = figure
    return environment.get_template("report.html.jinja").render(report=report)


def figure(value: float) -> str:
    """A measured number: whole ones with separators, others with four significant digits."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"


def strip(verdicts: Sequence[Verdict]) -> list[tuple[bool, str]]:
    """Cells of a partition strip: passed, and a title; neighbours merge beyond ``CELLS``."""
    cells = []
    for group in _groups(verdicts):
        failed = [verdict for verdict in group if not verdict.passed]
        one = failed[0] if failed else group[0]
        span = str(one.key) if len(group) == 1 else f"{group[0].key} to {group[-1].key}"
        count = f", {len(failed)} failed" if len(group) > 1 and failed else ""
        cells.append((not failed, f"{span}: {figure(one.measured)} ({one.bound}){count}"))
    return cells


def bars(rows: Sequence[tuple[str, int]]) -> list[tuple[float, str]]:
    """Bars of a sparkline: height from 0 to 1, and a title."""
    groups = [(g[0][0], g[-1][0], sum(n for _, n in g) / len(g)) for g in _groups(rows)]
    most = max((height for _, _, height in groups), default=0) or 1
    return [
        (height / most, f"{a if a == b else f'{a} to {b}'}: {figure(round(height))} rows")
        for a, b, height in groups
    ]


def _groups(items: Sequence[Item]) -> list[Sequence[Item]]:
    size = -(-len(items) // CELLS) or 1
    return [items[start : start + size] for start in range(0, len(items), size)]
