"""What a home remembers: the variables that decide data and locations, and no secret."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from psycopg.conninfo import conninfo_to_dict

from synth_assets.cli.scenario_options import scenario_values
from synth_assets.cli.selection import domain_named
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.scenario import variable_of
from synth_assets.core.variables import FILE, remembered
from synth_assets.domains import load_domains
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.dbt_environment import prepare_environment
from synth_assets.orchestration.environment import without_effect
from synth_assets.orchestration.remembered import remember
from synth_assets.orchestration.resources import resource_key
from synth_assets.orchestration.runs import launch
from synth_assets.orchestration.settings import Settings


def written(domain: str, **values: Any) -> dict[str, str]:
    """The remembered variables after a run of a domain with the given values."""
    settings = Settings.from_environment()
    settings.home.mkdir(parents=True, exist_ok=True)
    scenario = domain_named(domain).scenario.model_copy(update=values)
    remember(domain, scenario, settings)
    return remembered()


def load() -> None:
    """Reads all variables."""
    Settings.from_environment()
    domain_named("jaffle")


def test_defaults_are_not_remembered(home: Path) -> None:
    settings = Settings.from_environment()
    for domain in load_domains():
        # dbt's variables are set in the environment.
        prepare_environment(domain, settings, settings.open_stores())
        assert written(domain.name) == {}
    assert not (home / FILE).exists()


def test_each_domain_comes_back_as_it_was(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "SYNTH_JAFFLE_START_DATE": "2026-02-03",
        "SYNTH_JOURNEY_SCALE": "0.25",
        "SYNTH_CLEAN_ROOM_HASH_EMAILS": "true",
        "SYNTH_CLEAN_ROOM_TRAINING_DATE": "2025-08-01",
        "SYNTH_IDENTITY_GRAPH_HOUSEHOLD_CONFIG": '{"num_households": 2000}',
        "SYNTH_SEED": "7",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    made = {domain.name: domain.scenario for domain in load_domains()}
    for name in made:
        written(name)
    for name in given:
        monkeypatch.delenv(name)
    assert {domain.name: domain.scenario for domain in load_domains()} == made
    # The environment has priority over what is remembered, also with ``SYNTH_SEED``.
    monkeypatch.setenv("SYNTH_SEED", "8")
    assert {domain.scenario.seed for domain in load_domains()} == {8}


def test_options_are_remembered_until_they_are_back(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean_room = domain_named("clean_room")
    values = scenario_values([clean_room], 5, ["users=4000"])["clean_room"]
    remembered_before = {"SYNTH_CLEAN_ROOM_SEED": "5", "SYNTH_CLEAN_ROOM_USERS": "4000"}
    assert written("clean_room", **values) == remembered_before
    assert written("journey", seed=9) == {**remembered_before, "SYNTH_JOURNEY_SEED": "9"}
    assert written("clean_room", users=100_000, seed=42) == {"SYNTH_JOURNEY_SEED": "9"}


def test_locations_do_not_depend_on_the_working_folder(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "SYNTH_STORE": "duckdb,journey=delta,clean_room=bigquery",
        "SYNTH_DUCKDB": "here/store.duckdb",
        "SYNTH_DELTA": "s3://bucket/delta",
        "SYNTH_BIGQUERY_PROJECT": "paying",
        "SYNTH_BIGQUERY_PREFIX": "mine_",
        "SYNTH_BIGQUERY_PARTIES": "merchant=one,provider=two",
        "SYNTH_UNITY_CATALOG": "main",
        "SYNTH_UNITY_ROOT": "abfss://box@account.dfs.core.windows.net/x",
        "SYNTH_WAREHOUSE": "here/dbt.duckdb",
        "DAGSTER_HOME": "here/instance",
    }
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    made = Settings.from_environment()
    written("jaffle")
    for name in given:
        monkeypatch.delenv(name)
    monkeypatch.chdir("/")
    assert Settings.from_environment() == made


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("SYNTH_POSTGRES_URL", "postgresql://me:s3cret@db.example:5433/shop?application_name=x"),
        ("SYNTH_POSTGRES_URL", "postgresql://me@db.example:5433/shop?password=s3cret"),
        ("SYNTH_POSTGRES_URL", "postgresql://me:s3#cret@db.example:5433/shop"),
        ("SYNTH_LAKE", "s3://key:s3cret@bucket/x"),
        ("SYNTH_DELTA", "s3://bucket/x?secret_access_key=s3cret"),
    ],
)
def test_no_secret_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, secret: str
) -> None:
    monkeypatch.setenv(name, secret)
    found = written("jaffle")
    assert "cret" not in json.dumps(found)
    if name in found:
        kept = conninfo_to_dict(found[name])
        assert kept == {"user": "me", "host": "db.example", "port": "5433", "dbname": "shop"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON .*line 1 column 2"),
        ("[]", "must be a JSON object"),
        ('{"SYNTH_SEED": 7}', "SYNTH_SEED must be a text in quotes, and is 7"),
    ],
)
def test_a_damaged_file_is_named(home: Path, text: str, why: str) -> None:
    home.mkdir()
    (home / FILE).write_text(text)
    with pytest.raises(UserError, match=rf"{FILE} is damaged: .*{why}"):
        load_domains()
    with pytest.raises(UserError, match=rf"^{home / FILE} is damaged"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SYNTH_STORE", "parquett"),
        ("SYNTH_BIGQUERY_PARTIES", "merchant"),
        ("SYNTH_WAREHOUSE", "s3://bucket/file"),
        ("SYNTH_JAFFLE_START_DATE", "soon"),
        ("SYNTH_SEED", "-1"),
    ],
)
def test_a_wrong_value_is_reported_with_the_file_that_has_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    home.mkdir()
    (home / FILE).write_text(json.dumps({name: text}))
    with pytest.raises(UserError, match=f"{name} of {home / FILE}"):
        load()
    monkeypatch.setenv(name, text)
    with pytest.raises(UserError, match=name) as raised:
        load()
    assert FILE not in str(raised.value)


def test_an_unknown_name_in_the_file_is_warned_of(home: Path) -> None:
    home.mkdir()
    (home / FILE).write_text('{"SYNTH_STROE": "duckdb"}')
    [warning] = without_effect()
    assert warning == (
        f"SYNTH_STROE of {home / FILE} changes nothing: there is no such variable; "
        "did you mean SYNTH_STORE?"
    )


def test_a_name_that_is_no_variable_of_ours_is_told_with_the_file(home: Path) -> None:
    home.mkdir()
    (home / FILE).write_text('{"PATH": "/x"}')
    assert without_effect() == [f"PATH of {home / FILE} changes nothing: there is no such variable"]


def test_a_run_of_the_ui_is_remembered(settings: Settings, instance: dg.DagsterInstance) -> None:
    """The launchpad's values, as the run has them, once a partition of it is stored."""
    jaffle = domain_named("jaffle")
    defs = build_definitions([jaffle], settings, with_dbt=False)
    table = jaffle.tables[0]
    config = {"resources": {resource_key(jaffle): {"config": {"seed": 7}}}}
    key = next(iter(table.partitioning.keys()))
    launch(defs, [asset_key(table)], [], instance, keys=[key], run_config=config)
    assert remembered() == {"SYNTH_JAFFLE_SEED": "7"}


def test_what_processes_remember_at_once_is_all_kept(home: Path) -> None:
    settings = Settings.from_environment()
    domains = load_domains()

    def write(domain: Domain) -> None:
        remember(domain.name, domain.scenario.model_copy(update={"seed": 7}), settings)

    with ThreadPoolExecutor(len(domains)) as threads:
        list(threads.map(write, domains))
    assert set(remembered()) == {variable_of(domain.name, "seed") for domain in domains}
    assert sorted(file.name for file in home.iterdir() if file.suffix == ".tmp") == []
