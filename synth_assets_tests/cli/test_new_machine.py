"""The first command on a new machine, with each setting that names a path alone: folders that
nobody has made are made, or the command says in one line which it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from synth_assets.cli import main
from synth_assets.core import variables
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings, path_variables
from synth_assets.orchestration.warehouse import prepare_environment

ADS = "jaffle/stg_google_ads"
# First commands: words, exit code, and what each says.
FIRST = [
    (("list", ADS), 0, "0 of"),
    (("gate", ADS), 2, "nothing of the selection is stored at"),
    (("export", ADS, "--to", "files"), 2, "nothing of the selection is stored at"),
    (("ui", "--port", "39472"), 0, "Dagster UI on"),
    (("materialize", ADS, "--partitions", "2026-01-01"), 0, "Gate passed"),
]
# The store that a variable is of, where there is one to name.
STORE_OF = {"SYNTH_DUCKDB": "duckdb", "SYNTH_DELTA": "delta", "SYNTH_POSTGRES_URL": "postgres"}
# Those that the others stand for in the default suite.
SLOW = {"SYNTH_POSTGRES_URL", "SYNTH_LAKE", "SYNTH_DELTA", "SYNTH_WAREHOUSE", "SYNTH_HOME"}
# Of a service, and of files that must be there already.
NOT_MADE = {"SYNTH_UNITY_ROOT", "SYNTH_DBT_PROFILES_DIR"}

New = Callable[[str], Path]


@pytest.fixture
def new(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> New:
    """Makes this a new machine: nothing is set, and the default home is not there."""

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
    monkeypatch.setattr("os.execv", lambda path, arguments: None)
    for number, (words, code, said) in enumerate(FIRST):
        root = new(f"machine {number}")
        monkeypatch.setenv(variable, str(root / "not there" / "yet"))
        if variable in STORE_OF:
            monkeypatch.setenv("SYNTH_STORE", STORE_OF[variable])
        monkeypatch.setattr("sys.argv", ["synth", *words])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        assert (left.value.code, said in told.out + told.err) == (code, True), (words, told)
        assert "Traceback" not in told.err


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
        main()
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
        main()
    told = capsys.readouterr().err
    assert (left.value.code, told.count("\n")) == (2, 1), told
    assert f"cannot use {root}/file/below as {variable}" in told


def test_a_warehouse_that_cannot_be_is_named(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    root = new("machine")
    (root / "file").touch()
    monkeypatch.setenv("SYNTH_WAREHOUSE", str(root / "file" / "dbt.duckdb"))
    settings = Settings.from_environment()
    with pytest.raises(UserError, match="as SYNTH_WAREHOUSE"):
        prepare_environment(load_domains()[0], settings, settings.open_stores())
