"""The Dagster UI in a real browser: lineage, partitions, schema tab, checks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.dbt.parsed_project import give_parsed_project
from synth_assets_tests.shell import SYNTH
from synth_assets_tests.ui.server import (
    ARGUMENTS,
    CHROMIUM,
    LOOK_MILLISECONDS,
    environment,
    needs_browser,
    serving,
)

LANDED = "2026-01-01..2026-01-05"


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a UI on an instance with five days of a table and of what it refers to."""
    home = tmp_path_factory.mktemp("ui")
    give_parsed_project(home)
    # Five partitions, so that the list of them fits into the window.
    ours = environment(home, SYNTH_JAFFLE_END_DATE="2026-01-06")
    tables = [f"jaffle/raw_{name}_training" for name in ("customers", "signups", "orders")]
    make = [SYNTH, "materialize", *tables, "--partitions", LANDED]
    subprocess.run(make, env=ours, cwd=PROJECT, check=True, capture_output=True)
    with serving(ours) as address:
        yield address


@needs_browser
def test_the_ui_shows_lineage_partitions_schema_and_green_checks(ui: str) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1600, "height": 1100})
        page.set_default_timeout(LOOK_MILLISECONDS)
        expect.set_options(timeout=LOOK_MILLISECONDS)

        page.goto(f"{ui}/asset-groups")
        expect(page).to_have_title("Global asset lineage")

        page.goto(f"{ui}/assets/jaffle/raw_orders_training?view=lineage")
        # Prefixes only, because the graph truncates long names.
        for name in ("raw_cust", "raw_paym", "stg_orders"):
            expect(page.get_by_text(name).first).to_be_visible()

        page.goto(f"{ui}/assets/jaffle/raw_orders_training?view=overview")
        for text in ("user_id", "Customer who ordered.", "foreign key (user_id)"):
            expect(page.get_by_text(text).first).to_be_visible()

        page.goto(f"{ui}/assets/jaffle/raw_orders_training?view=partitions")
        expect(page.get_by_text("2026-01-05").first).to_be_visible()

        page.goto(f"{ui}/assets/jaffle/raw_orders_training?view=checks")
        for text in ("schema", "primary_key", "fk_user_id", "accepted_status"):
            expect(page.get_by_text(text).first).to_be_visible()
        expect(page.get_by_text("Passed").first).to_be_visible()
        assert page.get_by_text("Failed", exact=True).count() == 0
        browser.close()
