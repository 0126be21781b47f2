"""The range of days of the demo, which daily tables end with."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.cli.demo_days import demo_domains, demo_keys
from synth_assets.cli.selection import domain_named
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.sources import frame
from synth_assets.core.variables import remembered
from synth_assets.orchestration.partitions import keys_among
from synth_assets.orchestration.remembered import remember
from synth_assets.orchestration.settings import Settings

JAFFLE_END = "SYNTH_JAFFLE_END_DATE"


def demo(days: int | None = None) -> dict[str, Domain]:
    stores = Settings.from_environment().open_stores()
    return {domain.name: domain for domain in demo_domains(days, stores)}


@pytest.mark.usefixtures("home")
def test_the_demo_makes_every_partition_that_its_tables_have() -> None:
    for domain in demo().values():
        for table in domain.tables:
            keys = list(table.partitioning.keys())
            assert keys == demo_keys(domain, None) or keys == ["all"]
    # The variables that end the ranges do not stay.
    assert domain_named("jaffle").tables[0].partitioning.end is None
    assert len(demo_keys(demo()["jaffle"], None)) == 60
    assert len(demo_keys(demo()["journey"], None)) == 61


@pytest.mark.usefixtures("home")
def test_fewer_days_end_earlier_and_leave_shards_whole() -> None:
    ends = demo(3)
    assert list(ends["jaffle"].tables[0].partitioning.keys())[-1] == "2026-01-03"
    assert list(ends["journey"].tables[0].partitioning.keys())[-1] == "2020-11-03"
    shards = ends["identity_resolution"].tables[1].partitioning.keys()
    assert demo_keys(ends["identity_resolution"], 3) == list(shards)


@pytest.mark.usefixtures("home")
def test_the_end_of_the_demo_is_remembered_and_can_be_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings.from_environment()
    for name, domain in demo().items():
        remember(name, domain.scenario, settings)
    assert remembered() == {JAFFLE_END: "2026-03-02"}
    jaffle = domain_named("jaffle")
    assert keys_among(jaffle.tables, None)[-1] == "2026-03-01"
    with pytest.raises(UserError, match=rf"2026-03-02 is outside .*; {JAFFLE_END} sets the end"):
        keys_among(jaffle.tables, "2026-03-02")
    monkeypatch.setenv(JAFFLE_END, "open")
    assert "2026-03-02" in keys_among(domain_named("jaffle").tables, None)


@pytest.mark.usefixtures("home")
def test_an_open_end_of_the_journey_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_JOURNEY_END_DATE", "open")
    journey = domain_named("journey")
    remember(journey.name, journey.scenario, Settings.from_environment())
    assert remembered() == {"SYNTH_JOURNEY_END_DATE": "open"}


@pytest.mark.usefixtures("home")
def test_the_environment_and_later_days_that_are_stored_keep_their_range(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    stores = Settings.from_environment().open_stores()
    jaffle = domain_named("jaffle")
    table = jaffle.tables[0]
    partition = table.partition(jaffle.scenario, "2026-03-02")
    rows = frame(table, jaffle.scenario, partition)
    stores.of(table).replace(table, partition.key, rows, jaffle.scenario.fingerprint())
    assert len(demo()["jaffle"].tables[0].partitioning.keys()) > 60
    monkeypatch.setenv(JAFFLE_END, "2026-01-11")
    assert len(demo()["jaffle"].tables[0].partitioning.keys()) == 10
