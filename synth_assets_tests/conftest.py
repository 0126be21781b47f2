"""What several rooms' tests share: a home of their own, away from the person's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from synth_assets.core.garbage_collection import collect_less
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.environment import NOWHERE, found, restored
from synth_assets_tests.servers import (
    bigquery_project,
    postgres_of_the_module,
    postgres_server,
    postgres_url,
    s3_bucket,
    unity_workspace,
)

collect_less()
# Property tests take the same examples each time and are not judged by the clock.
hypothesis_settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("steady")

__all__ = [
    "bigquery_project",
    "postgres_of_the_module",
    "postgres_server",
    "postgres_url",
    "s3_bucket",
    "unity_workspace",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the tests in a browser, of Dagster's UI and of the studio."""
    group = parser.getgroup("browser")
    group.addoption("--pictures", help="Write the pictures of the documentation to this folder.")
    group.addoption("--demo-home", help="Show a copy of this home instead of a new demo.")


# Rooms whose files take longest: begun first, none of them is what all others wait for.
# The stores' come before those that wait for the parsed dbt project, which the first makes.
SLOWEST_FIRST = ("ui", "stores", "dbt", "orchestration", "cli")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the rooms in which files take longest first, unless the order is to be random."""
    if config.getoption("random_order_enabled", default=False):
        return
    ranks = {room: rank for rank, room in enumerate(SLOWEST_FIRST)}
    here = Path(__file__).parent
    items.sort(key=lambda item: ranks.get(item.path.relative_to(here).parts[0], len(ranks)))


# Tests without a home of their own do not see what the person's remembers.
os.environ["SYNTH_HOME"] = NOWHERE


@pytest.fixture(scope="module", autouse=True)
def _settings_as_found() -> Iterator[None]:
    """What dbt is told in a file's tests (where the lake is, for one) is not told to the next."""
    with restored():
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty SYNTH_HOME; every setting is back at its default."""
    for name in found():
        monkeypatch.delenv(name)
    monkeypatch.setenv("SYNTH_HOME", str(tmp_path / "home"))
    # Undone by monkeypatch, though code under test sets it through os.environ.
    monkeypatch.setenv("DAGSTER_HOME", "")
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings on the empty home."""
    return Settings.from_environment()
