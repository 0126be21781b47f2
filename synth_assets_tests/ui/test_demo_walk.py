"""A walk through the UI after the demo, whose pictures are those of the documentation.

``pytest -m slow synth_assets_tests/ui/test_demo_walk.py --pictures docs/pictures`` writes them.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.shell import SYNTH
from synth_assets_tests.ui.server import (
    ARGUMENTS,
    CHROMIUM,
    LOOK_MILLISECONDS,
    ask,
    environment,
    needs_browser,
    run_ids,
    serving,
    wait_for_new_run,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, needs_browser]

LOCATION = "locations/__repository__@synth_assets"
ORDERS = "jaffle/raw_orders_training"
VALIDATION = "jaffle/raw_orders_validation"
SPOILT_DAY, RANGE = "2026-02-10", "[2026-02-09...2026-02-11]"

HEALTH = """
{ assetsOrError { ... on AssetConnection { nodes {
    key { path }
    definition { isMaterializable partitionStats { numMaterialized numPartitions numFailed } }
} } } }
"""
CHECK_PARTITIONS = """
query ($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
    assetChecksOrError { ... on AssetChecks { checks {
        name partitionStatuses { __typename
            ... on AssetCheckTimePartitionStatuses {
                ranges { status startKey endKey } } }
    } } } } } }
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The home of the demo: a new one, or a copy of the one that was named."""
    folder = tmp_path_factory.mktemp("walk") / "home"
    if made := request.config.getoption("--demo-home", default=None):
        shutil.copytree(made, folder)
    else:
        command = [SYNTH, "demo"]
        subprocess.run(command, env=environment(folder), cwd=PROJECT, check=True)
    return folder


@pytest.fixture(scope="module")
def ui(home: Path) -> Iterator[str]:
    """The address of the UI."""
    with serving(environment(home)) as address:
        yield address


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of the browser, in light colours."""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        page.set_default_timeout(LOOK_MILLISECONDS)
        expect.set_options(timeout=LOOK_MILLISECONDS)
        yield page
        browser.close()


Shoot = Callable[[str], None]


