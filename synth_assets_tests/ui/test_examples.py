"""The worlds of ``examples`` are made, pass their gates, and are in Dagster's UI."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.shell import SYNTH
from synth_assets_tests.ui.server import (
    ARGUMENTS,
    CHROMIUM,
    LOOK_MILLISECONDS,
    environment,
    needs_browser,
    serving,
)

pytestmark = pytest.mark.slow
# A table of each example, with what its page shows.
SHOWN = {
    "greenhouses": ("readings", ("temperature", "Temperature in degrees Celsius.")),
    "hospital": ("encounters", ("ward_no", "admitted_at")),
    "billing": ("invoices", ("subscription_id",)),
}


@needs_browser
@pytest.mark.parametrize("name", SHOWN)
def test_an_example_is_made_and_opened(name: str, tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    folder = PROJECT / "examples" / name
    ours = environment(tmp_path / "home", SYNTH_DOMAINS=str(folder))
    make = [SYNTH, "materialize", name, *(["--dbt"] if (folder / "dbt").is_dir() else [])]
    done = subprocess.run(make, env=ours, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Gate passed" in done.stdout
    table, texts = SHOWN[name]
    with serving(ours) as ui, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1600, "height": 1100})
        page.set_default_timeout(LOOK_MILLISECONDS)
        page.goto(f"{ui}/assets/{name}/{table}?view=overview")
        for text in texts:
            expect(page.get_by_text(text).first).to_be_visible(timeout=LOOK_MILLISECONDS)
        page.goto(f"{ui}/assets/{name}/{table}?view=checks")
        expect(page.get_by_text("primary_key").first).to_be_visible(timeout=LOOK_MILLISECONDS)
        browser.close()
