"""What is made from tables is made from declared ones: assets, contracts, sources, settings."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from synth_assets.contracts.dictionary import data_dictionary
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.domains.outside import domain_at
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.dbt_folder import project_folder
from synth_assets.orchestration.dbt_sources import render
from synth_assets.orchestration.partitions import keys_among
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DBT_PROJECT, PROJECT
from synth_assets_tests.declarative.conftest import Declare, rows_of

GREENHOUSES = PROJECT / "examples" / "greenhouses"


def test_dagster_has_its_assets_jobs_and_settings(settings: Settings) -> None:
    domain = domain_at(GREENHOUSES)
    defs = build_definitions([domain], settings, with_dbt=False)
    keys = {key.to_user_string() for key in defs.resolve_all_asset_keys()}
    assert {table.path for table in domain.tables} < keys
    assert defs.resolve_job_def("greenhouses_all")
    resource = defs.resources["greenhouses_scenario"]
    assert resource.sites_rows == 12
    assert not hasattr(resource, "readings_rows")  # as many as its sensors have


def test_sources_and_dictionary_have_its_columns(home: Path) -> None:
    domain = domain_at(GREENHOUSES)
    [source] = yaml.safe_load(render([domain])["greenhouses"])["sources"]
    readings = next(table for table in source["tables"] if table["name"] == "readings")
    names = [column["name"] for column in readings["columns"]]
    assert names == ["sensor_id", "measured_at", "temperature", "humidity", "battery", "day"]
    assert "Temperature in degrees Celsius." in data_dictionary(domain)


def test_the_dbt_project_is_copied_with_its_models(settings: Settings) -> None:
    assert project_folder(load_domains(), settings) == DBT_PROJECT
    folder = project_folder([domain_at(GREENHOUSES)], settings)
    models = folder / "models" / "greenhouses"
    assert {p.name for p in models.iterdir()} == {
        "greenhouse_days.sql",
        "greenhouses.yml",
        "sources.yml",
    }
    assert (folder / "models" / "jaffle").is_dir()
    written = (folder / "dbt_project.yml").stat().st_mtime_ns
    project_folder([domain_at(GREENHOUSES)], settings)
    assert (folder / "dbt_project.yml").stat().st_mtime_ns == written


def test_numbers_of_rows_are_settings(declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "  a:\n    rows: 5\n    columns: {id: {kind: sequence}}\n"
    monkeypatch.setenv("SYNTH_MADE_A_ROWS", "7")
    assert len(rows_of(declare(text), "a")) == 7
    monkeypatch.setenv("SYNTH_MADE_A_ROWS", "-7")
    with pytest.raises(UserError, match=r"a_rows .*SYNTH_MADE_A_ROWS.*greater than or equal to 0"):
        declare(text)


def test_the_version_of_a_table_changes_with_what_its_rows_depend_on(declare: Declare) -> None:
    text = (
        "  a:\n    rows: 5\n    columns: {{id: {{kind: sequence, start: {}, doc: {}}}}}\n"
        "  b:\n    rows: 5\n    columns: {{id: {{kind: sequence}}}}\n"
    )
    before, described, changed = (
        [table.code_version for table in declare(text.format(*words)).tables]
        for words in ((1, "x"), (1, "y"), (2, "x"))
    )
    assert before == described
    assert (before[0] == changed[0], before[1] == changed[1]) == (False, True)


@pytest.mark.slow
def test_five_hundred_tables_take_less_than_a_minute(home: Path, tmp_path: Path) -> None:
    columns = (
        "      id: {kind: sequence, primary_key: true}\n"
        "      name: {kind: vocabulary, provider: name}\n"
        "      price: {kind: lognormal, median: 9, type: 'decimal(10,2)'}\n"
        "      state: {kind: choice, values: {a: 0.5, b: 0.5}}\n"
        "      double: {kind: expression, sql: price * 2}\n"
    )
    parts = ["domain: many\ntables:\n"]
    for number in range(500):
        parts.append(f"  t{number}:\n    rows: 1000\n    columns:\n{columns}")
        if number:
            parts.append(f"      parent_id: {{kind: reference, to: t{number // 2}}}\n")
            parts.append("      seen: {kind: copy, through: parent_id, column: name}\n")
    file = tmp_path / "many.yaml"
    file.write_text("".join(parts))
    began = time.process_time()
    domain = domain_at(file)
    rows = sum(len(rows_of(domain, table.name)) for table in domain.tables)
    assert rows == 500_000
    assert time.process_time() - began < 60


def test_a_schedule_of_impossible_hours_is_named(declare: Declare, settings: Settings) -> None:
    text = (
        "domain: shop\nschedule: {}\nend_date: 2026-01-03\ntables:\n  t:\n    rows: 1\n"
        "    partitioning: {{kind: daily}}\n    columns: {{id: {{kind: boolean}}}}\n"
    )
    with pytest.raises(UserError, match=r"yaml:2: schedule: '99' is no hour: from 0 to 23"):
        declare(text.format("1 99 * * *"))
    # February has no thirtieth day: Dagster knows.
    domain = declare(text.format("1 2 30 2 *"))
    with pytest.raises(UserError, match=r"daily of shop is '1 2 30 2 \*', which is no cron"):
        build_definitions([domain], settings, with_dbt=False)


@pytest.mark.parametrize("partitions", [None, "2199-01-01", "2199-01-01..2199-01-02"])
def test_days_that_have_not_begun_are_no_partitions(
    declare: Declare, monkeypatch: pytest.MonkeyPatch, partitions: str | None
) -> None:
    domain = declare(
        "domain: shop\nstart_date: 2199-01-01\ntables:\n  t:\n    rows: 1\n"
        "    partitioning: {kind: daily}\n    columns: {id: {kind: boolean}}\n"
    )
    monkeypatch.setenv("SYNTH_JAFFLE_START_DATE", "2199-01-01")
    monkeypatch.setenv("SYNTH_JAFFLE_END_DATE", "open")
    [jaffle] = [each for each in load_domains() if each.name == "jaffle"]
    for each in (domain, jaffle):
        with pytest.raises(UserError, match="has no partition yet: its first is 2199-01-01"):
            keys_among(each.tables, partitions)
