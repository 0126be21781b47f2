"""Every page on the demo's data, in light and dark colours and on a phone.

``pytest -m slow synth_assets_tests/studio/test_walk.py --pictures docs/pictures`` writes the
pictures of the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synth_assets.studio.pages import ALL
from synth_assets_tests.studio import browser
from synth_assets_tests.studio.browser import press, settled, visit
from synth_assets_tests.ui.server import needs_browser

pytestmark = [pytest.mark.slow, needs_browser]
# Milliseconds until a run has stored something, or has ended.
RUN = 600_000
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"width": 390, "height": 844, "has_touch": True, "is_mobile": True},
}


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


def picture(chromium: Any, url: str, shoot: Shoot, path: str, height: int = 900) -> None:
    """A picture of a page as it opens."""
    with browser.tab(chromium, 1280, height, color_scheme="light") as tab:
        visit(tab, url, path)
        tab.wait_for_function("() => !document.body.innerText.includes(' …')")  # is counted
        shoot(tab, path.replace("-", "_"))


@pytest.mark.parametrize("path", ["home", "jaffle", "journey", "graph", "clean-room"])
def test_pictures_of_pages(chromium: Any, url: str, shoot: Shoot, path: str) -> None:
    picture(chromium, url, shoot, path, 1_100)


def test_picture_of_the_wizard(chromium: Any, url: str, shoot: Shoot) -> None:
    with browser.tab(chromium, 1280, 1_800, color_scheme="light") as tab:
        visit(tab, url, "wizard")
        tab.get_by_text("A sample of 1,000 households").wait_for()
        settled(tab)
        shoot(tab, "wizard")


def test_picture_of_a_cluster(chromium: Any, url: str, shoot: Shoot) -> None:
    with browser.tab(chromium, 1280, 1_100, color_scheme="light") as tab:
        visit(tab, url, "resolution")
        tab.get_by_role("tab", name="Clusters").click()
        settled(tab)
        tab.get_by_text("Show who the records are").click()
        settled(tab)
        shoot(tab, "resolution")


def test_pictures_of_an_answer_and_of_a_refusal(chromium: Any, url: str, shoot: Shoot) -> None:
    with browser.tab(chromium, 1280, 1_000, color_scheme="light") as tab:
        visit(tab, url, "console")
        press(tab, "Customer segmentation")
        tab.get_by_role("button", name="Run the query").click()
        tab.get_by_test_id("stAlert").filter(has_text="row").wait_for()
        settled(tab)
        shoot(tab, "console")
        area = tab.locator("textarea")
        area.fill(area.input_value().replace("WITH AGGREGATION_THRESHOLD", ""))
        area.press("Escape")
        area.press("Control+Enter")
        tab.get_by_text("The rule:").wait_for()
        settled(tab)
        shoot(tab, "console_refused")


def test_picture_of_a_check(chromium: Any, url: str, shoot: Shoot) -> None:
    with browser.tab(chromium, 1280, 1_100, color_scheme="light") as tab:
        visit(tab, url, "gates?domain=jaffle")
        # The canvas of a table has no cells to press: its checkboxes are left of the rows.
        box = tab.locator('[data-testid="stDataFrame"]').nth(1).bounding_box()
        tab.mouse.click(box["x"] + 16, box["y"] + 52)
        settled(tab)
        tab.get_by_text("Select a check").wait_for(state="hidden")
        shoot(tab, "gates")


def test_picture_of_a_run(chromium: Any, url: str, shoot: Shoot) -> None:
    with browser.tab(chromium, 1280, 1_000, color_scheme="light") as tab:
        visit(tab, url, "scenario?domain=jaffle")
        press(tab, "Start the run")
        tab.get_by_text("has been started").wait_for()
        visit(tab, url, "jobs")
        tab.get_by_text(re.compile(r"^[1-9]\d* of \d+ partitions")).wait_for(timeout=RUN)
        shoot(tab, "jobs")
        tab.get_by_role("button", name="Cancel").click()
        tab.get_by_text("Nothing runs.").wait_for(timeout=RUN)
