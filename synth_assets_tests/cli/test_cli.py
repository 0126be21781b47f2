"""The ``synth`` command as a person meets it: results, exit codes, errors in words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from synth_assets.cli import listing
from synth_assets.cli.app import app
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.shell import SYNTH, Shell

DAYS = "2026-01-01..2026-01-03"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home with three days of everything; tests must leave it as it is."""
    shell = Shell(tmp_path_factory.mktemp("made"))
    done = shell("materialize", "jaffle", "--partitions", DAYS)
    assert done.returncode == 0, done.stderr
    assert "Gate passed" in done.stdout
    return shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


def test_list_shows_what_is_stored(made: Shell) -> None:
    done = made("list", "jaffle/raw_*_training")
    assert done.returncode == 0
    line = next(x for x in done.stdout.splitlines() if "raw_customers_training" in x)
    assert "3 of" in line


def test_gate_writes_reports_and_passes(made: Shell, tmp_path: Path) -> None:
    done = made("gate", "jaffle", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"report.html", "report.json", "report.xml"}
    assert "Gate passed" in done.stdout


def test_gate_reads_the_verdicts_that_dagster_holds(made: Shell, tmp_path: Path) -> None:
    done = made("gate", "jaffle/raw_orders_training", "--latest", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    checks = report["tables"][0]["checks"]
    schema = next(check for check in checks if check["rule"] == "schema")
    assert len(schema["verdicts"]) == 3


def test_gate_fails_on_broken_data_and_says_where(shell: Shell, tmp_path: Path) -> None:
    ads = "jaffle/stg_google_ads"
    assert shell("materialize", ads, "--partitions", DAYS).returncode == 0
    file = shell.home / "lake" / "jaffle" / "stg_google_ads" / "day=2026-01-02" / "data.parquet"
    metadata = {k: v for k, v in pl.read_parquet_metadata(file).items() if k.startswith("synth")}
    broken = pl.read_parquet(file, hive_partitioning=False).with_columns(ad_id=pl.lit("g1"))
    broken.write_parquet(file, metadata=metadata)
    done = shell("gate", ads, "--output", str(tmp_path))
    assert done.returncode == 1
    assert "Gate FAILED" in done.stdout
    assert "one_row_an_ad_and_day in 1 of 3 partitions, first 2026-01-02: " in done.stdout
    cure = f"If its rows were changed: synth materialize {ads} --partitions 2026-01-02"
    assert cure in done.stdout.splitlines()
    broken.write_parquet(file)
    done = shell("gate", ads, "--output", str(tmp_path))
    assert f"note: {ads} (2026-01-02) was not written by synth, or has lost its" in done.stderr
    assert "other scenario fields" not in done.stderr
    assert f"one_scenario: measured 2, threshold = 0; made otherwise than the rest: {ads} (" in (
        done.stdout
    )


@pytest.mark.slow
def test_gate_notes_data_of_another_scenario(shell: Shell, tmp_path: Path) -> None:
    ads = "jaffle/stg_google_ads"
    shell("materialize", ads, "--partitions", "2026-01-01", "--seed", "7")
    gate = ["gate", ads, "--output", str(tmp_path)]
    assert "made with other scenario fields" in shell(*gate, SYNTH_SEED="42").stderr
    # The home remembers the seed.
    assert "made with other scenario fields" not in shell(*gate).stderr


def test_export_writes_the_files_of_the_brief(made: Shell, tmp_path: Path) -> None:
    done = made("export", "jaffle/raw_*", "--to", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("raw_*_training.csv"))) == 4
    orders = pl.read_csv(tmp_path / "raw_orders_training.csv", try_parse_dates=True)
    assert orders.columns == ["id", "user_id", "order_date", "status"]
    assert orders["id"].to_list() == list(range(1, len(orders) + 1))


@pytest.mark.slow
def test_the_seed_is_the_data(shell: Shell, made: Shell, tmp_path: Path) -> None:
    ads = ["materialize", "jaffle/stg_google_ads", "--partitions", "2026-01-01"]
    other = Shell(tmp_path / "other")
    for where, seed in ((shell, "7"), (other, "7")):
        assert where(*ads, "--seed", seed).returncode == 0
    name = "lake/jaffle/stg_google_ads/day=2026-01-01/data.parquet"
    assert shell.slices()[name] == other.slices()[name] != made.slices()[name]


