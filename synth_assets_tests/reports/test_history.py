"""The history of reports, the trend of a page, and the index of all domains."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.reports import history
from synth_assets.reports.files import HISTORY, INDEX, publish
from synth_assets_tests.reports.examples import EVERY_STATUS, FAILED, SOUND, Page, report

SHOP = EVERY_STATUS.domains[0]


def test_an_entry_is_read_as_it_was_recorded(tmp_path: Path) -> None:
    file = tmp_path / "new" / HISTORY
    assert history.entries(file, "shop") == history.domains(file) == []
    entry = history.entry_of(SHOP, EVERY_STATUS.created_at, "shop/report.html")
    history.record(file, entry)
    assert history.entries(file, "shop") == [entry]
    assert history.domains(file) == ["shop"]
    assert entry.verdict == "failed"
    assert ("shop/orders", "sound") not in entry.findings
    assert entry.findings["shop/orders", "warned"] == "warned"


def test_the_oldest_entries_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 3)
    file, entry = tmp_path / HISTORY, history.entry_of(SHOP, EVERY_STATUS.created_at, "")
    history.record(file, replace(entry, domain="other"))
    for day in range(5):
        history.record(file, replace(entry, created_at=entry.created_at + timedelta(days=day)))
    kept = [(e.created_at - entry.created_at).days for e in history.entries(file, "shop")]
    assert kept == [2, 3, 4]
    assert len(history.entries(file, "other")) == 1
    assert all(e.findings for e in history.entries(file, "shop"))


def test_a_damaged_history_is_named(tmp_path: Path) -> None:
    file = tmp_path / HISTORY
    file.write_text("no database, but long enough to look like one" * 100)
    with pytest.raises(UserError, match=r"cannot use the history .*sqlite: .*; remove it"):
        history.entries(file, "shop")


def test_published_reports_are_in_the_index_and_show_a_trend(tmp_path: Path) -> None:
    sound, bad = report(SOUND), report(SOUND, FAILED)
    for made in (sound, replace(bad, created_at=bad.created_at + timedelta(days=1))):
        publish(made, tmp_path / "shop", tmp_path)
    shown = (tmp_path / INDEX).read_text()
    hrefs = [a["href"] for t, a in Page(shown).tags if t == "a"]
    assert "shop/report.html" in hrefs
    assert "shop/report.html#shop-orders-failed" in hrefs
    page = (tmp_path / "shop" / "report.html").read_text()
    assert 'href="../index.html"' in page
    assert "in the last 2 reports" in page


def test_parts_of_a_domain_are_not_recorded(tmp_path: Path) -> None:
    part = replace(EVERY_STATUS, domains=[replace(SHOP, complete=False)])
    publish(part, tmp_path / "cli", tmp_path)
    assert history.entries(tmp_path / HISTORY, "shop") == []
    assert not (tmp_path / INDEX).exists()
    assert "a part of the domain" in (tmp_path / "cli" / "report.html").read_text()


def test_the_index_links_to_no_page_that_another_report_has_replaced(tmp_path: Path) -> None:
    publish(report(SOUND), tmp_path / "cli", tmp_path)
    other = replace(report(SOUND), domains=[replace(report(SOUND).domains[0], name="other")])
    publish(other, tmp_path / "cli", tmp_path)
    [entry] = history.entries(tmp_path / HISTORY, "shop")
    assert entry.page == ""


def test_a_report_that_is_written_elsewhere_leaves_the_published_ones_alone(tmp_path: Path) -> None:
    publish(report(SOUND), tmp_path / "elsewhere", tmp_path / "published")
    assert (tmp_path / "elsewhere" / "report.html").exists()
    assert not (tmp_path / "published").exists()
