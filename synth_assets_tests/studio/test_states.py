"""States that a person meets, in a browser: nothing stored, a lock, no Dagster, a password."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from synth_assets_tests.studio import browser
from synth_assets_tests.studio.browser import STEP, fill, visit
from synth_assets_tests.studio.test_pages import plant
from synth_assets_tests.ui.server import needs_browser

pytestmark = [pytest.mark.slow, needs_browser]
# Milliseconds until Dagster has loaded all definitions, on a machine that is busy.
START = 600_000
PASSWORD = "open, sesame"
WRITER = "import duckdb, sys; file = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"


@contextmanager
def written(warehouse: Path) -> Iterator[None]:
    """Another process writes the warehouse meanwhile, as dbt does."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(warehouse)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert writer.stdout is not None
    assert writer.stdout.readline().strip() == b"1"
    yield
    writer.communicate(b"\n", timeout=60)


def test_a_dashboard_waits_while_dbt_writes_and_goes_on_by_itself(tab: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    plant(home / "warehouse.duckdb", "completed")
    with browser.serving(home) as url:
        visit(tab, url, "journey")
        tab.get_by_text("Make a small sample").wait_for()  # nothing of it is built
        with written(home / "warehouse.duckdb"):
            visit(tab, url, "jaffle")
            tab.get_by_text("takes no readers meanwhile").wait_for()
            tab.wait_for_timeout(6_000)
            assert tab.get_by_text("takes no readers meanwhile").count() == 1
        tab.get_by_role("heading", name="Revenue per day").wait_for()
        assert not tab.get_by_text("takes no readers meanwhile").count()


def test_dagster_is_started_from_the_page(tab: Any, tmp_path: Path) -> None:
    with browser.serving(tmp_path / "home") as url:
        visit(tab, url, "jobs")
        tab.get_by_text("Dagster does not run at").wait_for()
        tab.get_by_role("button", name="Start Dagster").click()
        tab.get_by_text("Dagster starts").first.wait_for()
        tab.get_by_text("Nothing runs.").wait_for(timeout=START)
        tab.get_by_text("No run has ended yet.").wait_for()


def test_a_password_is_asked_for_and_nothing_is_started_in_read_only_mode(
    tab: Any, chromium: Any, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with browser.serving(home, "--read-only", SYNTH_STUDIO_PASSWORD=PASSWORD) as url:
        tab.goto(f"{url}/scenario?domain=jaffle")
        for given in ("a wrong one", PASSWORD):
            assert not tab.get_by_text("Read-only").count()
            tab.get_by_label("Password", exact=True).fill(given)
            tab.get_by_role("button", name="Open the studio").click()
        tab.get_by_text("Read-only").wait_for()
        fill(tab, "Seed", "7")
        assert not tab.get_by_role("button", name="Start the run").count()
        visit(tab, url, "home")
        tab.get_by_text("Read-only").wait_for()  # the browser is still inside
        with browser.tab(chromium) as other:
            other.goto(f"{url}/jobs")
            expect(other.get_by_label("Password", exact=True)).to_be_visible(timeout=STEP)
            assert not other.get_by_text("Dagster does not run").count()
    assert not list(home.glob("lake/*"))
