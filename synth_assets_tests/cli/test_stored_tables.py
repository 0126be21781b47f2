"""Commands that materialize, check, list, export and copy stored tables."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest

from synth_assets.orchestration.shipped import PROJECT
from synth_assets.stores.parquet import CODE_VERSION, FINGERPRINT
from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.shell import SYNTH, InProcess, Shell

DAYS = "2026-01-01..2026-01-03"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home with three days of the jaffle tables; tests must not change it."""
    shell = Shell(tmp_path_factory.mktemp("made"))
    done = shell("materialize", "jaffle", "--partitions", DAYS, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    [run] = document["runs"]
    assert (document["exit_code"], run["gate"], run["failures"]) == (0, "passed", [])
    assert (run["first"], run["last"]) == tuple(DAYS.split(".."))
    orders = next(a for a in run["assets"] if a["table"] == "raw_orders_training")
    assert (orders["partitions"], orders["failed"]) == (3, 0)
    assert orders["rows"] > 0
    return InProcess(shell.home)


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


def test_gate_reads_the_results_that_dagster_has_recorded(made: Shell, tmp_path: Path) -> None:
    done = made("gate", "jaffle/raw_orders_training", "--latest", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    checks = report["domains"][0]["tables"][0]["checks"]
    schema = next(check for check in checks if check["name"] == "schema")
    assert len(schema["results"]) == 3
    assert all(result["run_id"] for result in schema["results"])


def test_gate_prints_json_of_the_days_since_a_date(made: Shell, tmp_path: Path) -> None:
    words = ("gate", "jaffle/raw_orders_training", "--output", str(tmp_path), "--json")
    done = made(*words, "--since", "2026-01-02")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report == json.loads((tmp_path / "report.json").read_text())
    [table] = report["domains"][0]["tables"]
    assert list(table["rows"]) == ["2026-01-02", "2026-01-03"]
    keys = {r["partition"] for c in table["checks"] for r in c["results"]}
    assert keys == {None, "2026-01-02", "2026-01-03"}
    read = made(*words, "--since", "2026-01-02", "--latest")
    [recorded] = json.loads(read.stdout)["domains"][0]["tables"]
    assert recorded["rows"] == table["rows"]
    for wrong, message in (
        (("--since", ""), "--since '': must be a date"),
        (("--since", "tomorrow"), "--since tomorrow: must be a date, such as 2026-03-01"),
        (("--since", "2026-01-02", "--partitions", "2026-01-03"), "give one of them"),
        (("--since", "2030-01-01"), "nothing of the selection since 2030-01-01 is stored"),
    ):
        done = made(*words, *wrong)
        assert done.returncode == 2
        assert message in done.stderr


def test_gate_fails_on_warnings_if_asked_to(made: Shell, tmp_path: Path) -> None:
    words = ("gate", "jaffle/raw_signups_validation", "--output", str(tmp_path))
    assert made(*words).returncode == 0
    done = made(*words, "--fail-on", "warn", GITHUB_ACTIONS="true")
    assert done.returncode == 1
    assert "Gate FAILED (--fail-on warn): checks" in done.stdout
    annotation = (
        "::warning title=jaffle/raw_signups_validation unique_user_email::unique_user_email"
    )
    assert f"{annotation} in " in done.stderr


def test_gate_fails_on_broken_data_and_says_where(shell: Shell, tmp_path: Path) -> None:
    ads = "jaffle/stg_google_ads"
    assert shell("materialize", ads, "--partitions", DAYS).returncode == 0
    file = shell.home / "lake" / "jaffle" / "stg_google_ads" / "day=2026-01-02" / "data.parquet"
    metadata = pl.read_parquet_metadata(file)
    metadata = {key: metadata[key] for key in (FINGERPRINT, CODE_VERSION)}  # not its digest
    broken = pl.read_parquet(file, hive_partitioning=False).with_columns(ad_id=pl.lit("g1"))
    broken.write_parquet(file, metadata=metadata)
    done = shell("gate", ads, "--output", str(tmp_path))
    assert done.returncode == 1
    assert "Gate FAILED" in done.stdout
    assert "one_row_per_ad_id_and_date in 1 of 3 partitions, first 2026-01-02: " in done.stdout
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
def test_gate_reports_data_of_another_scenario(shell: Shell, tmp_path: Path) -> None:
    ads = "jaffle/stg_google_ads"
    shell("materialize", ads, "--partitions", "2026-01-01", "--seed", "7")
    gate = ["gate", ads, "--output", str(tmp_path)]
    assert "made with other scenario fields" in shell(*gate, SYNTH_SEED="42").stderr
    # Without the variable, the seed that the home remembers is used.
    assert "made with other scenario fields" not in shell(*gate).stderr


def test_export_writes_a_csv_file_per_table(made: Shell, tmp_path: Path) -> None:
    done = made("export", "jaffle/raw_*", "--to", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("raw_*_training.csv"))) == 4
    orders = pl.read_csv(tmp_path / "raw_orders_training.csv", try_parse_dates=True)
    assert orders.columns == ["id", "user_id", "order_date", "status", "status_updated_at"]
    assert orders["id"].to_list() == list(range(1, len(orders) + 1))


@pytest.mark.slow
def test_the_seed_decides_the_data(shell: Shell, made: Shell, tmp_path: Path) -> None:
    ads = ["materialize", "jaffle/stg_google_ads", "--partitions", "2026-01-01"]
    other = InProcess(tmp_path / "other")
    for where, seed in ((shell, "7"), (other, "7")):
        assert where(*ads, "--seed", seed).returncode == 0
    name = "lake/jaffle/stg_google_ads/day=2026-01-01/data.parquet"
    assert shell.slices()[name] == other.slices()[name] != made.slices()[name]


def test_a_failed_gate_says_what_failed_and_what_to_do(home: Path, synth: Synth) -> None:
    orders, customers = "jaffle/raw_orders_training", "jaffle/raw_customers_training"
    words = ("materialize", orders, "--partitions", "2026-01-03")
    done = synth(*words)
    assert done.code == 1, done.err
    assert "Gate FAILED" in done.out
    assert "Gate report: " in done.err, "published, though the run did not include it"
    page = (home / "gate/jaffle/report.html").read_text()
    assert 'id="jaffle-raw_orders_training-fk_user_id"' in page
    assert (
        f"failed: {orders} fk_user_id of 2026-01-03: cannot be judged: "
        f"nothing of {customers} is stored at {home}/lake/{customers}: "
        f"run `synth materialize {customers}` first"
    ) in done.err
    assert "blocking asset check" not in done.err

    # The check waits for earlier days, but not for its own day.
    assert synth("materialize", customers, "--partitions", "2026-01-01..2026-01-02").code == 0
    done = synth(*words)
    assert done.code == 1, done.err
    line = next(x for x in done.err.splitlines() if x.startswith(f"failed: {orders} fk_user_id"))
    stored = home / "lake/jaffle"
    placed = pl.read_parquet(stored / "raw_orders_training/day=2026-01-03/data.parquet")
    known = pl.read_parquet(stored / "raw_customers_training/*/data.parquet")
    unknown = placed.join(known, left_on="user_id", right_on="id", how="anti").height
    assert f"of 2026-01-03: measured {unknown}, threshold = 0; " in line
    assert line.endswith(
        f"2026-01-03 of {customers} is not stored: "
        f"run `synth materialize {customers} --partitions 2026-01-03`"
    )


def test_a_gate_that_did_not_run_prints_no_result(synth: Synth) -> None:
    day = ("materialize", "jaffle/stg_google_ads", "--partitions", "2026-01-01")
    assert synth(*day).code == 0
    done = synth(*day[:-1], "2026-01-02", "--seed", "7")
    assert done.code == 2
    assert "another scenario" in done.err
    assert "Gate" not in done.out


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


@pytest.mark.slow
def test_partitions_are_copied_between_stores(shell: Shell, tmp_path: Path) -> None:
    table, day = "jaffle/stg_google_ads", "2026-01-01"
    assert shell("materialize", table, "--partitions", day).returncode == 0
    words = ("copy", table, "--from", "parquet", "--to", "duckdb")
    for copied, existing in ((1, 0), (0, 1)):
        done = shell(*words)
        assert done.returncode == 0
        assert f"copying {table}\n" in done.stderr
        row = next(line for line in done.stdout.splitlines() if table in line)
        assert [int(cell) for cell in row.split("│")[2:4]] == [copied, existing]
    listed = shell("list", table, SYNTH_STORE="duckdb")
    assert "1 of" in listed.stdout


def test_a_lake_of_another_scenario_is_kept_without_recreate(shell: Shell) -> None:
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
def test_a_truncated_file_is_named_and_can_be_materialized_again(
    shell: Shell, tmp_path: Path
) -> None:
    ads = "jaffle/stg_google_ads"
    shell("materialize", ads, "--partitions", DAYS)
    before = shell.slices()
    file = shell.home / "lake" / "jaffle" / "stg_google_ads" / "day=2026-01-02" / "data.parquet"
    file.write_bytes(file.read_bytes()[:-9])
    cure = ["materialize", ads, "--partitions", "2026-01-02"]
    done = shell("gate", ads, "--output", str(tmp_path))
    assert done.returncode == 1
    assert f"synth {' '.join(cure)}" in done.stdout.replace("\n", " ")
    assert shell(*cure).returncode == 0
    assert shell.slices() == before


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_keeps_finished_partitions_and_a_new_run_continues(
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
    # Like a terminal: to the command and all processes that it has started.
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    kept = shell.slices()
    assert kept
    assert not list((shell.home / "lake").rglob("*.tmp"))
    done = shell("materialize", "jaffle", "--partitions", DAYS)
    assert done.returncode == 0, done.stderr
    now = shell.slices()
    assert all(now[name] == data for name, data in kept.items())