@pytest.mark.slow
def test_the_flow_lives_through_its_days(shell: Shell, tmp_path: Path) -> None:
    words = ["jaffle", "--days-back", "2", "--until", "2026-03-05", "--target", "duckdb"]
    done = shell(*words, "--export-csv", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(tmp_path.glob("*.csv"))) == 14
    home = shell.home / "jaffle"
    assert {p.name for p in (home / "gate").iterdir()} >= {"report.html", "report.xml"}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        days = db.execute("select distinct day::varchar from jaffle_marts.orders").fetchall()
        assert sorted(days) == [("2026-03-04",), ("2026-03-05",)]


@pytest.mark.slow
def test_the_flow_makes_a_part_with_what_it_rests_on(shell: Shell) -> None:
    words = ["jaffle", "--days-back", "1", "--until", "2026-03-05"]
    shell.home /= "jaffle"  # where the flow keeps what it makes
    assert shell(*words, "--only", "ads").returncode == 0
    assert len(shell.slices()) == 3
    assert shell(*words, "--only", "marketing").returncode == 0
    assert any("raw_customers_training" in name for name in shell.slices())
    assert not any("validation" in name for name in shell.slices())


@pytest.fixture
def synth(home: Path, monkeypatch: pytest.MonkeyPatch, in_process: Synth) -> Synth:
    """``synth`` here, with an empty home."""
    for name in ("START_DATE", "END_DATE"):  # set by the flow; to be undone here
        monkeypatch.setenv(f"SYNTH_JAFFLE_{name}", "")
    return in_process


def test_a_failed_gate_says_what_failed_and_what_to_do(home: Path, synth: Synth) -> None:
    orders, customers = "jaffle/raw_orders_training", "jaffle/raw_customers_training"
    words = ("materialize", orders, "--partitions", "2026-01-03")
    done = synth(*words)
    assert done.code == 1, done.err
    assert "Gate FAILED" in done.out
    assert (
        f"failed: {orders} fk_user_id of 2026-01-03: cannot be judged: "
        f"nothing of {customers} is stored at {home}/lake/{customers}: "
        f"run `synth materialize {customers}` first"
    ) in done.err
    assert "blocking asset check" not in done.err

    # Earlier days are waited for; the day itself is not.
    assert synth("materialize", customers, "--partitions", "2026-01-01..2026-01-02").code == 0
    done = synth(*words)
    assert done.code == 1, done.err
    told = next(x for x in done.err.splitlines() if x.startswith(f"failed: {orders} fk_user_id"))
    stored = home / "lake/jaffle"
    made = pl.read_parquet(stored / "raw_orders_training/day=2026-01-03/data.parquet")
    known = pl.read_parquet(stored / "raw_customers_training/*/data.parquet")
    unknown = made.join(known, left_on="user_id", right_on="id", how="anti").height
    assert f"of 2026-01-03: measured {unknown}, threshold = 0; " in told
    assert told.endswith(
        f"2026-01-03 of {customers} is not stored: "
        f"run `synth materialize {customers} --partitions 2026-01-03`"
    )


def test_a_gate_that_did_not_run_has_no_verdict(synth: Synth) -> None:
    day = ("materialize", "jaffle/stg_google_ads", "--partitions", "2026-01-01")
    assert synth(*day).code == 0
    done = synth(*day[:-1], "2026-01-02", "--seed", "7")
    assert done.code == 2
    assert "another scenario" in done.err
    assert "Gate" not in done.out


HELP = {
    "materialize": "Required: all, a domain, domain/table",
    "gate": "all (the default), a domain",
    "jaffle": "By default the 30 days until yesterday",
    "identity-resolution": "By default 50 million records",
    "identity-graph": "By default 10,000 households and 10 campaigns, in 8 shards",
    "journey": "By default all days of the export",
    "clean-room": "100,000 users by default",
    "demo": "By default the first 60 days",
}


