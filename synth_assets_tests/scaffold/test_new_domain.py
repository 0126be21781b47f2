"""``synth new domain``: what it writes works at once."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains.outside import domain_at
from synth_assets.orchestration.shipped import PROJECT
from synth_assets.scaffold import declared
from synth_assets.scaffold.files import new_domain
from synth_assets.scaffold.names import NewTable, parse_tables
from synth_assets_tests.shell import InProcess

TABLES = "vans,trips:daily,repairs:daily"
# Names that Python, YAML, the modules of a domain or their imports have too, and the longest.
ODD = {
    "yaml": "null,yes,on:daily,true:daily,s:daily",
    "modules": "domain,scenario,modules,daily:daily,drawn:daily,tables:daily,row:daily",
    "settings": "seed,shards,date,start_date:daily,end_date:daily,model:daily,sharded:daily",
    "imports": "polars,pl,dy,table,partition,stream,annotations,a10,a2,a_b,ab,a,a01,a1,b2c,b10c",
    "built-in": "int,str,list:daily,range:daily,typing:daily,id:daily",
    "sharded": "sharded:sharded,unpartitioned,fingerprint,shards:sharded",
    "longest": f"{'b' * 30},{'c' * 30}:daily,{'d' * 29}s:daily",
}
NAMES = {part.partition(":")[0] for tables in ODD.values() for part in tables.split(",")}
ALL = ",".join([TABLES, *sorted(NAMES)])
KINDS = pytest.mark.parametrize("python", [False, True], ids=["yaml", "python"])


def made(folder: Path, *, python: bool, tables: str = TABLES) -> Path:
    new_domain("fleet", parse_tables(tables), folder / "fleet", python=python)
    return folder / "fleet"


@KINDS
def test_the_tables_are_those_that_were_named(home: Path, tmp_path: Path, python: bool) -> None:
    domain = domain_at(made(tmp_path, python=python))
    assert {t.name: type(t.partitioning).__name__ for t in domain.tables} == {
        "vans": "Unpartitioned",
        "trips": "Daily",
        "repairs": "Daily",
    }
    assert dict(domain.table("trips").parents).popitem()[1] == "vans"


@KINDS
@pytest.mark.parametrize("tables", ODD.values(), ids=ODD)
def test_any_name_that_is_accepted_can_be_loaded(
    home: Path, tmp_path: Path, python: bool, tables: str
) -> None:
    domain = domain_at(made(tmp_path, python=python, tables=tables))
    assert {t.name for t in domain.tables} == {part.partition(":")[0] for part in tables.split(",")}


@KINDS
@pytest.mark.parametrize(
    "tables",
    [
        TABLES,
        "days:daily,hours:daily",
        "customers_of_shops,orders_of_customers:daily,deliveries_of_orders:daily,returns:daily",
        *ODD.values(),
    ],
    ids=["mixed", "daily", "long", *ODD],
)
def test_its_files_pass_lint(tmp_path: Path, python: bool, tables: str) -> None:
    """In a folder of its own, by the rules of tools without a configuration and by this project's.

    Elsewhere ``synth_assets`` is a package of others, which imports are sorted by.
    """
    made(tmp_path, python=python, tables=tables)
    ruff = Path(sys.executable).with_name("ruff")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["ruff"]
    rules = ",".join(project["lint"]["select"])
    style = ["--config", 'lint.pydocstyle.convention="google"']
    for words in (
        ["check"],
        ["check", "--select", "E501"],
        # The rules of annotations and docstrings in tests are the project's own.
        ["check", "--select", rules, "--ignore", "ANN,E501", *style],
        ["format", "--check"],
        ["format", "--check", "--line-length", str(project["line-length"])],
    ):
        done = subprocess.run(
            [ruff, words[0], "--isolated", "--no-cache", *words[1:], "fleet"],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@KINDS
def test_its_files_pass_the_type_checker(tmp_path: Path, python: bool) -> None:
    """The package says that it has types, so that those who use it are checked by them."""
    made(tmp_path, python=python, tables=ALL)
    words = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(
        [*words, "fleet"], capture_output=True, text=True, check=False, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@KINDS
def test_its_tests_pass(tmp_path: Path, python: bool) -> None:
    folder = made(tmp_path, python=python, tables=ALL)
    words = [sys.executable, "-m", "pytest", "-q", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@KINDS
def test_its_tables_pass_their_gates_and_dbt_builds_its_models(
    tmp_path: Path, python: bool
) -> None:
    shell = InProcess(tmp_path / "home")
    done = shell(
        "new", "domain", "fleet", "--tables", TABLES, "--to", str(tmp_path),
        *(["--python"] if python else []),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = shell("materialize", "fleet", "--dbt", SYNTH_DOMAINS=str(tmp_path / "fleet"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Gate passed" in done.stdout


@pytest.mark.slow
def test_a_wrong_dbt_model_is_named_with_the_reason(tmp_path: Path) -> None:
    """The errors of a newcomer's own models: the model, dbt's reason, and no traceback."""
    shell = InProcess(tmp_path / "home")
    folder = made(tmp_path, python=False)
    model = folder / "dbt" / "models" / "mine.sql"
    config = "{{ config(materialized='table', tags='whole') }}"
    trips = "{{ landed(source('fleet', 'trips')) }}"
    for text, code, words in (
        (f"{config} select 1 as x from {trips.replace('trips', 'nope')}", 2, "'fleet.nope'"),
        (f"{config} select {{% if %}} 1", 2, "model mine (models/fleet/mine.sql)"),
        (
            f"{config.replace('whole', 'hourly')} select 1 as x from {trips}",
            2,
            "mine (models/fleet/mine.sql) of fleet has neither of the tags 'daily'",
        ),
        (
            f"{config} select nocolumn from {trips}",
            3,
            'model mine (models/fleet/mine.sql): Binder Error: Referenced column "nocolumn"',
        ),
    ):
        model.write_text(text)
        done = shell("materialize", "fleet", "--dbt", SYNTH_DOMAINS=str(folder))
        assert done.returncode == code, done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_wrong_names_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    shell = InProcess(tmp_path / "home")
    for words, message in {
        ("My-Shop",): "must be lower-case letters",
        ("class",): "is a keyword of Python",
        ("jaffle",): "there is a domain 'jaffle' already",
        ("shop", "--tables", "a,b:weekly"): "unknown partitioning of table b 'weekly'",
        ("abc\n",): "must be lower-case letters",
        ("b" * 31,): "at most 30",
        ("shop", "--tables", "b" * 31): "at most 30",
        ("typing", "--python"): "Python has a module of that name",
        ("polars", "--python"): "Python has a module of that name",
        ("information_schema",): "databases have a schema of that name",
        ("pg_shop", "--python"): "databases have a schema of that name",
        ("marts",): "dbt builds models in a schema of that name",
        ("shop_marts", "--python"): "dbt builds models in a schema of that name",
        ("replay",): "replays write to a schema of that name",
        ("shop", "--tables", "gate_report"): "a table cannot be called 'gate_report'",
        ("shop", "--tables", "a,a"): "named twice",
        ("shop", "--tables", "a:daily,b"): "it can be daily only if all are",
        ("shop", "--tables", "a,b:daily,c:sharded"): "b is daily, c sharded",
    }.items():
        done = shell("new", "domain", *words, "--to", str(tmp_path / "worlds"))
        assert done.returncode == 2, words
        assert message in done.stderr
    assert not (tmp_path / "worlds").exists()


@KINDS
def test_what_cannot_be_loaded_is_not_written(
    tmp_path: Path, python: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NewTable, "rows_field", "rows here")
    monkeypatch.setattr(declared, "OTHER", "      amount: {kind: nothing}\n")
    with pytest.raises(UserError) as error:
        made(tmp_path, python=python)
    assert str(tmp_path) not in str(error.value)
    assert not [*tmp_path.iterdir()]


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    folder = made(tmp_path, python=False)
    (folder / "domain.yaml").write_text("mine")
    with pytest.raises(UserError, match="fleet exists"):
        made(tmp_path, python=True)
    assert (folder / "domain.yaml").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["fleet"]
