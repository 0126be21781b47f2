"""The ``synth`` command: help, refused input, and errors as one line with an exit code."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from synth_assets.cli import listing
from synth_assets.cli.app import app
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.shell import Shell

HELP = {
    "materialize": "Required: all, a domain, domain/table",
    "gate": "all (the default), a domain",
    "jaffle": "By default the 30 days until yesterday",
    "identity-resolution": "By default 50 million records",
    "identity-graph": "By default 10,000 households and 10 campaigns, in 8 shards",
    "journey": "By default all days of the export",
    "clean-room": "100,000 users by default",
    "demo": "By default the first 60 days of the jaffle shop",
}


@pytest.mark.parametrize(("command", "default"), HELP.items(), ids=HELP)
def test_help_names_the_default(command: str, default: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "150"})
    assert shown.exit_code == 0
    assert default in " ".join(shown.output.replace("│", " ").split())


def test_the_defaults_that_help_names_are_those_of_the_scenarios(home: Path) -> None:
    scenarios: dict[str, Any] = {domain.name: domain.scenario for domain in load_domains()}
    graph = scenarios["identity_graph"]
    assert graph.household_config.num_households == 10_000
    assert (graph.campaign_config.num_campaigns, graph.shards, graph.seed) == (10, 8, 42)
    journey = scenarios["journey"]
    assert (journey.scale, journey.gap_rate) == (0.05, 0.17)
    assert scenarios["clean_room"].users == 100_000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("gate", "jaffle", "--latest", "--partitions", "2026-01-01"), "--latest reads"),
        (("clean-room", "--seed", "3", "views"), "views makes nothing: --seed"),
    ],
)
def test_an_option_without_effect_is_refused(
    synth: Synth, words: tuple[str, ...], message: str
) -> None:
    done = synth(*words)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("error", [None, UserError("nothing of it is stored"), TypeError("field")])
def test_an_error_after_an_interruption_is_an_interruption(
    synth: Synth, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    def interrupted(*words: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        except KeyboardInterrupt:
            if error is None:
                raise
            raise error from None

    monkeypatch.setattr(listing, "select", interrupted)
    done = synth("list")
    assert done.code == 130
    assert done.err.startswith("interrupted: what was finished is kept")
    assert "error:" not in done.err


BAD_INPUT = {
    "negative seed": (["materialize", "jaffle", "--seed", "-1"], "seed = -1: it must be greater"),
    "negative count": (
        ["materialize", "jaffle", "--set", "training_orders=-5"],
        "training_orders = -5: it must be greater than or equal to 60",
    ),
    "huge count": (
        ["materialize", "jaffle", "--set", "training_customers=9999999999"],
        "it must be less than or equal to 2000000",
    ),
    "option of another command": (
        ["materialize", "identity_graph", "--set", "catalog_name=main"],
        "scenario field 'catalog_name': name it in the file of `synth identity-graph --config`",
    ),
    "option of another command, of the one domain": (
        ["materialize", "identity_graph", "--set", "identity_graph.incremental=true"],
        "unknown scenario field 'incremental': use `synth identity-graph --append`",
    ),
    "field inside a part": (
        ["materialize", "identity_graph", "--set", "household_config.num_households=9"],
        "give household_config as a whole, in JSON",
    ),
    "seed given twice": (
        ["materialize", "jaffle", "--seed", "3", "--set", "seed=4"],
        "give the seed once",
    ),
    "field of no domain": (
        ["materialize", "jaffle", "--set", "jafle.seed=3"],
        "unknown domain in --set 'jafle': known are jaffle; did you mean 'jaffle'?",
    ),
    "unknown field": (["materialize", "all", "--set", "shoes=3"], "unknown scenario field 'shoes'"),
    "load-time field": (
        ["materialize", "all", "--set", "start_date=2026-02-02"],
        "set SYNTH_JAFFLE_START_DATE instead",
    ),
    "no equals sign": (["materialize", "all", "--set", "seed"], "must have the form field=value"),
    "nothing selected": (["materialize"], "name what to make: all, clean_room,"),
    "unparsable date": (
        ["materialize", "jaffle", "--partitions", "2026-13-45"],
        "'2026-13-45' is not a date of the form YYYY-MM-DD",
    ),
    "day before the start": (
        ["materialize", "jaffle", "--partitions", "2025-01-01"],
        "2025-01-01 is outside the range 2026-01-01",
    ),
    "range reversed": (
        ["materialize", "jaffle", "--partitions", "2026-01-03..2026-01-01"],
        "2026-01-01 comes before 2026-01-03",
    ),
    "unknown table": (["gate", "jaffle/orders"], "unknown selection 'jaffle/orders'"),
    "unknown selection": (
        ["materialize", "nope"],
        "known are all, clean_room, identity_graph, identity_resolution, jaffle, journey",
    ),
    "nothing stored": (["gate", "jaffle"], "run `synth materialize` first"),
    "nothing to export": (["export", "jaffle"], "run `synth materialize` first"),
    "flow with a bad date": (["jaffle", "--until", "soon"], "not a date of the form YYYY-MM-DD"),
    "flow without profiles": (["jaffle", "--profiles-dir", "/nowhere"], "no such folder"),
}


@pytest.mark.parametrize(("words", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_sentence(
    home: Path, synth: Synth, words: list[str], message: str
) -> None:
    done = synth(*words)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.out + done.err
    assert not list(home.rglob("data.parquet"))


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SYNTH_JAFFLE_START_DATE": "tomorrow"}, "scenario field start_date = 'tomorrow'"),
        ({"SYNTH_STORE": "csv"}, "SYNTH_STORE: 'csv': must be one of parquet, duckdb"),
        ({"SYNTH_SEED": "x"}, "scenario field seed = 'x'"),
        ({"SYNTH_PARTITIONS_PER_RUN": "-3"}, "must be a whole number"),
        ({"SYNTH_LAKE": "/proc/nowhere/lake"}, "cannot write /proc/nowhere/lake"),
    ],
)
def test_a_bad_environment_is_one_sentence(
    shell: Shell, environment: dict[str, str], message: str
) -> None:
    words = ["materialize", "jaffle/stg_google_ads", "--partitions", "2026-01-01"]
    done = shell(*words, **environment)
    assert done.returncode == 2
    assert message in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stdout + done.stderr


def test_a_lake_that_cannot_be_read_is_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = shell("list", SYNTH_LAKE=str(tmp_path / "file"))
    assert done.returncode == 2
    assert "the lake must be a folder, this is a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_dbt_needs_one_warehouse(shell: Shell) -> None:
    mixed = "parquet,jaffle/raw_orders_training=postgres"
    done = shell("materialize", "jaffle", "--dbt", SYNTH_STORE=mixed)
    assert done.returncode == 2
    assert "jaffle is stored in several" in done.stderr
    assert "raw_orders_training in postgres" in done.stderr


def test_a_route_of_an_unknown_table_is_named(shell: Shell) -> None:
    done = shell("list", SYNTH_STORE="parquet,jaffle/raw_odrers=delta")
    assert done.returncode == 2
    assert "unknown domain or table in SYNTH_STORE 'jaffle/raw_odrers'" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "csv", "--to", "duckdb"), "unknown store in --from 'csv'"),
        (("--from", "parquet", "--to", "parquet"), "are the same store"),
        (("--from", "postgres:x", "--to", "parquet"), "its address comes from the environment"),
        (("--from", "duckdb", "--to", "parquet"), "nothing of the selection is stored"),
        (("--from", "parquet", "--to", "bigquery"), "needs SYNTH_BIGQUERY_PROJECT"),
    ],
)
def test_a_refused_copy_is_one_sentence(shell: Shell, words: tuple[str, ...], message: str) -> None:
    done = shell("copy", "jaffle", *words)
    assert done.returncode == 2
    assert "copying" not in done.stderr
    assert message in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNTH_ALERT_FORMAT", "zzz"),
        ("SYNTH_ALERT_WEBHOOK", "hooks.example.com/secret"),
        ("SYNTH_UI_URL", "dagster.example.com"),
    ],
)
def test_a_variable_of_alerts_is_checked_before_a_command_starts(
    synth: Synth, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setattr("os.execv", lambda path, arguments: pytest.fail("it started"))
    monkeypatch.setenv(name, value)
    for words in ("service daemon", "ui", "list", "materialize jaffle/stg_google_ads"):
        done = synth(*words.split())
        assert (done.code, name in done.err) == (2, True)
        assert "hooks" not in done.err