@pytest.mark.parametrize(("command", "told"), HELP.items(), ids=HELP)
def test_help_says_what_is_made_by_default(command: str, told: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "150"})
    assert shown.exit_code == 0
    assert told in " ".join(shown.output.replace("│", " ").split())


def test_what_help_says_of_defaults_is_so(home: Path) -> None:
    scenarios: dict[str, Any] = {domain.name: domain.scenario for domain in load_domains()}
    graph = scenarios["identity_graph"]
    assert graph.household_config.num_households == 10_000
    assert (graph.campaign_config.num_campaigns, graph.shards, graph.seed) == (10, 8, 42)
    journey = scenarios["journey"]
    assert (journey.scale, journey.gap_rate) == (0.05, 0.17)
    assert scenarios["clean_room"].users == 100_000


YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date()
REFUSED_FLOWS = {
    "today": (["--until", f"{YESTERDAY + timedelta(days=1)}"], f"the last day is {YESTERDAY}"),
    "a far day": (["--until", "2030-01-01"], "--until 2030-01-01: is not over yet"),
    "before all days": (["--until", "0001-01-05"], "there are not so many days until 0001-01-05"),
    "a target": (["--target", "nosuch"], "'nosuch': known are duckdb, postgres, bigquery"),
    "another's profiles": (["--profiles-dir", "{other}"], "with outputs of 'synth'"),
    "a seed": (["--seed", "-1"], "scenario field seed = '-1'"),
}


@pytest.mark.parametrize(("words", "message"), REFUSED_FLOWS.values(), ids=REFUSED_FLOWS)
def test_a_flow_that_is_refused_touches_nothing(
    home: Path, tmp_path: Path, synth: Synth, words: list[str], message: str
) -> None:
    warehouse = home / "jaffle/warehouse.duckdb"
    warehouse.parent.mkdir(parents=True)
    warehouse.write_bytes(b"of an earlier flow")
    (tmp_path / "profiles.yml").write_text("mine: {outputs: {duckdb: {}}}")
    words = [word.format(other=tmp_path) for word in words]
    done = synth("jaffle", *words)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err
    assert [path for path in home.rglob("*") if path.is_file()] == [warehouse]


