"""Gate reports: statuses, and the HTML, JSON and JUnit files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import UserError
from synth_assets.reports import html_report, json_report, junit
from synth_assets.reports.files import write
from synth_assets.reports.gate import CheckOutcome, GateReport, TableOutcome

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
    return GateReport("Gate", created_at, {"shop": "abc (seed 1)"}, [table])


def large(failing: list[str], rows: list[dict[str, Any]]) -> GateReport:
    many = [check(f"rule{n}", outcomes=results(*failing, keys=SHARDS, rows=rows)) for n in range(8)]
    one = report(*many, rows=dict.fromkeys(SHARDS, 10))
    return replace(one, tables=[*one.tables] * 10)


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


# --- statuses -----------------------------------------------------------------------------


def test_only_blocking_checks_fail_a_gate() -> None:
    found = [c.status for c in (SOUND, WARNED, FAILED, MISSING)]
    assert found == ["passed", "warned", "failed", "missing"]
    assert [c.passed for c in (SOUND, WARNED, FAILED, MISSING)] == [True, False, False, False]
    calm, broken = report(SOUND, WARNED, MISSING), report(SOUND, FAILED)
    assert calm.passed
    assert not broken.passed
    assert EVERY_STATUS.counts == {"passed": 1, "failed": 2, "warned": 1, "missing": 1}
    assert EVERY_STATUS.totals == {"tables": 1, "partitions": 30, "rows": 30_000}


# --- HTML ---------------------------------------------------------------------------------


def test_the_page_has_no_scripts_and_no_external_resources() -> None:
    html = html_report.render(EVERY_STATUS)
    assert not re.search(r"https?:|url\(|@import|javascript:", html)
    found = Page(html)
    assert not {"script", "link", "iframe", "img", "object", "base"} & {t for t, _ in found.tags}
    for _, attrs in found.tags:
        assert not any(name.startswith("on") or name == "src" for name in attrs)
        assert (attrs.get("href") or "#").startswith("#")


def test_the_links_of_the_page_have_targets() -> None:
    tags = Page(html_report.render(EVERY_STATUS)).tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {(attrs["href"] or "")[1:] for _, attrs in tags if "href" in attrs}
    assert links
    assert links <= set(ids)


def test_the_page_shows_hostile_values_as_text() -> None:
    text = "".join(Page(html_report.render(EVERY_STATUS)).texts)
    assert r"<script>alert('x')</script>\x00\x1b[31m & " in text
    assert r"\u202e" in text
    assert not html_report.INVISIBLE.search(text.replace("\n", ""))


def test_the_page_names_what_failed_and_where() -> None:
    html = html_report.render(EVERY_STATUS)
    text = " ".join("".join(Page(html).texts).split())
    for content in (
        "Gate: failed", "shop/orders", "sound", DAYS[4], DAYS[9], "2 of 30 partitions failed",
        "measured nan, bound readable", "measured 0 to 3, bound = 0", "recall.swap 0.5", "1.50",
        "null", "00ff", "not evaluated, though it blocks",
    ):  # fmt: skip
        assert content in text, content


def test_only_tables_that_failed_are_open() -> None:
    def opened(*checks: CheckOutcome) -> bool:
        return any(
            t == "details" and "open" in a
            for t, a in Page(html_report.render(report(*checks))).tags
        )

    assert opened(SOUND, FAILED)
    assert not opened(SOUND, WARNED, MISSING)


def test_a_strip_shows_partitions_that_were_not_evaluated() -> None:
    table = report(rows=dict.fromkeys(DAYS, 1)).tables[0]
    half = check("half", outcomes=results(DAYS[3], keys=DAYS[:20]))
    cells = html_report.strip(half, table)
    assert [status for status, _ in cells[2:5]] == ["passed", "failed", "passed"]
    assert [status for status, _ in cells[20:]] == ["missing"] * 10
    assert cells[3][1] == "2026-01-04: 3"
    absent = check("absent", outcomes=[CheckResult("2026-01-00", False, 1.0, "= 0")])
    assert html_report.strip(absent, table)[0] == ("failed", "2026-01-00: 1")
    assert html_report.strip(NOT_A_NUMBER, table) == []


def test_merged_cells_show_the_worst_status() -> None:
    table = report(rows=dict.fromkeys(SHARDS, 1)).tables[0]
    cells = html_report.strip(check("one", outcomes=results("s0005", keys=SHARDS)), table)
    assert len(cells) == 100
    assert cells[1] == ("failed", "s0004 to s0007: 3, 1 of 4 failed")
    assert [status for status, _ in cells].count("passed") == 99


def test_every_failing_partition_is_named() -> None:
    late = check("late", outcomes=results(*SHARDS[:40], *SHARDS[50:55], SHARDS[90], keys=SHARDS))
    text = "".join(Page(html_report.render(report(late))).texts)
    assert all(key in text for key in SHARDS[: html_report.LISTED])
    assert html_report.key_ranges(late) == ["s0030 to s0039 (10)", "s0050 to s0054 (5)", "s0090"]
    assert "and 16 more: s0030 to s0039 (10), s0050 to s0054 (5), s0090" in text


def test_failing_rows_with_different_columns_share_a_table() -> None:
    columns, rows = html_report.sample(
        CheckResult("k", False, 1.0, "", {}, [{"a": 1}, {"b": "x" * 500}])
    )
    assert columns == ["a", "b"]
    assert rows == [[("n", "1"), ("", "")], [("", ""), ("", "x" * html_report.LENGTH + "…")]]


@pytest.mark.parametrize("failing", [SHARDS[::40], SHARDS, SHARDS[::2]], ids=len)
def test_the_page_stays_small_with_many_partitions(failing: list[str]) -> None:
    wide = [{f"column{n}": "é<&" * 100 for n in range(8)}] * 5
    made = large(failing, wide)
    assert len(html_report.render(made).encode("utf-8", "backslashreplace")) < 3_000_000
    assert len(junit.render(made).encode("utf-8", "backslashreplace")) < 3_000_000


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (-0.0, "0"), (1234567.0, "1,234,567"), (0.123456, "0.1235"), (1e300, "1e+300"),
     (float("nan"), "nan"), (float("-inf"), "-inf")],
)  # fmt: skip
def test_numbers_are_short(value: float, shown: str) -> None:
    assert html_report.number(value) == shown


def test_times_are_in_utc() -> None:
    east = datetime(2026, 2, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert html_report.timestamp(east) == "2026-01-31 23:30 UTC"
    assert html_report.timestamp(datetime(2026, 2, 1)) == "2026-02-01 00:00"


def test_an_empty_report_is_a_page() -> None:
    bare = GateReport(
        "Gate", datetime(2026, 2, 1, tzinfo=UTC), {}, [TableOutcome("a/b", "", {}, [])]
    )
    assert "no checks" in "".join(Page(html_report.render(bare)).texts)
    assert "Gate: passed" in html_report.render(replace(bare, tables=[]))


# --- JSON ---------------------------------------------------------------------------------


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_has_everything_and_is_valid() -> None:
    found = strict(json_report.render(EVERY_STATUS))
    assert list(found) == [
        "format", "title", "made_at", "passed", "totals", "checks", "scenario", "tables",
    ]  # fmt: skip
    assert (found["format"], found["passed"]) == (1, False)
    assert datetime.fromisoformat(found["made_at"]) == EVERY_STATUS.created_at
    assert found["checks"] == EVERY_STATUS.counts
    assert found["tables"][0]["rows"] == EVERY_STATUS.tables[0].rows
    for made, content in zip(EVERY_STATUS.checks, found["tables"][0]["checks"], strict=True):
        assert (content["rule"], content["doc"], content["status"]) == (
            made.name,
            made.doc,
            made.status,
        )
        assert content["blocking"] == made.blocking
        keys = [
            (v["partition"], v["passed"], v["bound"], v["numbers"]) for v in content["verdicts"]
        ]
        assert keys == [(v.key, v.passed, v.threshold, v.numbers) for v in made.results]


def test_json_accepts_any_value() -> None:
    checks = {c["rule"]: c for c in strict(json_report.render(EVERY_STATUS))["tables"][0]["checks"]}
    assert checks["unreadable"]["verdicts"][0]["measured"] is None
    assert checks["failed"]["verdicts"][4]["offenders"] == [
        {"id": 7, "name": HOSTILE, "on": "2026-01-02", "cost": "1.50", "gone": None,
         "raw": "00ff", "rate": None, "tags": ["a", {"b": None}]}
    ]  # fmt: skip


# --- JUnit --------------------------------------------------------------------------------


def test_junit_counts_as_a_ci_system_would() -> None:
    root = ElementTree.fromstring(junit.render(EVERY_STATUS))
    for element in (root, root[0]):
        content = {name: element.get(name) for name in ("tests", "failures", "errors", "skipped")}
        tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
        assert content == {name: str(len(list(element.iter(tag)))) for name, tag in tags.items()}
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("5", "2", "1")
    properties = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert properties == {"rows": "30000", "partitions": "30"}


def test_junit_names_what_failed_and_where() -> None:
    root = ElementTree.fromstring(junit.render(EVERY_STATUS))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert len(cases["sound"]) == 0
    failure = cases["failed"].find("failure")
    assert failure is not None
    wanted = f"2 of 30 partitions failed: {DAYS[4]}, {DAYS[9]} (measured 3, bound = 0)"
    assert failure.get("message") == wanted
    assert f"{DAYS[9]}: measured 3, bound = 0" in (failure.text or "")
    assert "<script>alert('x')</script>\ufffd\ufffd[31m" in (failure.text or "")
    unreadable = cases["unreadable"].find("failure")
    assert unreadable is not None
    assert unreadable.get("message") == "measured nan, bound readable"
    output = cases["warned"].find("system-out")
    assert output is not None
    assert (output.text or "").startswith("warned (does not block): 1 of 30 partitions failed")
    assert cases["missing"].find("skipped") is not None


def test_junit_names_every_failing_partition() -> None:
    every = check("every", outcomes=results(*SHARDS, keys=SHARDS))
    failure = ElementTree.fromstring(junit.render(report(every))).find(".//failure")
    assert failure is not None
    assert all(key in (failure.text or "") for key in SHARDS)


# --- files --------------------------------------------------------------------------------

NAMES = ["report.html", "report.json", "report.xml"]


def test_writing_leaves_three_complete_files(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    for made in (EVERY_STATUS, report(SOUND)):
        paths = write(made, folder)
        assert [path.name for path in paths] == NAMES
        assert sorted(path.name for path in folder.iterdir()) == NAMES
        assert paths[0].read_text(encoding="utf-8").endswith("</html>\n")
        assert strict(paths[1].read_text(encoding="utf-8"))["passed"] == made.passed
        assert len(ElementTree.parse(paths[2]).getroot()) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write the gate report to .*file/gate: not a dir"):
        write(report(SOUND), tmp_path / "file" / "gate")
    with pytest.raises(UserError, match=r"cannot write the gate report to .*file: file exists"):
        write(report(SOUND), tmp_path / "file")


def test_a_folder_in_the_way_leaves_the_older_report(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("older")
    (tmp_path / "report.xml").mkdir()
    with pytest.raises(UserError, match=r"report\.xml is a folder"):
        write(report(SOUND), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.xml"]
    assert (tmp_path / "report.html").read_text() == "older"


def test_a_full_disk_leaves_the_older_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [path.read_bytes() for path in write(report(SOUND), tmp_path)]
    put = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        if ".xml" in path.name:
            put(path, text[:40], **options)
            raise OSError(28, "No space left on device")
        return put(path, text, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UserError, match="no space left on device"):
        write(EVERY_STATUS, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES
    assert [(tmp_path / name).read_bytes() for name in NAMES] == first
