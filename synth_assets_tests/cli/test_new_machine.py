"""The first command on a new machine, with one setting of a path at a time: missing folders are
created, or the command reports in one line which folder it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from synth_assets.cli import command
from synth_assets.core import variables
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.orchestration.dbt_environment import prepare_environment
from synth_assets.orchestration.settings import Settings, path_variables

ADS = "jaffle/stg_google_ads"
# First commands: arguments, exit code, and a part of the output.
FIRST = [
    (("list", ADS), 0, "0 of"),
    (("gate", ADS), 2, "nothing of the selection is stored at"),
    (("export", ADS, "--to", "files"), 2, "nothing of the selection is stored at"),
    (("ui", "--port", "39472"), 0, "Dagster UI on"),
    (("materialize", ADS, "--partitions", "2026-01-01"), 0, "Gate passed"),
]
# The store that a variable locates, if it is not the default.
STORE_OF = {"SYNTH_DUCKDB": "duckdb", "SYNTH_DELTA": "delta", "SYNTH_POSTGRES_URL": "postgres"}
# Variables that the default suite leaves out.
SLOW = {"SYNTH_POSTGRES_URL", "SYNTH_LAKE", "SYNTH_DELTA", "SYNTH_WAREHOUSE", "SYNTH_HOME"}
# A variable of a service, and one of files that must exist.
NOT_MADE = {"SYNTH_UNITY_ROOT", "SYNTH_DBT_PROFILES_DIR"}

New = Callable[[str], Path]


@pytest.fixture
def new(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> New:
    """Simulates a new machine: no variable is set, and the default home does not exist."""

    def machine(name: str) -> Path:
        root = tmp_path / name
        root.mkdir()
        monkeypatch.chdir(root)
        monkeypatch.delenv("SYNTH_HOME", raising=False)
        for path in path_variables():
            monkeypatch.setenv(path, "")
        monkeypatch.setattr(variables, "PACKAGE", root / "synth_assets")
        return root

    return machine


@pytest.mark.parametrize(
    "variable",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name in ("SYNTH_HOME", *path_variables())
        if name not in NOT_MADE
    ],
)
def test_a_path_alone_is_made(
    variable: str, new: New, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("synth_assets.cli.ui.end_with_this_process", lambda: None)
    monkeypatch.setattr("os.execv", lambda path, arguments: None)
    for number, (words, code, said) in enumerate(FIRST):
        root = new(f"machine {number}")
        monkeypatch.setenv(variable, str(root / "not there" / "yet"))
        if variable in STORE_OF:
            monkeypatch.setenv("SYNTH_STORE", STORE_OF[variable])
        monkeypatch.setattr("sys.argv", ["synth", *words])
        with pytest.raises(SystemExit) as left:
            command()
        printed = capsys.readouterr()
        assert (left.value.code, said in printed.out + printed.err) == (code, True), (
            words,
            printed,
        )
        assert "Traceback" not in printed.err


def test_the_warehouse_has_a_folder(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    root = new("machine")
    monkeypatch.setenv("SYNTH_WAREHOUSE", str(root / "not/there/dbt.duckdb"))
    settings = Settings.from_environment()
    prepare_environment(load_domains()[0], settings, settings.open_stores())
    assert settings.warehouse.parent.is_dir()


def test_profiles_that_are_not_there_are_named(
    new: New, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = new("machine")
    monkeypatch.setenv("SYNTH_DBT_PROFILES_DIR", str(root / "none"))
    monkeypatch.setattr("sys.argv", ["synth", "materialize", ADS, "--dbt"])
    with pytest.raises(SystemExit) as left:
        command()
    assert left.value.code == 2
    assert f"cannot read {root}/none/profiles.yml: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("variable", ["SYNTH_HOME", "DAGSTER_HOME"])
def test_a_place_that_cannot_be_is_named(
    variable: str, new: New, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = new("machine")
    (root / "file").touch()
    monkeypatch.setenv(variable, str(root / "file" / "below"))
    monkeypatch.setattr("sys.argv", ["synth", "materialize", ADS, "--partitions", "2026-01-01"])
    with pytest.raises(SystemExit) as left:
        command()
    printed = capsys.readouterr().err
    assert (left.value.code, printed.count("\n")) == (2, 1), printed
    assert f"cannot use {root}/file/below as {variable}" in printed


def test_a_warehouse_that_cannot_be_is_named(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    root = new("machine")
    (root / "file").touch()
    monkeypatch.setenv("SYNTH_WAREHOUSE", str(root / "file" / "dbt.duckdb"))
    settings = Settings.from_environment()
    with pytest.raises(UserError, match="as SYNTH_WAREHOUSE"):
        prepare_environment(load_domains()[0], settings, settings.open_stores())
