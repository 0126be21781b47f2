"""The report as self-contained HTML: a page of one domain, and an index of several.

This module selects the values, ``formatting`` makes them text, the templates lay them out. Every
value is escaped, and its control characters are replaced by escape sequences. A page has one script
of its own, for filters and keys; the page's policy names its hash, so that no other script runs and
nothing is requested.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from synth_assets.quality.building import SAMPLES
from synth_assets.reports import links
from synth_assets.reports.diagram import HEIGHT, WIDTH, diagram
from synth_assets.reports.distributions import distributions, is_distribution_number, matrices
from synth_assets.reports.formatting import (
    ago,
    cell_of,
    code,
    number,
    percent,
    span_of,
    timestamp,
    visible,
)
from synth_assets.reports.gate import (
    WORST_FIRST,
    CheckOutcome,
    Counted,
    DomainOutcome,
    GateReport,
    Status,
)
from synth_assets.reports.history import Entry
from synth_assets.reports.partition_strip import WORDS, bars, line, strip

# Reports in a trend.
TREND = 60
# Failing partitions of a check with a line of their own; the others are named as ranges.
LISTED = 30
# Failing partitions with rows: of one check, and about so many of the whole page.
SAMPLED = 6
SAMPLED_ON_PAGE = 120
# Numbers of a check and columns of a row at most.
NUMBERS = 24
COLUMNS = 16

MARKS: dict[Status, str] = {"passed": "✓", "failed": "✗", "warned": "!", "missing": "–"}
Cell = tuple[str, str]


def domain_page(
    report: GateReport, domain: DomainOutcome, trend: Sequence[Entry] = (), index: str = ""
) -> str:
    """The page of one domain as HTML text.

    Args:
        report: The report.
        domain: One of its domains.
        trend: The recorded reports of the domain, oldest first, with this one if it is recorded.
        index: Address of the index, relative to the page; empty if there is none.
    """
    template = _environment().get_template("domain.html.jinja")
    checks = domain.checks
    return template.render(
        report=report,
        domain=domain,
        ui=report.ui,
        trend=trend[-TREND:],
        index=index,
        drawing=diagram(domain.tables),
        distributions=distributions(checks),
        matrices=matrices(checks),
        sampled=samples_of(domain),
        tags=sorted({f"{n}: {v}" for t in domain.tables for n, v in t.tags.items()}),
    )


def index_page(
    title: str, created_at: datetime, shown: Sequence[tuple[Entry, Sequence[Entry]]], ui: str = ""
) -> str:
    """The index of several domains as HTML text.

    Args:
        title: Title of the page.
        created_at: When the page was created.
        shown: The report of each domain, with all of the domain's reports, oldest first.
        ui: Address of the Dagster UI.
    """
    template = _environment().get_template("index.html.jinja")
    return template.render(
        title=title,
        created_at=created_at,
        ui=ui,
        domains=[(entry, trend[-TREND:]) for entry, trend in shown],
        owners=sorted({owner for entry, _ in shown for owner in entry.owners}),
    )


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
    script = _template("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals |= {
        "marks": MARKS,
        "words": WORDS,
        "worst_first": WORST_FIRST,
        "listed": LISTED,
        "style": Markup(_template("page.css")),
        "script": Markup(script),
        "script_hash": digest,
        "asset_url": links.asset_url,
        "check_url": links.check_url,
        "partition_url": links.partition_url,
        "run_url": links.run_url,
        "anchor": links.anchor,
        "ago": ago,
        "streak": streak,
        "box_size": (WIDTH, HEIGHT),
    }
    filters = [bars, code, failing_rows, key_ranges, line, measured, number, number_spans, percent]
    environment.filters |= {f.__name__: f for f in (*filters, strip, timestamp)}
    return environment


def _template(name: str) -> str:
    return (files("synth_assets.reports") / "templates" / name).read_text(encoding="utf-8")


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
            if not is_distribution_number(name):
                found.setdefault(name, []).append(value)
    return [(name, span_of(values)) for name, values in list(found.items())[:NUMBERS]]


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


def samples_of(counted: Counted) -> int:
    """How many failing partitions of each check show rows, which keeps the page small.

    Args:
        counted: The domain.
    """
    failing = sum(1 for check in counted.checks if check.failures)
    return max(1, min(SAMPLED, SAMPLED_ON_PAGE // max(failing, 1)))


def failing_rows(check: CheckOutcome, partitions: int) -> tuple[list[str], list[list[Cell]]]:
    """Columns and cells of a few failing rows, each row with its partition in the first cell.

    Args:
        check: The check.
        partitions: The most failing partitions with rows.

    Returns:
        Names of the columns besides the partition, and for each row the kind (``null``, ``n`` for a
        number, or empty) and text of each cell.
    """
    failures = [result for result in check.failures if result.failing_rows][:partitions]
    rows: list[tuple[str, dict[str, Any]]] = [
        (result.key or "", row) for result in failures for row in result.failing_rows[:SAMPLES]
    ]
    columns = list(dict.fromkeys(name for _, row in rows for name in row))[:COLUMNS]
    return columns, [
        [("key", key), *(cell_of(row.get(name, "")) for name in columns)] for key, row in rows
    ]


def streak(check: CheckOutcome, trend: Sequence[Entry]) -> str:
    """Since when a check has its status, from the recorded reports.

    Args:
        check: A check that did not pass.
        trend: The recorded reports of its domain, oldest first.
    """
    alike = list(_while_alike(reversed(trend), (check.table, check.name), check.status))
    if len(trend) < 2 or not alike:
        return ""
    if len(alike) == 1:
        return "new"
    return f"{len(alike)} reports, since {timestamp(alike[-1].created_at)}"


def _while_alike(
    newest_first: Iterable[Entry], key: tuple[str, str], status: Status
) -> Iterator[Entry]:
    for entry in newest_first:
        if entry.findings.get(key) != status:
            return
        yield entry