def test_a_target_of_the_environment_is_checked_first(
    home: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_DBT_TARGET", "nosuch")
    for words in (("jaffle",), ("materialize", "jaffle", "--dbt"), ("demo",)):
        done = synth(*words)
        assert done.code == 2
        assert "unknown dbt target of" in done.err
    assert not list(home.rglob("data.parquet"))


def test_a_part_of_the_flow_keeps_the_warehouse(home: Path, synth: Synth) -> None:
    warehouse = home / "jaffle/warehouse.duckdb"
    warehouse.parent.mkdir(parents=True)
    warehouse.write_bytes(b"of an earlier flow")
    words = ["jaffle", "--days-back", "1", "--until", "2026-03-05", "--only", "ads"]
    done = synth(*words, "--target", "duckdb")
    assert done.code == 0, done.err
    assert "which --only ads does not run" in done.err
    assert "1 days from 2026-03-05 to 2026-03-05 made and judged at" in done.out
    assert warehouse.read_bytes() == b"of an earlier flow"


def test_partitions_are_checked_for_all_tables_before_the_first(
    made: Shell, tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_HOME", str(made.home))
    both, day = ("jaffle/stg_google_ads", "journey/events"), ("--partitions", "2026-01-01")
    for words in (
        ("copy", *both, *day, "--from", "parquet", "--to", f"duckdb:{tmp_path}/copy.duckdb"),
        ("export", *both, *day, "--to", str(tmp_path / "export")),
    ):
        done = synth(*words)
        assert done.code == 2
        assert "2026-01-01 is outside the range" in done.err
    assert not (tmp_path / "copy.duckdb").exists()
    assert not (tmp_path / "export").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("gate", "jaffle", "--latest", "--partitions", "2026-01-01"), "--latest reads"),
        (("clean-room", "--seed", "3", "views"), "views makes nothing: --seed"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    synth: Synth, words: tuple[str, ...], message: str
) -> None:
    done = synth(*words)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("error", [None, UserError("nothing of it is stored"), TypeError("field")])
def test_what_an_interruption_made_go_wrong_is_an_interruption(
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
        "training_orders = '-5': it must be greater than or equal to 60",
    ),
    "huge count": (
        ["materialize", "jaffle", "--set", "training_customers=9999999999"],
        "it must be less than or equal to 2000000",
    ),
    "option of another command": (
        ["materialize", "identity_graph", "--set", "catalog_name=main"],
        "unknown scenario field 'catalog_name': known are",
    ),
    "option of another command, of the one domain": (
        ["materialize", "identity_graph", "--set", "identity_graph.incremental=true"],
        "unknown scenario field 'incremental': known are",
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
    assert "jaffle lies in several" in done.stderr
    assert "raw_orders_training in postgres" in done.stderr


def test_a_route_of_a_table_that_there_is_not_is_named(shell: Shell) -> None:
    done = shell("list", SYNTH_STORE="parquet,jaffle/raw_odrers=delta")
    assert done.returncode == 2
    assert "unknown domain or table in SYNTH_STORE 'jaffle/raw_odrers'" in done.stderr


@pytest.mark.slow
def test_slices_are_copied_between_stores(shell: Shell, tmp_path: Path) -> None:
    table, day = "jaffle/stg_google_ads", "2026-01-01"
    assert shell("materialize", table, "--partitions", day).returncode == 0
    words = ("copy", table, "--from", "parquet", "--to", "duckdb")
    for copied, there in ((1, 0), (0, 1)):
        done = shell(*words)
        assert done.returncode == 0
        row = next(line for line in done.stdout.splitlines() if table in line)
        assert [int(cell) for cell in row.split("│")[2:4]] == [copied, there]
    listed = shell("list", table, SYNTH_STORE="duckdb")
    assert "1 of" in listed.stdout


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
def test_a_copy_that_makes_no_sense_is_one_sentence(
    shell: Shell, words: tuple[str, ...], message: str
) -> None:
    done = shell("copy", "jaffle", *words)
    assert done.returncode == 2
    assert message in done.stderr.replace("\n", " ")


def test_a_lake_of_another_scenario_is_kept_until_told(shell: Shell) -> None:
    ads = ["materialize", "jaffle/stg_google_ads"]
    assert shell(*ads, "--partitions", DAYS).returncode == 0
    before = shell.slices()
    done = shell(*ads, "--partitions", "2026-01-01", "--seed", "7")
    assert done.returncode == 2
    assert "another scenario" in done.stderr
    assert shell.slices() == before
    again = [*ads, "--partitions", "2026-01-01", "--seed", "7", "--recreate"]
    assert shell(*again).returncode == 0
    assert len(shell.slices()) == 1


@pytest.mark.slow
def test_a_truncated_slice_is_named_and_can_be_made_again(shell: Shell, tmp_path: Path) -> None:
    ads = "jaffle/stg_google_ads"
    shell("materialize", ads, "--partitions", DAYS)
    before = shell.slices()
    file = shell.home / "lake" / "jaffle" / "stg_google_ads" / "day=2026-01-02" / "data.parquet"
    file.write_bytes(file.read_bytes()[:-9])
    cure = ["materialize", ads, "--partitions", "2026-01-02"]
    done = shell("gate", ads, "--output", str(tmp_path))
    assert done.returncode == 2
    assert f"synth {' '.join(cure)}" in done.stderr.replace("\n", " ")
    assert shell(*cure).returncode == 0
    assert shell.slices() == before


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_keeps_finished_slices_and_a_new_run_goes_on(
    shell: Shell, number: signal.Signals
) -> None:
    words = [SYNTH, "materialize", "jaffle", "--partitions", "2026-01-01..2026-04-30"]
    process = subprocess.Popen(
        words,
        env=shell.environment,
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.time() + 60
    while not list((shell.home / "lake").rglob("data.parquet")) and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    # As a terminal does: to all processes that the command has started, too.
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    left = shell.slices()
    assert left
    assert not list((shell.home / "lake").rglob("*.tmp"))
    done = shell("materialize", "jaffle", "--partitions", DAYS)
    assert done.returncode == 0, done.stderr
    now = shell.slices()
    assert all(now[name] == data for name, data in left.items())
