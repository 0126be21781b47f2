"""The history of a domain's gate, as the published reports have recorded it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from synth_assets.reports.files import HISTORY
from synth_assets.reports.gate import Status
from synth_assets.reports.history import Entry, record
from synth_assets_tests.studio.conftest import SECONDS, texts


def _script(folder: str) -> None:
    from pathlib import Path

    from synth_assets.studio.pages.gate_history import draw

    draw(Path(folder), "tiny")


def shown(folder: Path) -> AppTest:
    """The history as a page shows it."""
    return AppTest.from_function(_script, args=(str(folder),), default_timeout=SECONDS).run()


def published(folder: Path, day: int, **findings: Status) -> None:
    """Records a report of a day with the checks of ``parents`` that did not pass."""
    counts: dict[Status, int] = {"passed": 3, "failed": 0, "warned": 0, "missing": 0}
    for status in findings.values():
        counts[status] += 1
    totals = {"tables": 2, "models": 0, "partitions": 4, "rows": 24}
    found = {("tiny/parents", check): status for check, status in findings.items()}
    at = datetime(2026, 3, day, 8, tzinfo=UTC)
    record(folder / HISTORY, Entry("tiny", "Tiny.", [], at, "", counts, totals, found))


def test_the_history_says_what_no_longer_passes_latest_first(tmp_path: Path) -> None:
    published(tmp_path, 1, drift="warned")
    published(tmp_path, 2, drift="warned", volume="failed")
    published(tmp_path, 3)
    test = shown(tmp_path)
    assert not test.exception
    rows = test.dataframe[0].value
    assert list(rows["Published"]) == [f"2026-03-0{day} 08:00 UTC" for day in (3, 2, 1)]
    assert list(rows["Gate"]) == ["✓ passed", "✗ failed", "! warned"]
    assert list(rows["New since the report before"]) == ["", "tiny/parents volume", ""]
    assert list(rows["Failed"]) == [0, 1, 0]
    assert test.get("vega_lite_chart"), "the checks that did not pass are a plot"


def test_one_report_without_findings_is_a_row_and_no_plot(tmp_path: Path) -> None:
    published(tmp_path, 1)
    test = shown(tmp_path)
    assert len(test.dataframe[0].value) == 1
    assert not test.get("vega_lite_chart")


@pytest.mark.parametrize(("content", "said"), [(None, "has been published"), (b"no db", "damaged")])
def test_a_history_that_cannot_be_read_is_explained(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content:
        (tmp_path / HISTORY).write_bytes(content * 200)
    test = shown(tmp_path)
    assert not test.exception
    assert said in texts(test)
