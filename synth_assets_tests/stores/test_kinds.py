"""A registered kind of store works everywhere: settings, gates, dbt sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from synth_assets.cli.selection import domain_named
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.runs import launch
from synth_assets.orchestration.settings import Settings, place_variables
from synth_assets.orchestration.warehouse import NoWarehouseError, target_of
from synth_assets.quality.structural import checks_of
from synth_assets.stores import KINDS, StoreKind, register
from synth_assets.stores.parquet import ParquetStore
from synth_assets_tests.dbt.project import invoke

DAY = "2026-01-01"


class ArchiveStore(ParquetStore):
    """A second kind of store for Parquet files."""

    kind = "archive"


@pytest.fixture
def archive() -> Iterator[StoreKind]:
    kind = StoreKind(
        "archive",
        f"{__name__}:ArchiveStore",
        "SYNTH_ARCHIVE",
        default_location="archive",
        path="any",
        read_as="lake",
    )
    register(kind)
    yield kind
    del KINDS[kind.name]


def test_a_registered_kind_runs_a_table_a_gate_and_a_source_of_dbt(
    archive: StoreKind, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_STORE", "archive")
    settings = Settings.from_environment()
    assert settings.locations["archive"] == str(home / "archive")
    assert "SYNTH_ARCHIVE" in place_variables()
    jaffle = domain_named("jaffle")
    assert target_of(jaffle, settings, settings.routes) == "duckdb"
    tables = [jaffle.table(f"raw_{name}_training") for name in ("customers", "signups", "orders")]
    defs = build_definitions([jaffle], settings, with_dbt=False)
    checks = [
        dg.AssetCheckKey(asset_key(table), check.name)
        for table in tables
        for check in checks_of(table)
    ]
    outcome = launch(defs, [*map(asset_key, tables)], checks, open_instance(settings), keys=[DAY])
    assert outcome.gate_passed, outcome.messages
    assert (home / "archive" / "jaffle" / "raw_orders_training" / f"day={DAY}").is_dir()
    done = invoke(jaffle, settings, "run", "--select", "stg_customers", min_date=DAY, max_date=DAY)
    assert done.success
    rows = settings.open_stores().describe(tables[0])[DAY].rows
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        [schema] = warehouse.execute(
            "select table_schema from information_schema.tables where table_name = 'stg_customers'"
        ).fetchall()
        [count] = warehouse.execute(f"select count(*) from {schema[0]}.stg_customers").fetchall()
    assert count == (rows,)


def test_models_are_refused_where_duckdb_cannot_read_the_tables(
    archive: StoreKind, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(replace(archive, read_as=None))
    monkeypatch.setenv("SYNTH_STORE", "jaffle=archive")
    settings = Settings.from_environment()
    with pytest.raises(NoWarehouseError, match="DuckDB does not read a store of kind archive"):
        target_of(domain_named("jaffle"), settings, settings.routes)
