"""A studio on an empty home with a tiny domain, pages of it without a browser, and a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from synth_assets.orchestration.settings import Settings
from synth_assets.studio import context
from synth_assets.studio.context import Studio, install
from synth_assets_tests.studio import browser
from synth_assets_tests.ui.server import free_port

# Until a page has run, on a machine that is busy with other things.
SECONDS = 600


def _script(module: str) -> None:
    from importlib import import_module

    import_module(f"synth_assets.studio.pages.{module}").page()


def page(module: str, session: Mapping[str, Any] = {}, **parameters: str) -> AppTest:
    """A page that has run once, in a session with a state."""
    test = AppTest.from_function(_script, args=(module,), default_timeout=SECONDS)
    for name, value in session.items():
        test.session_state[name] = value
    for name, value in parameters.items():
        test.query_params[name] = value
    return test.run()


def texts(test: AppTest) -> str:
    """Everything that a page says in Markdown, as Streamlit gets it."""
    kinds = (test.markdown, test.caption, test.info, test.warning, test.error, test.success)
    return "\n".join(element.value for kind in kinds for element in kind)


@pytest.fixture
def studio(settings: Settings) -> Iterator[Studio]:
    """A studio on the empty home; Dagster does not run."""
    before = list(context._installed)
    surroundings = Studio(
        home=settings.make_home(),
        open_stores=lambda: settings.open_stores(patient=False),
        warehouse=settings.warehouse,
        gate_folder=settings.gate_folder,
        dagster_url=f"http://127.0.0.1:{free_port()}",
    )
    install(surroundings)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield surroundings
    context._installed[:] = before


Change = Callable[..., Studio]


@pytest.fixture
def change(studio: Studio) -> Change:
    """Installs the studio with other attributes."""

    def changed(**attributes: object) -> Studio:
        other = replace(studio, **attributes)  # type: ignore[arg-type]
        install(other)
        return other

    return changed


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The home of a demo of three weeks, or a copy of the one that was named."""
    home = tmp_path_factory.mktemp("demo") / "home"
    if made := request.config.getoption("--demo-home", default=None):
        browser.copy_home(Path(made), home)
    else:
        browser.synth(home, "demo", "--days", "21")
    return home


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser."""
    with browser.chromium() as opened:
        yield opened


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """A tab of a session of its own, in which no dialog may open."""
    with browser.tab(chromium) as opened:
        yield opened
