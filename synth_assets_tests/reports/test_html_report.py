"""The statuses of a gate report, and its HTML page."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.reports import formatting, history, html_report, junit
from synth_assets.reports.gate import CheckOutcome, Materialization, TableOutcome
from synth_assets_tests.reports.examples import (
    DAYS,
    EVERY_STATUS,
    FAILED,
    MISSING,
    SHARDS,
    SOUND,
    WARNED,
    Page,
    check,
    domain,
    large,
    page,
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
    assert EVERY_STATUS.totals == {"tables": 1, "models": 0, "partitions": 30, "rows": 30_000}


# --- HTML ---------------------------------------------------------------------------------


def test_only_a_warning_is_said_to_find_what_was_planted() -> None:
    warned, failed = (replace(c, detects=["swap"]) for c in (WARNED, FAILED))
    assert "finds what was planted" in page(report(SOUND, warned))
    assert "finds what was planted" not in page(report(SOUND, failed))


def test_the_page_requests_nothing_and_runs_its_own_script_alone() -> None:
    html = page(EVERY_STATUS)
    assert not re.search(r"url\((?!#)|@import|javascript:", html)
    found = Page(html)
    assert not {"link", "iframe", "object", "base"} & {t for t, _ in found.tags}
    assert [t for t, _ in found.tags].count("script") == 1
    for tag, attrs in found.tags:
        assert not any(name.startswith("on") for name in attrs)
        assert (attrs.get("src") or "data:").startswith("data:")
        if tag == "a":
            assert (attrs.get("href") or "").startswith(("#", "http://dagster.test/"))
    script = html.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] or "" for t, a in found.tags if "http-equiv" in a)
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_the_links_within_the_page_have_targets() -> None:
    tags = Page(page(EVERY_STATUS)).tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {a["href"] or "" for t, a in tags if t == "a" and (a["href"] or "").startswith("#")}
    assert links
    assert {link[1:] for link in links} <= set(ids)
    assert {a["data-for"] for _, a in tags if "data-for" in a} <= set(ids)


def test_the_page_links_to_the_asset_the_check_the_partition_and_the_run() -> None:
    ran = replace(FAILED, runs={DAYS[4]: "0123456789"})
    links = [a.get("href") for t, a in Page(page(report(ran))).tags if t == "a"]
    asset = "http://dagster.test/assets/shop/orders"
    assert asset in links
    assert f"{asset}?view=checks&checkDetail=failed" in links
    assert f"{asset}?view=partitions&partition={DAYS[4]}" in links
    assert "http://dagster.test/runs/0123456789" in links
    without = page(replace(report(ran), ui=""))
    assert "/assets/" not in without
    assert "/runs/" not in without


def test_the_page_shows_hostile_values_as_text() -> None:
    hostile = 'javascript:alert(1)"><img src=x onerror=alert(1)> `<b>x</b>`'
    made = report(SOUND, WARNED, FAILED)
    named = replace(
        FAILED, name=hostile, doc=hostile, table=hostile, runs={DAYS[4]: hostile}, detects=[hostile]
    )
    table = replace(
        made.tables[0],
        table=hostile,
        doc=hostile,
        tags={hostile: hostile},
        checks=[named],
        rows={hostile: 1},
        latest=Materialization(hostile, datetime(2026, 1, 1, tzinfo=UTC)),
    )
    planted = replace(made.domains[0], name=hostile, doc=hostile, owners=[hostile], tables=[table])
    entry = history.entry_of(planted, made.created_at, "a.html")
    of = replace(made, domains=[planted])
    for html in (
        html_report.domain_page(of, planted, [entry, entry]),
        html_report.index_page(hostile, made.created_at, [(entry, [entry, entry])]),
    ):
        found = Page(html)
        assert "img" not in {tag for tag, _ in found.tags}
        assert not any(name.startswith("on") for _, attrs in found.tags for name in attrs)
        hrefs = [a["href"] or "" for _, a in found.tags if "href" in a]
        assert not any(href.startswith("javascript:") for href in hrefs)
        assert "javascript:alert(1)" in "".join(found.texts)
    text = "".join(Page(page(EVERY_STATUS)).texts)
    assert r"<script>alert('x')</script>\x00\x1b[31m & " in text
    assert r"\u202e" in text
    shown = "".join(t for t in Page(page(EVERY_STATUS)).texts if "use strict" not in t)
    assert not formatting.INVISIBLE.search(shown.replace("\n", ""))


def test_the_page_names_what_failed_and_where() -> None:
    text = " ".join("".join(Page(page(EVERY_STATUS)).texts).split())
    for content in (
        "shop failed", "shop/orders", "sound", DAYS[4], DAYS[9], "2 of 30 partitions failed",
        "measured nan, threshold readable", "measured 0 to 3, threshold = 0", "recall.swap 0.5",
        "1.50", "null", "00ff", "not evaluated, though it blocks",
    ):  # fmt: skip
        assert content in text, content


def test_failing_rows_have_their_partition() -> None:
    columns, rows = html_report.failing_rows(FAILED, 6)
    assert columns[0] == "id"
    assert [row[0] for row in rows] == [("key", DAYS[4]), ("key", DAYS[9])]
    odd = [{"a": 1}, {"b": "x" * 500}]
    columns, rows = html_report.failing_rows(
        check("odd", outcomes=[CheckResult("k", False, 1.0, "", {}, odd)]), 6
    )
    assert columns == ["a", "b"]
    cut = ("", "x" * formatting.LENGTH + "…")
    assert rows == [[("key", "k"), ("n", "1"), ("", "")], [("key", "k"), ("", ""), cut]]


def test_only_tables_that_failed_are_open() -> None:
    def opened(*checks: CheckOutcome) -> bool:
        return any(t == "details" and "open" in a for t, a in Page(page(report(*checks))).tags)

    assert opened(SOUND, FAILED)
    assert not opened(SOUND, WARNED, MISSING)


def test_the_filters_know_the_status_the_kind_and_the_tags() -> None:
    table = replace(report(SOUND, FAILED).tables[0], tags={"dataset": "training"})
    model = replace(table, table="shop_marts/orders", kind="model", tags={}, checks=[])
    tags = Page(page(replace(report(), domains=[domain(table, model)]))).tags
    cards = [a for _, a in tags if a.get("class") == "card"]
    assert [(c["data-kind"], c["data-status"]) for c in cards] == [
        ("table", "failed"), ("model", "passed"),
    ]  # fmt: skip
    assert cards[0]["data-tag"] == "dataset: training"
    parts = [a["data-status"] for _, a in tags if "data-part" in a]
    assert parts == ["passed", "failed"]
    assert {a["name"] for t, a in tags if t == "select"} == {"kind"}


def test_a_check_that_failed_before_says_since_when() -> None:
    of = report(SOUND, FAILED)
    entry = history.entry_of(of.domains[0], of.created_at, "")
    calm = replace(entry, findings={})
    later = replace(entry, created_at=of.created_at + timedelta(days=1))
    assert html_report.streak(FAILED, [entry]) == ""
    assert html_report.streak(FAILED, [calm, entry]) == "new"
    since = f"2 reports, since {formatting.timestamp(of.created_at)}"
    assert html_report.streak(FAILED, [entry, calm, entry, later]) == since
    shown = html_report.domain_page(of, of.domains[0], [calm, entry, later])
    assert since in "".join(Page(shown).texts)
    assert "Checks that did not pass in the last 3 reports" in shown


def test_every_failing_partition_is_named() -> None:
    late = check("late", outcomes=results(*SHARDS[:40], *SHARDS[50:55], SHARDS[90], keys=SHARDS))
    text = "".join(Page(page(report(late))).texts)
    assert all(key in text for key in SHARDS[: html_report.LISTED])
    assert html_report.key_ranges(late) == ["s0030 to s0039 (10)", "s0050 to s0054 (5)", "s0090"]
    assert "and 16 more: s0030 to s0039 (10), s0050 to s0054 (5), s0090" in text


@pytest.mark.parametrize("failing", [SHARDS[::40], SHARDS, SHARDS[::2]], ids=len)
def test_the_page_stays_small_with_many_partitions(failing: list[str]) -> None:
    wide = [{f"column{n}": "é<&" * 100 for n in range(8)}] * 5
    made = large(failing, wide)
    assert len(page(made).encode("utf-8", "backslashreplace")) < 3_000_000
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
    bare = replace(report(), domains=[domain(TableOutcome("a/b", "", {}, []))])
    assert "no checks" in "".join(Page(page(bare)).texts)
    assert "shop: not evaluated" in page(replace(bare, domains=[domain()]))
