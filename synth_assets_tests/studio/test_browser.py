"""The studio in a real browser, with Dagster beside it: what only both together can show."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from synth_assets.orchestration.shipped import PROJECT
from synth_assets.studio.pages import ALL
from synth_assets_tests.dbt.parsed_project import give_parsed_project
from synth_assets_tests.ui.server import (
    ARGUMENTS,
    CHROMIUM,
    environment,
    free_port,
    needs_browser,
    wait_for,
)

pytestmark = [pytest.mark.slow, needs_browser]
ENTRY = "from synth_assets.cli import main; main()"
# Milliseconds: of a step, and of a run that other tests may delay.
STEP, RUN = 60_000, 600_000
PLANTED = '<img src=x onerror="window.planted=1"><script>window.planted=1</script>[x](javascript:1)'


@dataclass(frozen=True)
class Server:
    """A studio that runs."""

    url: str
    home: Path


def synth(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-c", ENTRY, *words]


def studio_environment(home: Path) -> dict[str, str]:
    return environment(home, PYTHONPATH=str(PROJECT), SYNTH_IDENTITY_GRAPH_SHARDS="2")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio with Dagster, on small data of two domains."""
    home = tmp_path_factory.mktemp("studio")
    give_parsed_project(home)
    for words in (
        ("materialize", "identity_resolution", "--set", "scale=10K"),
        ("materialize", "clean_room", "--set", "users=3000"),
    ):
        made = subprocess.run(
            synth(home, *words),
            env=studio_environment(home),
            cwd=PROJECT,
            capture_output=True,
            text=True,
        )
        assert made.returncode in (0, 1), made.stderr
    _plant(home / "warehouse.duckdb")
    port, dagster = free_port(), free_port()
    ports = ["--port", str(port), "--dagster-port", str(dagster)]
    process = subprocess.Popen(
        synth(home, "studio", "--dagster", *ports),
        env=studio_environment(home),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        wait_for(f"http://127.0.0.1:{dagster}/server_info", process)
        yield Server(f"http://127.0.0.1:{port}", home)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _plant(file: Path) -> None:
    from synth_assets_tests.studio.test_pages import plant

    plant(file, PLANTED)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(STEP)
    page = context.new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    yield page
    context.close()


def visit(tab: Any, server: Server, path: str) -> None:
    tab.goto(f"{server.url}/{'' if path == 'home' else path}")
    tab.get_by_role("heading", level=1).wait_for()
    settled(tab)


def settled(tab: Any) -> None:
    """Waits until the page has run to its end."""
    tab.wait_for_timeout(700)
    tab.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def press(tab: Any, name: str) -> None:
    # An icon before the name is text, too.
    tab.get_by_role("button", name=re.compile(rf"{re.escape(name)}$")).first.click()
    settled(tab)


def fill(tab: Any, label: str, value: str) -> None:
    field = tab.get_by_label(label, exact=True).first
    field.fill(value)
    field.press("Enter")
    settled(tab)


def ended(tab: Any, server: Server, text: str) -> None:
    """Waits on the page Jobs until a run has ended so."""
    visit(tab, server, "jobs")
    tab.get_by_text("Nothing runs.").wait_for(timeout=RUN)
    settled(tab)
    assert text in verdicts(tab), verdicts(tab)


def verdicts(tab: Any) -> str:
    """The history, as its accessible table has it."""
    return str(tab.locator('[data-testid="stDataFrame"] table').first.text_content())


def test_the_wizard_makes_what_was_chosen(tab: Any, server: Server) -> None:
    visit(tab, server, "wizard")
    fill(tab, "Num households", "1500")
    for title in ("Demographics", "Engagement", "Audience", "Campaigns", "Responses", "Review"):
        press(tab, "Next")
        tab.get_by_role("heading", name=title, level=2).wait_for()
        if title == "Campaigns":
            fill(tab, "Num campaigns", "4")
            fill(tab, "Planned households", "1500")
    fill(tab, "Seed", "7")
    assert "seed=7" in tab.locator("code").filter(has_text="synth materialize").first.inner_text()
    tab.reload()
    settled(tab)
    assert tab.get_by_label("Seed", exact=True).input_value() == "7"
    press(tab, "Generate")
    tab.get_by_text("has been started").wait_for()
    ended(tab, server, "passed")
    lake = server.home / "lake" / "identity_graph"
    assert (
        pl.scan_parquet(lake / "households/**/*.parquet").select(pl.len()).collect().item() == 1500
    )
    assert pl.scan_parquet(lake / "campaigns/**/*.parquet").select(pl.len()).collect().item() == 4


def test_a_run_that_fails_says_why(tab: Any, server: Server) -> None:
    visit(tab, server, "scenario?domain=identity_resolution")
    fill(tab, "Seed", "99")
    press(tab, "Start the run")
    ended(tab, server, "failed")
    # The canvas of the table has no cells to press: its checkbox is left of the first row.
    box = tab.locator('[data-testid="stDataFrame"]').first.bounding_box()
    tab.mouse.click(box["x"] + 16, box["y"] + 52)
    settled(tab)
    assert tab.get_by_text("scenario").count()
    assert tab.get_by_test_id("stAlert").count()
    assert not tab.get_by_text("Traceback").count()


def test_a_run_is_cancelled_and_both_sessions_see_it(
    tab: Any, chromium: Any, server: Server
) -> None:
    visit(tab, server, "scenario?domain=identity_resolution")
    fill(tab, "Scale", "3000000")
    tab.get_by_text("Replace what other settings have made").click()
    settled(tab)
    press(tab, "Start the run")
    visit(tab, server, "jobs")
    other = chromium.new_context().new_page()
    visit(other, server, "jobs")
    for page in (tab, other):
        page.get_by_role("button", name="Cancel").first.wait_for()
    tab.get_by_role("button", name="Cancel").first.click()
    ended(tab, server, "cancelled")
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
    visit(tab, server, "resolution")
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
    tab.locator("textarea").fill(sql)
    tab.locator("textarea").press("Escape")
    tab.locator("textarea").press("Control+Enter")
    settled(tab)


def test_the_console_answers_examples_and_refuses_everything_else(tab: Any, server: Server) -> None:
    visit(tab, server, "console")
    press(tab, "Customer segmentation")
    assert "account_tier" in tab.locator("textarea").input_value()
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
    visit(tab, server, "console")
    area = tab.locator("textarea")
    area.fill("")
    area.type("SELECT 1 FROM customer_seg")
    tab.get_by_role("option").first.wait_for()
    area.press("Tab")
    assert re.search(r"FROM `[\w-]+\.customer_segmentation\.\w+`$", area.input_value())


@pytest.mark.parametrize("path", [page.path for page in ALL])
def test_a_phone_shows_every_page_within_its_width(tab: Any, server: Server, path: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    visit(tab, server, path)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert not tab.get_by_test_id("stException").count()


def test_planted_markup_is_never_executed(tab: Any, server: Server) -> None:
    visit(tab, server, "jaffle")
    assert tab.evaluate("window.planted") is None
    assert not tab.locator('a[href^="javascript"]').count()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Export as CSV").nth(1).click()
    assert PLANTED[:8] in Path(download.value.path()).read_text()
