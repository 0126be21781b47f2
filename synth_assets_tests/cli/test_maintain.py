"""``synth maintain`` on Delta tables, wherever a location puts them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synth_assets.core.location import TableLocation
from synth_assets.core.model import TableView
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.orchestration.conftest import tiny

DAYS = ["2026-01-01", "2026-01-02"]
LOCATIONS = {
    "the domain's schema": (None, {"tiny/parents"}),
    "another schema": (TableLocation("elsewhere"), {"elsewhere/parents"}),
    "a table for each partition": (
        TableLocation("elsewhere", dict(zip(DAYS, ("_one", "_two"), strict=True))),
        {"elsewhere/parents_one", "elsewhere/parents_two"},
    ),
}


@pytest.mark.parametrize("location", LOCATIONS)
def test_tables_are_maintained_wherever_they_are_stored(
    location: str, settings: Settings, in_process: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_STORE", "delta")
    where, stored = LOCATIONS[location]
    domain = tiny()
    table = replace(domain.table("parents"), location=where)
    domain = replace(domain, tables=[table])
    for module in ("cli.maintain", "orchestration.settings"):
        monkeypatch.setattr(f"synth_assets.{module}.load_domains", lambda: [domain])
    stores = Settings.from_environment().open_stores()
    view = TableView(domain, table, DAYS, stores, domain.scenario)
    for partition, frame in table.source.partitions(view):
        stores.of(table).replace(table, partition.key, frame, domain.scenario.fingerprint())
    done = in_process("maintain", "tiny")
    assert done.code == 0, done.err
    assert {word for word in done.out.split() if "/parents" in word} == stored
