"""The report's page in a real browser: filters, keys, phone width, size and time to open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from synth_assets_tests.reports.examples import (
    FAILED,
    HOSTILE,
    SOUND,
    WARNED,
    check,
    domain,
    page,
    report,
    results,
)
from synth_assets_tests.ui.test_browser import CHROMIUM, needs_browser

YEAR = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(365)]


@pytest.fixture
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


def opened(browser: Any, path: Path, html: str, **options: Any) -> tuple[Any, list[str]]:
    """A page of the browser, and what went wrong or was requested besides the file."""
    path.write_text(html, encoding="utf-8", errors="backslashreplace")
    shown, problems = browser.new_context(**options).new_page(), []
    shown.on("pageerror", lambda error: problems.append(str(error)))
    shown.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    shown.on("request", lambda r: problems.append(r.url) if r.url != path.as_uri() else None)
    shown.on("dialog", lambda dialog: problems.append(dialog.message))
    shown.goto(path.as_uri())
    return shown, problems


@needs_browser
def test_a_person_finds_the_failed_check(browser: Any, tmp_path: Path) -> None:
    model = replace(report(SOUND).tables[0], table="shop_marts/orders", kind="model")
    first = report(SOUND, WARNED, FAILED)
    made = replace(first, domains=[domain(first.tables[0], model)])
    phone = {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"}
    shown, problems = opened(browser, tmp_path / "page.html", page(made), **phone)

    def visible() -> list[str]:
        return shown.eval_on_selector_all(
            ".check", "all => all.filter(c => !c.closest('[hidden]')).map(c => c.id)"
        )

    assert len(visible()) == 4
    assert shown.inner_text("#count") == "4 checks"
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown.keyboard.press("f")
    assert visible() == ["shop-orders-failed"]
    assert shown.inner_text("#count") == "1 of 4 checks"
    assert shown.is_visible("text=What did not pass")
    assert HOSTILE[:27] in shown.inner_text("#shop-orders-failed .sample")
    shown.keyboard.press("Escape")
    shown.keyboard.press("/")
    shown.keyboard.type("sound marts")
    assert visible() == ["shop_marts-orders-sound"]
    shown.keyboard.press("Escape")
    shown.select_option("select[name=kind]", "table")
    assert len(visible()) == 3
    shown.keyboard.press("Escape")
    shown.keyboard.press("j")
    assert shown.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert problems == []


@needs_browser
@pytest.mark.slow
def test_a_year_of_days_opens_in_a_second(browser: Any, tmp_path: Path) -> None:
    checks = [check(f"rule{n}", outcomes=results(*YEAR[n :: 9 + n], keys=YEAR)) for n in range(8)]
    table = report(*checks, rows=dict.fromkeys(YEAR, 10)).tables[0]
    tables = [replace(table, table=f"shop/table{n}") for n in range(16)]
    html = page(replace(report(), domains=[domain(*tables)]))
    assert len(html.encode(errors="backslashreplace")) < 3_000_000
    (tmp_path / "year.html").write_text(html, encoding="utf-8", errors="backslashreplace")
    shown = browser.new_context().new_page()
    # Seconds of the processor: other programs use the machine as well.
    devtools = shown.context.new_cdp_session(shown)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    shown.goto((tmp_path / "year.html").as_uri())
    metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
    assert 0 < metrics["TaskDuration"] < 1
