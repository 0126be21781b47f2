"""The Dagster UI in a real browser: lineage, partitions, schema tab, checks."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator

import pytest

from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.dbt.parsed_project import give_parsed_project
from synth_assets_tests.shell import SYNTH

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
START_SECONDS, LOOK_MILLISECONDS = 120, 60_000
LANDED = "2026-01-01..2026-01-05"

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="no chromium on this machine: install Debian's package chromium (.ci/run does)",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a UI on an instance with five days of a table and of what it refers to."""
    home = tmp_path_factory.mktemp("ui")
    give_parsed_project(home)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SYNTH_", "DAGSTER_"))}
    # Five partitions, so that the list of them fits into the window.
    ours = {"SYNTH_HOME": str(home), "SYNTH_JAFFLE_END_DATE": "2026-01-06"}
    environment = kept | ours
    tables = [f"jaffle/raw_{name}_training" for name in ("customers", "signups", "orders")]
    make = [SYNTH, "materialize", *tables, "--partitions", LANDED]
    subprocess.run(make, env=environment, cwd=PROJECT, check=True, capture_output=True)
    port = free_port()
    server = subprocess.Popen(
        [SYNTH, "ui", "--port", str(port)],
        env=environment,
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/server_info", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.time() + START_SECONDS
    while time.time() < deadline:
        assert server.poll() is None, "the UI stopped while starting"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the UI did not answer within {START_SECONDS} s")


@needs_browser
def test_the_ui_shows_lineage_partitions_schema_and_green_checks(ui: str) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
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
