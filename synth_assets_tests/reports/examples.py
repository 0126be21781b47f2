"""Reports, results and hostile values for tests of reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from synth_assets.core.check_result import CheckResult
from synth_assets.reports import html_report
from synth_assets.reports.gate import CheckOutcome, DomainOutcome, GateReport, TableOutcome

HOSTILE = "<script>alert('x')</script>\x00\x1b[31m & \"quoted\" \u202e]]> \ud800"
DAYS = [f"2026-01-{day:02d}" for day in range(1, 31)]
SHARDS = [f"s{n:04d}" for n in range(400)]
ROW = {"id": 7, "name": HOSTILE, "on": date(2026, 1, 2), "cost": Decimal("1.50"), "gone": None,
       "raw": b"\x00\xff", "rate": float("inf"), "tags": ["a", {"b": float("nan")}]}  # fmt: skip


def results(
    *failing: str, keys: list[str] = DAYS, rows: list[dict[str, Any]] | None = None
) -> list[CheckResult]:
    bad = [ROW] if rows is None else rows
    return [
        CheckResult(key, False, 3.0, "= 0", {"rows": 9.0, "recall.swap": 0.5}, bad)
        if key in failing
        else CheckResult(key, True, 0.0, "= 0", {"rows": 9.0})
        for key in keys
    ]


def check(
    check: str, *, blocking: bool = True, outcomes: list[CheckResult] | None = None
) -> CheckOutcome:
    found = results() if outcomes is None else outcomes
    return CheckOutcome("shop/orders", check, f"Rule {HOSTILE}.", blocking, found)


def report(*checks: CheckOutcome, rows: dict[str, int] | None = None) -> GateReport:
    counts = dict.fromkeys(DAYS, 1_000) if rows is None else rows
    table = TableOutcome("shop/orders", "An order.", counts, checks)
    created_at = datetime(2026, 2, 1, tzinfo=UTC)
    return GateReport("Gate", created_at, [domain(table)], "http://dagster.test")


def domain(*tables: TableOutcome, name: str = "shop") -> DomainOutcome:
    return DomainOutcome(name, "A shop.", ["team:shop"], "abc (seed 1)", tables)


def page(of: GateReport) -> str:
    """The page of a report's only domain."""
    return html_report.domain_page(of, of.domains[0])


def large(failing: list[str], rows: list[dict[str, Any]]) -> GateReport:
    many = [check(f"rule{n}", outcomes=results(*failing, keys=SHARDS, rows=rows)) for n in range(8)]
    one = report(*many, rows=dict.fromkeys(SHARDS, 10))
    tables = [replace(one.tables[0], table=f"shop/orders{n}") for n in range(10)]
    return replace(one, domains=[domain(*tables)])


SOUND = check("sound")
WARNED = check("warned", blocking=False, outcomes=results(DAYS[2]))
FAILED = check("failed", outcomes=results(DAYS[4], DAYS[9]))
MISSING = check("missing", outcomes=[])
NOT_A_NUMBER = check("unreadable", outcomes=[CheckResult(None, False, float("nan"), "readable")])
EVERY_STATUS = report(SOUND, WARNED, FAILED, MISSING, NOT_A_NUMBER)
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "rect"}


class Page(HTMLParser):
    """A page's tags with their attributes and its text; tags must close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID - {"rect"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def classes(self, tag: str) -> list[str]:
        return [attrs.get("class") or "" for name, attrs in self.tags if name == tag]
