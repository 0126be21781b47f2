"""The studio in a real browser, with Dagster beside it: what only both together can show."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from synth_assets_tests.studio import browser
from synth_assets_tests.studio.browser import STEP, fill, press, settled, visit
from synth_assets_tests.ui.server import needs_browser

pytestmark = [pytest.mark.slow, needs_browser]
# Milliseconds of a run that other tests may delay.
RUN = 600_000


@dataclass(frozen=True)
class Server:
    """A studio that runs."""

    url: str
    home: Path


@pytest.fixture(scope="module")
def server(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio with Dagster, on a copy of the demo."""
    home = tmp_path_factory.mktemp("studio") / "home"
    browser.copy_home(demo_home, home)
    with browser.serving(home, dagster=True, SYNTH_IDENTITY_GRAPH_SHARDS="2") as url:
        yield Server(url, home)


def started(tab: Any) -> str:
    """The number of the run that a page says it has started."""
    said = tab.get_by_text("has been started").first
    said.wait_for()
    return str(said.locator("code").inner_text())


def ended(tab: Any, server: Server, run: str, text: str) -> None:
    """Waits on the page Jobs until a run has ended so."""
    deadline = time.monotonic() + RUN / 1_000
    seen = ""
    while run not in seen and time.monotonic() < deadline:
        visit(tab, server.url, "jobs")
        tab.get_by_text("Nothing runs.").wait_for(timeout=RUN)
        settled(tab)
        seen = verdicts(tab)
    row = history(tab).locator("tr").filter(has_text=run)
    assert text in str(row.first.text_content())


def history(tab: Any) -> Any:
    """The history, as its accessible table has it."""
    return tab.locator('[data-testid="stDataFrame"] table').first


def verdicts(tab: Any) -> str:
    """The texts of the history."""
    return str(history(tab).text_content())


def test_home_asks_before_it_replaces_what_is_stored(tab: Any, server: Server) -> None:
    visit(tab, server.url, "home")
    tab.get_by_role("button", name="Make a small sample").first.click()
    replace = tab.get_by_role("button", name="Replace by a sample").first
    replace.wait_for()
    tab.wait_for_timeout(7_000)  # the card is drawn again meanwhile
    assert replace.is_visible()


def test_the_wizard_makes_what_was_chosen(tab: Any, server: Server) -> None:
    visit(tab, server.url, "wizard")
    fill(tab, "Number of households", "1500")
    for title in ("Demographics", "Engagement", "Audience", "Campaigns", "Responses", "Review"):
        press(tab, "Next")
        tab.get_by_role("heading", name=title, level=2).wait_for()
        if title == "Campaigns":
            fill(tab, "Number of campaigns", "4")
            fill(tab, "Planned households", "1500")
    fill(tab, "Seed", "7")
    assert "seed=7" in tab.locator("code").filter(has_text="synth materialize").first.inner_text()
    tab.reload()
    settled(tab)
    assert tab.get_by_label("Seed", exact=True).input_value() == "7"
    press(tab, "Generate")
    ended(tab, server, started(tab), "passed")
    lake = server.home / "lake" / "identity_graph"
    assert (
        pl.scan_parquet(lake / "households/**/*.parquet").select(pl.len()).collect().item() == 1500
    )
    assert pl.scan_parquet(lake / "campaigns/**/*.parquet").select(pl.len()).collect().item() == 4


def test_the_wizard_needs_no_mouse(tab: Any, server: Server) -> None:
    visit(tab, server.url, "wizard")
    tab.get_by_label("Number of households", exact=True).first.focus()
    tab.keyboard.press("Control+A")
    tab.keyboard.type("2500")
    tab.keyboard.press("Enter")
    settled(tab)
    for _ in range(150):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.innerText").strip().endswith("Next"):
            break
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Demographics", level=2).wait_for()
    tab.get_by_text("2,500", exact=True).first.wait_for()


def test_a_number_out_of_its_range_is_refused_beside_its_field(tab: Any, server: Server) -> None:
    visit(tab, server.url, "wizard")
    following = tab.get_by_role("button", name=re.compile("Next$"))
    for households, refused in (("5", True), ("20000000", True), ("2000", False)):
        fill(tab, "Number of households", households)
        assert bool(tab.get_by_test_id("stAlertContentError").count()) == refused
        assert following.is_disabled() == refused
        assert (
            tab.get_by_label("Number of households", exact=True).first.input_value() == households
        )


