"""Markup planted in every text column of what is stored: no page executes it, no export either."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.routing import Stores
from synth_assets.studio.pages import ALL
from synth_assets_tests.environment import only
from synth_assets_tests.studio import browser
from synth_assets_tests.studio.browser import press, settled, visit
from synth_assets_tests.ui.server import needs_browser

pytestmark = [pytest.mark.slow, needs_browser]
# A formula for a spreadsheet, markup for a browser, a link of Markdown.
PLANTED = (
    '=1+1<img src=x onerror="window.planted=1"><script>window.planted=1</script>'
    "[x](javascript:window.planted=1)"
)
# Columns with words of the code, by which it filters or looks up.
WORDS = {"dataset", "split", "source", "scope", "evaluation", "location_zip"}
# Rows of a partition that get it; the others are removed.
ROWS = 10_000
# What a spreadsheet executes at the beginning of a cell.
FORMULA = r"^[\s]*[=+\-@|%]"


@pytest.fixture(scope="module")
def url(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A studio on a copy of the demo with planted markup, without Dagster."""
    home = tmp_path_factory.mktemp("planted") / "home"
    browser.copy_home(demo_home, home)
    with only(SYNTH_HOME=home):
        settings = Settings.from_environment()
        plant_tables(settings.open_stores(patient=False))
        plant_models(settings.warehouse)
        plant_reports(settings.gate_folder)
    with browser.serving(home) as address:
        yield address


def plant_tables(stores: Stores) -> None:
    """Plants in every text of the tables that have their rows in files."""
    for domain in load_domains():
        for table in domain.tables:
            if stores.routes.kind_of(table) != "parquet" or domain.name == "journey":
                continue  # the pages of the journey read models alone
            for key, stats in stores.describe(table).items():
                frame = stores.scan(table, [key]).head(ROWS).collect()
                columns = [name for name in table.schema.column_names() if name in frame.columns]
                texts = [n for n in columns if frame[n].dtype == pl.String and n not in WORDS]
                planted = {name: pl.lit(PLANTED) + pl.col(name) for name in texts}
                changed = frame.select(columns).with_columns(**planted)
                stores.of(table).replace(table, key, changed.lazy(), stats.fingerprint)


def plant_models(warehouse: Path) -> None:
    """Plants in every text of dbt's models that are tables."""
    columns = (
        "select table_schema, table_name, column_name from information_schema.columns "
        "natural join information_schema.tables "
        "where table_type = 'BASE TABLE' and data_type = 'VARCHAR'"
    )
    with duckdb.connect(str(warehouse)) as file:
        for schema, table, column in file.execute(columns).fetchall():
            if column not in WORDS:
                file.execute(
                    f'update "{schema}"."{table}" set "{column}" = ? || "{column}"', [PLANTED]
                )


def plant_reports(folder: Path) -> None:
    """Plants in the texts of the gate reports that come from data, and a script in their pages."""
    for file in folder.glob("*/report.json"):
        report = json.loads(file.read_text())
        for domain in report["domains"]:
            for check in (c for table in domain["tables"] for c in table["checks"]):
                check["doc"] = PLANTED
                for result in check["results"]:
                    result |= {"threshold": PLANTED, "failing_rows": [{PLANTED: PLANTED}]}
        file.write_text(json.dumps(report))
        page = file.with_name("report.html")
        page.write_text(page.read_text().replace("<body>", f"<body>{PLANTED}"))


def nothing_happened(tab: Any) -> None:
    """No text has become an element, and nothing was executed, in any frame of the page."""
    for frame in tab.frames:
        assert frame.evaluate("window.planted") is None
    assert not tab.locator('a[href^="javascript" i], img[src="x"]').count()


def exported(tab: Any) -> list[str]:
    """The cells of everything that a page exports."""
    cells: list[str] = []
    buttons = tab.get_by_role("button", name="Export as CSV")
    for index in range(buttons.count()):
        if not buttons.nth(index).is_visible():
            continue  # of another tab, or folded
        settled(tab)
        with tab.expect_download() as download:
            buttons.nth(index).click()
        content = Path(download.value.path()).read_bytes()
        frame = pl.read_csv(io.BytesIO(content), infer_schema=False)
        cells += [*frame.columns, *(c for name in frame for c in name.to_list() if c)]
    return cells


@pytest.mark.parametrize("path", [page.path for page in ALL])
def test_planted_markup_is_text_on_every_page(tab: Any, url: str, path: str) -> None:
    visit(tab, url, path)
    assert not tab.get_by_test_id("stException").count()
    cells = exported(tab)
    numbers = pl.Series(cells).cast(pl.Float64, strict=False).is_not_null()
    texts = pl.Series(cells, dtype=pl.String).filter(~numbers)
    assert not texts.str.contains(FORMULA).any()
    if path in ("jaffle", "journey", "graph", "clean-room"):
        assert texts.str.contains(PLANTED[:8], literal=True).any()
    for name in tab.get_by_role("tab").all_inner_texts():
        tab.get_by_role("tab", name=name).click()
        settled(tab)
    nothing_happened(tab)


def test_the_frame_of_a_report_runs_nothing_and_opens_no_page_of_the_studio(
    tab: Any, url: str
) -> None:
    visit(tab, url, "gates?domain=jaffle")
    tab.get_by_role("tab", name="The report").click()
    settled(tab)
    frame = tab.locator("iframe")
    frame.wait_for()
    assert frame.get_attribute("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    links = tab.frame_locator("iframe").locator("a[href]")
    assert links.count()
    for link in links.all()[:50]:
        href = str(link.get_attribute("href"))
        assert href.startswith("#") or link.get_attribute("target") == "_blank"


def test_planted_markup_in_answers_of_the_console_is_text(tab: Any, url: str) -> None:
    visit(tab, url, "console")
    press(tab, "Customer segmentation")
    tab.get_by_role("button", name="Run the query").click()
    settled(tab)
    nothing_happened(tab)