@pytest.fixture
def shoot(page: Page, request: pytest.FixtureRequest, tmp_path: Path) -> Shoot:
    """Takes a picture of the page."""
    folder = Path(request.config.getoption("--pictures", default=None) or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.wait_for_timeout(3_000)  # animations, and values that arrive later
        page.screenshot(path=folder / f"{name}.png")

    return take


def shows(page: Page, *texts: str) -> None:
    from playwright.sync_api import expect

    for text in texts:
        expect(page.get_by_text(text).first).to_be_visible()


def test_every_partition_that_exists_is_there(ui: str, page: Page, shoot: Shoot) -> None:
    nodes = ask(ui, HEALTH)["assetsOrError"]["nodes"]
    missing = {
        "/".join(node["key"]["path"]): stats
        for node in nodes
        if node["definition"] and (stats := node["definition"]["partitionStats"])
        if stats["numMaterialized"] != stats["numPartitions"] or stats["numFailed"]
    }
    assert missing == {}
    page.set_viewport_size({"width": 2000, "height": 1250})
    page.goto(f"{ui}/{LOCATION}/asset-groups/jaffle/lineage")
    shows(page, "raw_orders_t")
    page.wait_for_timeout(20_000)  # states arrive in batches
    assert page.get_by_text("Missing", exact=False).count() == 0
    page.set_viewport_size({"width": 1800, "height": 800})
    page.goto(f"{ui}/assets/jaffle_marts/stg_orders?view=lineage&lineageScope=neighbors")
    shows(page, "raw_orders_training", "10 / 11 Passed", "11 / 11 Passed")
    shoot("lineage")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_an_asset_has_its_columns_with_types_and_its_partitions(
    ui: str, page: Page, shoot: Shoot
) -> None:
    page.goto(f"{ui}/assets/{ORDERS}?view=overview")
    shows(page, "user_id", "Customer who ordered.", "foreign key (user_id)")
    shoot("asset")
    page.goto(f"{ui}/assets/jaffle_marts/orders?view=overview")
    shows(page, "decimal(18,2)", "Dollars paid by credit card.")
    page.goto(f"{ui}/assets/{ORDERS}?view=partitions&partition={SPOILT_DAY}")
    shows(page, SPOILT_DAY)
    shoot("partitions")


def test_plots_run_over_partitions(ui: str, page: Page, shoot: Shoot) -> None:
    page.goto(f"{ui}/assets/{VALIDATION}?view=checks&checkDetail=volume")
    page.get_by_text("[Show Markdown]").first.click()
    plot = page.get_by_alt_text("measured by partition").first
    plot.wait_for()
    assert plot.evaluate("image => image.naturalWidth") > 0
    shoot("plots")


def test_a_check_says_what_it_means_and_which_partitions_failed(
    ui: str, page: Page, shoot: Shoot
) -> None:
    # A result of every day counts, and those that failed only warn.
    assert set(states(ui, VALIDATION, "order_date_in_partition")) == {"SUCCEEDED", "FAILED"}
    whole = [{"status": "SUCCEEDED", "startKey": "2026-01-01", "endKey": "2026-03-01"}]
    assert ranges(ui, ORDERS, "primary_key") == whole
    page.goto(f"{ui}/assets/{VALIDATION}?view=checks&checkDetail=order_date_in_partition")
    shows(page, "partitions failed", "worst_partition")
    shoot("checks")
    unique = "unique_combination_orders_dataset__order_id"
    page.goto(f"{ui}/assets/jaffle_marts/orders?view=checks&checkDetail={unique}")
    shows(page, "No two rows share")


def ranges(ui: str, asset: str, check: str) -> list[dict[str, Any]]:
    """The days of a daily check as the Partitions tab has them."""
    found = ask(ui, CHECK_PARTITIONS, key={"path": asset.split("/")})
    checks = found["assetNodeOrError"]["assetChecksOrError"]["checks"]
    return next(one["partitionStatuses"]["ranges"] for one in checks if one["name"] == check)


def states(ui: str, asset: str, check: str) -> list[str]:
    """The states of a daily check."""
    return [days["status"] for days in ranges(ui, asset, check)]


def test_overview_and_job_pages_have_the_runs_of_the_demo(ui: str, page: Page) -> None:
    page.goto(f"{ui}/runs")
    shows(page, "jaffle_all", "domain: jaffle")
    page.goto(f"{ui}/{LOCATION}/jobs/jaffle_all/runs")
    shows(page, "Success")


def test_a_schedule_is_turned_on(ui: str, page: Page, shoot: Shoot) -> None:
    page.goto(f"{ui}/{LOCATION}/schedules/jaffle_daily")
    shows(page, "jaffle_daily")
    # The box itself is outside of the window: what is seen is drawn beside it.
    page.get_by_role("checkbox").first.evaluate("box => box.click()")
    query = (
        "{ schedulesOrError(repositorySelector: {repositoryName: "
        '"__repository__", repositoryLocationName: "synth_assets"}) '
        "{ ... on Schedules { results { name scheduleState { status } } } } }"
    )
    deadline = time.time() + 60
    states: dict[str, str] = {}
    while states.get("jaffle_daily") != "RUNNING" and time.time() < deadline:
        found = ask(ui, query)["schedulesOrError"]["results"]
        states = {s["name"]: s["scheduleState"]["status"] for s in found}
    assert states["jaffle_daily"] == "RUNNING"
    shoot("schedule")


def test_a_failing_gate_is_seen_explained_and_repaired(
    ui: str, page: Page, shoot: Shoot, home: Path
) -> None:
    [file] = (home / "lake" / ORDERS).rglob(f"*{SPOILT_DAY}*/*.parquet")
    rows = pl.read_parquet(file)
    pl.concat([rows, rows.head(3)]).write_parquet(file)

    before = run_ids(ui)
    page.goto(f"{ui}/assets/{ORDERS}?view=checks")
    page.get_by_role("button", name="Execute all").click()
    wait_for_new_run(ui, before)
    page.goto(f"{ui}/assets/{ORDERS}?view=checks&checkDetail=primary_key")
    shows(page, "1 of 60 partitions failed", SPOILT_DAY)
    shoot("gate_failed")
    assert "FAILED" in states(ui, ORDERS, "primary_key")

    before = run_ids(ui)
    page.goto(f"{ui}/assets/{ORDERS}?view=partitions")
    page.get_by_role("button", name="Materialize").first.click()
    shows(page, "Launch runs to materialize")
    days = page.get_by_placeholder("ex: 2026-01-01").last
    days.fill(RANGE)
    days.press("Enter")
    shoot("materialize")
    page.get_by_role("button", name="Launch backfill").click()
    assert wait_for_new_run(ui, before)["status"] == "SUCCESS"
    page.goto(f"{ui}/assets/{ORDERS}?view=checks&checkDetail=primary_key")
    shows(page, "All 3 partitions passed.")
    shoot("gate_repaired")
    assert set(states(ui, ORDERS, "primary_key")) == {"SUCCEEDED"}
