"""``synth journey``: events, backend, reconciliation and dbt in one command."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from synth_assets_tests.secrets import SECRET, holding
from synth_assets_tests.servers import as_role, new_role
from synth_assets_tests.shell import InProcess, Shell

SMALL = ("journey", "--scale", "0.2", "--gap-rate", "0.5", "--seed", "42", "--days", "2")
# Enough days with purchases for every table to have rows.
DAYS = {"SYNTH_JOURNEY_START_DATE": "2020-12-10", "SYNTH_JOURNEY_END_DATE": "2020-12-20"}
BACKEND = ("users", "orders", "order_items")


def backend(url: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the database's tables."""
    with psycopg.connect(url) as db:
        return {t: db.execute(f"select * from backend.{t} order by 1").fetchall() for t in BACKEND}


def reported_rows(done: str) -> dict[str, int]:
    """Rows of each table in a summary."""
    cells = (line.split("│") for line in done.splitlines() if line.startswith("│"))
    return {c[1].strip(): int(c[3].replace(",", "").strip() or 0) for c in cells if len(c) > 6}


@pytest.mark.slow
def test_a_run_prints_a_summary_and_another_run_adds_no_rows(
    tmp_path: Path, postgres_url: str
) -> None:
    shell = InProcess(tmp_path)
    shell.environment |= {"SYNTH_POSTGRES_URL": postgres_url, **DAYS}
    done = shell(*SMALL, "--no-dbt")
    assert done.returncode == 0, done.stderr
    assert "Gate passed" in done.stdout
    summary = re.search(r"(\d+) of (\d+) transactions match \((.*)%\)", done.stdout)
    assert summary is not None
    assert 0 < int(summary[1]) < int(summary[2])
    assert re.search(r"dropped +│ +[1-9]\d* +│ +│ +│ +1\.000", done.stdout)
    assert re.search(r"ga4_only +│ +[1-9]\d* +│ +[1-9]\d* +│ +1\.000 +│ +1\.000", done.stdout)
    before, stored = backend(postgres_url), shell.slices()
    assert all(before.values())
    assert f"{len(before['orders']):,} orders," in done.stdout
    assert {Path(name).parent.parent.name for name in stored} > {"events", "orders", "purchases"}
    again = shell(*SMALL, "--no-dbt")
    assert again.returncode == 0, again.stderr
    assert backend(postgres_url) == before
    assert shell.slices() == stored


@pytest.mark.slow
def test_dbt_gives_the_same_result(tmp_path: Path) -> None:
    shell = InProcess(tmp_path)
    done = shell(*SMALL, **DAYS)
    assert done.returncode == 0, done.stderr
    assert "Gate passed" in done.stdout
    rows = reported_rows(done.stdout)
    models = {name.split("/")[1]: n for name, n in rows.items() if "marts/" in name}
    assert len(models) == 13
    assert models["base_events"] == rows["events"]
    assert models["stg_backend_orders"] == rows["raw_orders"] > 0
    assert models["fct_reconciliation"] == rows["reconciled"] > 0
    assert models["fct_user_journeys"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--gap-rate", "1.5"), "gap_rate = '1.5': it must be less than or equal to 1"),
        (("--scale", "0"), "scale = '0.0': it must be greater than or equal to 0.001"),
        (("--days", "0"), "--days"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = InProcess(tmp_path)("journey", *words)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "lake").exists()


def refused(shell: Shell, url: str, said: str) -> None:
    """Asserts that a run reports the refused connection without the password."""
    done = shell(*SMALL, "--no-dbt", SYNTH_POSTGRES_URL=url, **DAYS)
    assert done.returncode == 2, done.stdout
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed:")]
    assert len(failed) == 1
    assert re.search(said, failed[0]), failed
    assert "Traceback" not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert holding(SECRET, shell.home.rglob("*")) == []


def test_a_database_that_is_down_is_named(tmp_path: Path) -> None:
    nowhere = f"postgresql://me:{SECRET}@127.0.0.1:1/shop"
    refused(InProcess(tmp_path), nowhere, r"127\.0\.0\.1:1/shop.*refused")


def test_a_wrong_password_is_reported_without_the_password(
    tmp_path: Path, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as db:
        role = new_role(db, "another")
    refused(
        InProcess(tmp_path), as_role(postgres_url, role, SECRET), "password authentication failed"
    )
