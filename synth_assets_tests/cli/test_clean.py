"""``synth clean``: what is removed of tables, what is asked, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from synth_assets.cli import clean
from synth_assets.core.model import Table
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.cli.conftest import Synth

ADS = "jaffle/stg_google_ads"
FIRST, SECOND = "2026-01-01", "2026-01-02"
KEY = dg.AssetKey(ADS.split("/"))


@pytest.fixture
def recorded(settings: Settings, ads: Table) -> dg.DagsterInstance:
    """Dagster's instance, which has a record of both days."""
    instance = open_instance(settings)
    for day in (FIRST, SECOND):
        instance.report_runless_asset_event(dg.AssetMaterialization(KEY, partition=day))
    return instance


def _stored(settings: Settings, table: Table) -> list[str]:
    return list(settings.open_stores().describe(table))


def test_a_table_is_removed_with_dagsters_record(
    synth: Synth, settings: Settings, ads: Table, recorded: dg.DagsterInstance, home: Path
) -> None:
    assert recorded.get_materialized_partitions(KEY) == {FIRST, SECOND}
    done = synth("clean", ADS, "--yes")
    assert done.code == 0
    assert "Removed 2 partitions of 1 table" in done.out
    assert not (home / "lake" / ADS).exists()
    assert recorded.get_materialized_partitions(KEY) == set()
    again = synth("clean", ADS, "--yes")
    assert (again.code, again.out) == (0, "")
    assert "nothing of the selection is stored at" in again.err


def test_single_partitions_are_removed(
    synth: Synth, settings: Settings, ads: Table, recorded: dg.DagsterInstance
) -> None:
    done = synth("clean", ADS, "--partitions", SECOND, "-y", "--json")
    [removed] = json.loads(done.out)["removed"]
    assert (removed["keys"], removed["stored"]) == ([SECOND], 2)
    assert _stored(settings, ads) == [FIRST]
    assert recorded.get_materialized_partitions(KEY) == {FIRST, SECOND}


def test_a_dry_run_removes_nothing(synth: Synth, settings: Settings, ads: Table) -> None:
    done = synth("clean", "jaffle", "--dry-run")
    assert done.code == 0
    assert "Would remove 2 partitions of 1 table" in done.out
    assert _stored(settings, ads) == [FIRST, SECOND]


@pytest.mark.parametrize(("answer", "left"), [(True, []), (False, [FIRST, SECOND])])
def test_a_person_is_asked(
    synth: Synth,
    settings: Settings,
    ads: Table,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,
    left: list[str],
) -> None:
    monkeypatch.setattr(clean, "interactive", lambda: True)
    monkeypatch.setattr(clean, "confirmed", lambda question, *, yes: answer)
    done = synth("clean", ADS)
    assert "Would remove 2 partitions" in done.out
    assert (done.code, "nothing was removed" in done.err) == ((0, False) if answer else (2, True))
    assert _stored(settings, ads) == left


def test_nothing_is_removed_where_nobody_can_be_asked(
    synth: Synth, settings: Settings, ads: Table
) -> None:
    done = synth("clean", ADS)
    assert done.code == 2
    assert "--yes is needed where nobody can be asked" in done.err
    assert _stored(settings, ads) == [FIRST, SECOND]


def test_what_synth_has_not_written_is_refused(
    synth: Synth, settings: Settings, ads: Table, home: Path
) -> None:
    file = home / "lake" / ADS / f"day={SECOND}" / "data.parquet"
    pl.read_parquet(file, hive_partitioning=False).write_parquet(file)
    done = synth("clean", "jaffle", "--yes")
    assert done.code == 2
    assert f"{ADS} ({SECOND}) at" in done.err
    assert "was not written by synth" in done.err
    assert _stored(settings, ads) == [FIRST, SECOND]


def test_a_damaged_partition_can_be_removed(synth: Synth, ads: Table, home: Path) -> None:
    (home / "lake" / ADS / f"day={SECOND}" / "data.parquet").write_bytes(b"PAR1")
    assert synth("clean", ADS, "--yes").code == 0
    assert not (home / "lake" / ADS).exists()


def test_a_selection_is_required(synth: Synth) -> None:
    done = synth("clean", "--yes")
    assert done.code == 2
    assert "name what to remove: all, a domain" in done.err
