"""The site is built without a warning, and works from disk without a request to the network."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, sync_playwright

from synth_assets_docs.site import build

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium")
if find_spec("mermaidx") is None:
    pytest.skip("mermaidx is not installed: run `make setup`", allow_module_level=True)


@pytest.fixture(scope="module")
def site() -> Path:
    return build().parent


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")
def test_the_site_works_from_disk(site: Path) -> None:
    requests: list[str] = []
    errors: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", "about:")):
            requests.append(request.url)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.on("request", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        _diagram_is_drawn(page, site / "data" / "jaffle.html")
        _search_finds(page, site / "index.html", "validation_anomalies")
        # A server shows the page of errors at any address, so its links begin at the top.
        for path in sorted(set(site.rglob("*.html")) - {site / "404.html"}):
            page.goto(path.as_uri())
            logo = page.locator("a.md-logo").first.evaluate("link => link.href")
            assert logo == (site / "index.html").as_uri(), path
            broken = page.evaluate(
                "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
            )
            assert not broken, (path, broken)
        browser.close()
    assert not requests
    assert not errors


def _diagram_is_drawn(page: Page, path: Path) -> None:
    page.goto(path.as_uri())
    page.wait_for_selector("div.mermaid")
    assert page.locator("pre.mermaid").count() == 0


def _search_finds(page: Page, path: Path, word: str) -> None:
    page.goto(path.as_uri())
    page.get_by_role("button", name="Search").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type(word, delay=50)
    page.get_by_text(word).nth(1).wait_for()
