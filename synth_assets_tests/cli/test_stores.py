"""The jaffle shop on every store, as the command line makes it; secrets stay secret."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.cli.test_stored_tables import DAYS
from synth_assets_tests.secrets import SECRET, holding
from synth_assets_tests.shell import Shell

Variables = Callable[[pytest.FixtureRequest], dict[str, str]]


def _bigquery(request: pytest.FixtureRequest) -> dict[str, str]:
    project = request.getfixturevalue("bigquery_project")
    return {"SYNTH_BIGQUERY_PROJECT": project, "SYNTH_BIGQUERY_PREFIX": f"t{uuid4().hex[:8]}_"}


# PostgreSQL without a URL is the embedded one.
STORES: dict[str, Variables] = {
    "duckdb": lambda request: {},
    "delta": lambda request: {},
    "postgres": lambda request: {},
    "bigquery": _bigquery,
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The rows of the jaffle tables in the lake, by table."""
    shell, folder = Shell(tmp_path_factory.mktemp("lake")), tmp_path_factory.mktemp("csv")
    assert shell("materialize", "jaffle", "--partitions", DAYS).returncode == 0
    return _exported(shell, folder)


def _exported(shell: Shell, folder: Path, **environment: str) -> dict[str, list[str]]:
    done = shell("export", "jaffle", "--to", str(folder), **environment)
    assert done.returncode == 0, done.stderr
    return {path.stem: sorted(path.read_text().splitlines()) for path in folder.glob("*.csv")}


# The default suite tests the stores in their own tests and in those of dbt.
@pytest.mark.slow
@pytest.mark.parametrize("kind", STORES)
def test_every_store_has_the_same_rows(
    kind: str,
    exported: dict[str, list[str]],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    environment = {"SYNTH_STORE": kind, **STORES[kind](request)}
    shell = Shell(tmp_path / "home")
    done = shell("materialize", "jaffle", "--partitions", DAYS, **environment)
    assert done.returncode == 0, done.stderr
    assert "Gate passed" in done.stdout
    assert len(exported) == 16
    assert _exported(shell, tmp_path / "csv", **environment) == exported
    assert not (shell.home / "lake").exists()


@pytest.mark.slow
def test_a_password_is_never_seen(tmp_path: Path, postgres_url: str) -> None:
    shell = Shell(tmp_path / "home")
    url = postgres_url.replace("postgres:@", f"postgres:{SECRET}@")
    assert SECRET in url
    here = {"SYNTH_STORE": "postgres", "SYNTH_POSTGRES_URL": url}
    nowhere = here | {"SYNTH_POSTGRES_URL": f"postgresql://me:{SECRET}@127.0.0.1:1/none"}
    said = [
        shell("materialize", "jaffle", "--partitions", "2026-01-01", **here),
        shell("copy", "jaffle", "--from", "postgres", "--to", "parquet", **here),
        shell("materialize", "jaffle/stg_google_ads", **nowhere),
        shell("list", **nowhere),
    ]
    codes = [done.returncode for done in said]
    assert codes[:2] == [0, 0], [done.stderr for done in said]
    assert all(codes[2:])
    for done in said:
        assert SECRET not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    # Event logs and gate reports among them.
    files = list(shell.home.rglob("*"))
    assert holding(SECRET, files) == []
    assert any(_tables(path) for path in files if path.suffix == ".db"), "the event log was read"


def _tables(database: Path) -> list[str]:
    with sqlite3.connect(database) as connection:
        query = "select name from sqlite_master where name = 'event_logs'"
        return [name for (name,) in connection.execute(query)]


def test_definitions_have_the_location_of_a_table_and_no_secret(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synth_assets.domains.jaffle.domain import domain
    from synth_assets.orchestration.build import build_definitions

    monkeypatch.setenv("SYNTH_STORE", "postgres,jaffle/raw_orders_training=delta")
    monkeypatch.setenv("SYNTH_POSTGRES_URL", f"postgresql://me:{SECRET}@db.example:5433/shop")
    settings = Settings.from_environment()
    defs = build_definitions([domain()], settings, with_dbt=False)
    seen = {
        table.name: defs.resolve_asset_graph().get(asset_key(table)).metadata
        for table in domain().tables
    }
    assert SECRET not in repr(seen) + repr(settings) + repr(defs)
    signups = seen["raw_signups_training"]
    assert signups["dagster/storage_kind"] == "postgres"
    uri = "postgresql://db.example:5433/shop#jaffle.raw_signups_training"
    assert _text(signups["dagster/uri"]) == uri
    assert _text(signups["dagster/table_name"]) == "jaffle.raw_signups_training"
    assert seen["raw_orders_training"]["dagster/storage_kind"] == "delta"


def _text(value: object) -> str:
    return str(value.value) if isinstance(value, dg.MetadataValue) else str(value)