def test_a_run_that_fails_says_why(tab: Any, server: Server) -> None:
    table = server.home / "lake" / "identity_resolution" / "products"
    shutil.rmtree(table)
    table.write_text("a file where a folder belongs")
    visit(tab, server.url, "scenario?domain=identity_resolution")
    press(tab, "Start the run")
    ended(tab, server, started(tab), "failed")
    # The canvas of the table has no cells to press: its checkbox is left of the first row.
    box = tab.locator('[data-testid="stDataFrame"]').first.bounding_box()
    tab.mouse.click(box["x"] + 16, box["y"] + 52)
    settled(tab)
    assert "products" in tab.get_by_test_id("stAlert").first.inner_text()
    assert not tab.get_by_text("Traceback").count()


def test_a_run_is_cancelled_and_both_sessions_see_it(
    tab: Any, chromium: Any, server: Server
) -> None:
    visit(tab, server.url, "scenario?domain=jaffle")
    fill(tab, "Training orders", "5000000")
    tab.get_by_text("Replace what other settings have made").click()
    settled(tab)
    press(tab, "Start the run")
    run = started(tab)
    visit(tab, server.url, "jobs")
    other = chromium.new_context().new_page()
    visit(other, server.url, "jobs")
    for page in (tab, other):
        page.get_by_role("button", name="Cancel").first.wait_for()
    tab.get_by_role("button", name="Cancel").first.click()
    ended(tab, server, run, "cancelled")
    other.get_by_text("Nothing runs.").wait_for(timeout=STEP)
    assert "cancelled" in verdicts(other)
    other.context.close()


def test_uploaded_clusters_are_scored(tab: Any, server: Server, tmp_path: Path) -> None:
    lake = server.home / "lake" / "identity_resolution"
    truth = pl.read_parquet(lake / "identity_truth/**/*.parquet").filter(
        pl.col("person_id").is_not_null()
    )
    file = tmp_path / "clusters.csv"
    truth.select("record_id", cluster_id="person_id").write_csv(file)
    visit(tab, server.url, "resolution")
    tab.get_by_role("tab", name="Score your resolver").click()
    tab.locator('input[type="file"]').set_input_files(str(file))
    tab.get_by_text("of those whose person is known").wait_for()
    settled(tab)
    panel = tab.get_by_role("tabpanel").filter(has_text="The file has")
    assert panel.get_by_test_id("stMetricValue").all_inner_texts()[:3] == ["1.000"] * 3
    (tmp_path / "wrong.csv").write_text("record_id,cluster_id\n<b>x</b>,1\n")
    tab.locator('input[type="file"]').set_input_files(str(tmp_path / "wrong.csv"))
    tab.get_by_text("are not in identity_resolution").wait_for()


REFUSED = {
    "SELECT * FROM `merchant.merchant_provider.users`": "Refused",
    "SELECT * FROM read_parquet('/etc/passwd')": "Refused",
    "SELECT * FROM information_schema.tables": "Refused",
    "DROP TABLE x": "Refused",
    "COPY (SELECT 1) TO '/tmp/x'": "Refused",
    "SELECT 1; SELECT 2": "Refused",
}


def ask(tab: Any, sql: str) -> None:
    from playwright.sync_api import expect

    area = tab.locator("textarea")
    expect(area).to_have_count(1, timeout=STEP)  # not the other party's, too
    settled(tab)
    area.fill(sql)
    area.press("Escape")
    area.press("Control+Enter")
    settled(tab)


def test_the_console_answers_examples_and_refuses_everything_else(tab: Any, server: Server) -> None:
    from playwright.sync_api import expect

    visit(tab, server.url, "console")
    press(tab, "Customer segmentation")
    expect(tab.locator("textarea")).to_have_value(re.compile("account_tier"), timeout=STEP)
    tab.get_by_role("button", name="Run the query").click()
    tab.get_by_test_id("stAlert").filter(has_text="row").wait_for()
    tab.get_by_text("Provider", exact=True).first.click()
    settled(tab)
    for sql, word in REFUSED.items():
        ask(tab, sql)
        tab.get_by_text(word).first.wait_for()
        assert not tab.get_by_role("button", name="Export as CSV").count(), sql
    assert not Path("/tmp/x").exists()


def test_the_editor_completes_names_with_the_keyboard(tab: Any, server: Server) -> None:
    visit(tab, server.url, "console")
    area = tab.locator("textarea")
    area.fill("")
    area.type("SELECT 1 FROM customer_seg")
    tab.get_by_role("option").first.wait_for()
    area.press("Tab")
    assert re.search(r"FROM `[\w-]+\.customer_segmentation\.\w+`$", area.input_value())
