"""Every page on the demo's data, in light and dark colours and on a phone.

``pytest -m slow synth_assets_tests/studio/test_walk.py --pictures docs/pictures`` writes the
pictures of the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synth_assets.studio.pages import ALL
from synth_assets_tests.studio import browser
from synth_assets_tests.studio.browser import visit
from synth_assets_tests.ui.server import needs_browser

pytestmark = [pytest.mark.slow, needs_browser]
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"width": 390, "height": 844, "has_touch": True, "is_mobile": True},
}
# Pixels of a page that is scrolled to its end by nobody: all of it is in the window.
TALL = 5_000


@pytest.fixture(scope="module")
def url(demo_home: Path) -> Iterator[str]:
    """A studio on the demo, with Dagster."""
    with browser.serving(demo_home, dagster=True) as address:
        yield address


Shoot = Callable[[Any, str], None]


@pytest.fixture
def shoot(request: pytest.FixtureRequest, tmp_path: Path) -> Shoot:
    """Takes a picture of a tab."""
    folder = Path(request.config.getoption("--pictures", default=None) or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def take(tab: Any, name: str) -> None:
        tab.mouse.move(0, 0)
        tab.wait_for_timeout(1_500)  # animations
        tab.screenshot(path=folder / f"studio_{name}.png")

    return take


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", [page.path for page in ALL])
def test_a_page_is_whole(chromium: Any, url: str, path: str, look: str) -> None:
    said: list[str] = []
    with browser.tab(chromium, **LOOKS[look]) as tab:
        tab.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        visit(tab, url, path)
        width = tab.viewport_size["width"]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert not tab.get_by_test_id("stException").count()
        assert not tab.get_by_test_id("stAlertContentError").count()
        wrong = [text for text in said if text.startswith(("error", "warning")) and ours(text)]
        assert not wrong, wrong


def ours(text: str) -> bool:
    """Whether a line of the browser's console is about what the pages draw."""
    return "vega" in text.lower() or "legend" in text.lower() or "scale" in text.lower()
