"""The pytest plugin: found by its entry point, cheap to load, one world for the same settings."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from synth_assets.orchestration.shipped import PROJECT

TESTS = """
import sys

LOADED = set(sys.modules)


def test_loading_the_plugin_imports_nothing_slow():
    assert "synth_assets.pytest_plugin" in LOADED
    assert not {"polars", "pydantic", "dataframely", "dagster"} & LOADED


def test_a_world_is_opened_once(synth_world):
    shop = synth_world("jaffle", seed=7, end_date="2026-01-03")
    assert shop is synth_world("jaffle", end_date="2026-01-03", seed=7)
    assert shop is not synth_world("jaffle", seed=8, end_date="2026-01-03")
    customers = shop["raw_customers_training"].polars()
    orders = shop["raw_orders_training"].polars()
    assert set(orders["user_id"]) <= set(customers["id"])
"""


def test_peoples_tests_get_worlds(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "synth_assets.pytest_plugin"]
    # Without the plugins of this environment, of which one needs a package that is not there.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-c", "/dev/null", f"--rootdir={tmp_path}", tmp_path],
        capture_output=True,
        text=True,
        env=alone,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_package_declares_the_plugin() -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert declared["entry-points"]["pytest11"] == {"synth_assets": "synth_assets.pytest_plugin"}
