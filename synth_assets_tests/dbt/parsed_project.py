"""The dbt project as dbt has parsed it, once for all tests of a session that load definitions.

A home that has no parsed project parses it, in a process of its own. Tests of that are in
``cli.test_jaffle``; others begin with a home that has it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import gettempdir

from synth_assets.orchestration.locking import locked
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.environment import only

SESSION = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
FOLDER = Path(gettempdir()) / f"synth-tests-dbt-{SESSION}"
TARGET = Path("dbt_target") / "duckdb"


def give_parsed_project(home: Path) -> None:
    """Puts the parsed project, on DuckDB, into a home."""
    FOLDER.mkdir(exist_ok=True)
    with locked(FOLDER / ".lock"):
        if not (FOLDER / TARGET).exists():
            _parse()
    shutil.copytree(FOLDER / TARGET, home / TARGET, dirs_exist_ok=True)


def _parse() -> None:
    from synth_assets.orchestration.dbt_project import dbt_project

    with only(SYNTH_HOME=FOLDER / "home"):
        target = dbt_project(Settings.from_environment(), "duckdb").target_path
    shutil.copytree(target, FOLDER / TARGET)
