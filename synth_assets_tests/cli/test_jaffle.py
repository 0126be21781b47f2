"""``synth jaffle``: the shop day by day, parts of it, and refused options."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from synth_assets_tests.cli.conftest import Synth
from synth_assets_tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


@pytest.fixture
def synth(home: Path, monkeypatch: pytest.MonkeyPatch, in_process: Synth) -> Synth:
    """``synth`` in this process, with an empty home."""
    for name in ("START_DATE", "END_DATE"):  # the command sets them; monkeypatch restores them
        monkeypatch.setenv(f"SYNTH_JAFFLE_{name}", "")
    return in_process


@pytest.mark.slow
@pytest.mark.parametrize("every", ["1", "2", "7"])
def test_each_day_is_built_by_dbt(shell: Shell, tmp_path: Path, every: str) -> None:
    words = ["jaffle", "--days-back", "3", "--until", "2026-03-05", "--target", "duckdb"]
    done = shell(*words, "--dbt-every", every, "--export-csv", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(tmp_path.glob("*.csv"))) == 16
    home = shell.home / "jaffle"
    assert {p.name for p in (home / "gate").iterdir()} >= {"report.html", "report.xml"}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as db:
        days = db.execute("select distinct day::varchar from jaffle_marts.orders").fetchall()
        assert sorted(days) == [("2026-03-03",), ("2026-03-04",), ("2026-03-05",)]


@pytest.mark.slow
def test_a_part_is_materialized_with_the_tables_it_depends_on(shell: Shell) -> None:
    words = ["jaffle", "--days-back", "1", "--until", "2026-03-05"]
    shell.home /= "jaffle"  # the command's own home
    assert shell(*words, "--only", "ads").returncode == 0
    assert len(shell.slices()) == 3
    assert shell(*words, "--only", "marketing").returncode == 0
    assert any("raw_customers_training" in name for name in shell.slices())
    assert not any("validation" in name for name in shell.slices())


YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date()
REFUSED = {
    "today": (["--until", f"{YESTERDAY + timedelta(days=1)}"], f"the last day is {YESTERDAY}"),
    "a far day": (["--until", "2030-01-01"], "--until 2030-01-01: is not over yet"),
    "before all days": (["--until", "0001-01-05"], "there are not so many days until 0001-01-05"),
    "a target": (["--target", "nosuch"], "'nosuch': known are duckdb, postgres, bigquery"),
    "another's profiles": (["--profiles-dir", "{other}"], "with outputs of 'synth'"),
    "a seed": (["--seed", "-1"], "scenario field seed = -1"),
}


@pytest.mark.parametrize(("words", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_options_change_nothing(
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


def test_a_part_keeps_the_warehouse(home: Path, synth: Synth) -> None:
    warehouse = home / "jaffle/warehouse.duckdb"
    warehouse.parent.mkdir(parents=True)
    warehouse.write_bytes(b"of an earlier flow")
    words = ["jaffle", "--days-back", "1", "--until", "2026-03-05", "--only", "ads"]
    done = synth(*words, "--target", "duckdb")
    assert done.code == 0, done.err
    assert "which --only ads does not run" in done.err
    assert "1 day from 2026-03-05 to 2026-03-05 made and judged at" in done.out
    assert warehouse.read_bytes() == b"of an earlier flow"
