"""The statuses of a gate report, and its HTML page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.reports import formatting, html_report, junit
from synth_assets.reports.gate import CheckOutcome, GateReport, TableOutcome
from synth_assets_tests.reports.examples import (
    DAYS,
    EVERY_STATUS,
    FAILED,
    MISSING,
    NOT_A_NUMBER,
    SHARDS,
    SOUND,
    WARNED,
    Page,
    check,
    large,
    report,
    results,
)

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
    assert not formatting.INVISIBLE.search(text.replace("\n", ""))


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
    assert rows == [[("n", "1"), ("", "")], [("", ""), ("", "x" * formatting.LENGTH + "…")]]


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
    assert formatting.number(value) == shown


def test_times_are_in_utc() -> None:
    east = datetime(2026, 2, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert formatting.timestamp(east) == "2026-01-31 23:30 UTC"
    assert formatting.timestamp(datetime(2026, 2, 1)) == "2026-02-01 00:00"


def test_an_empty_report_is_a_page() -> None:
    bare = GateReport(
        "Gate", datetime(2026, 2, 1, tzinfo=UTC), {}, [TableOutcome("a/b", "", {}, [])]
    )
    assert "no checks" in "".join(Page(html_report.render(bare)).texts)
    assert "Gate: passed" in html_report.render(replace(bare, tables=[]))
