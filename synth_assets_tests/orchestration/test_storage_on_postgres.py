"""Dagster's own storage on PostgreSQL, with a URL that begins with ``postgresql://``."""

from __future__ import annotations

import time

import dagster as dg
import pytest
import yaml
from dagster_postgres.utils import DagsterPostgresException, retry_pg_connection_fn
from sqlalchemy import create_engine

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.runs import launch
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.orchestration.conftest import DAILY

SECRET = "pa55word"


def test_a_run_is_recorded_under_a_plain_url(
    domain: Domain, settings: Settings, postgres_url: str
) -> None:
    assert postgres_url.startswith("postgresql://")
    settings.dagster_home.mkdir(parents=True)
    config = {"storage": {"postgres": {"postgres_url": postgres_url}}}
    (settings.dagster_home / "dagster.yaml").write_text(yaml.safe_dump(config))
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        defs = build_definitions([domain], settings, with_dbt=False)
        graph = defs.resolve_asset_graph()
        tables = [key for key in graph.materializable_asset_keys if key.path[1] != "gate_report"]
        keys = list(DAILY.keys())[:2]
        outcome = launch(defs, tables, list(graph.asset_check_keys), instance, keys=keys)
        assert outcome.gate_passed, outcome.failures
        assert instance.get_materialized_partitions(dg.AssetKey(["tiny", "parents"])) == set(keys)


@pytest.mark.parametrize(
    "url",
    ["hello", "postgres://a/b", "mysql://a/b", f"postgresql://me:{SECRET}@host:port/b"],
)
def test_a_url_that_is_none_is_refused(
    url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    with pytest.raises(UserError, match=r"^DAGSTER_POSTGRES_URL must be a URL like") as found:
        open_instance(settings)
    assert SECRET not in str(found.value)
    assert not settings.dagster_home.exists()


@pytest.mark.parametrize("driver", ["", "+psycopg2"])
def test_a_server_that_cannot_be_reached_is_a_line_at_once(
    driver: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql{driver}://me:{SECRET}@127.0.0.1:1/records"
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    started = time.monotonic()
    with pytest.raises(
        UserError, match=r"^DAGSTER_POSTGRES_URL: cannot connect .*refused"
    ) as found:
        open_instance(settings)
    assert time.monotonic() - started < 5
    assert SECRET not in str(found.value)


def test_retries_are_logged_in_a_line(
    settings: Settings,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", postgres_url)
    gone = create_engine(f"postgresql://me:{SECRET}@127.0.0.1:1/records")
    with open_instance(settings), pytest.raises(DagsterPostgresException):
        retry_pg_connection_fn(gone.connect, retry_limit=0)
    line = "DAGSTER_POSTGRES_URL: Connection refused; trying again"
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == [line]


def test_an_instance_opens_on_a_server(
    settings: Settings, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", postgres_url)
    with open_instance(settings) as instance:
        assert instance.get_runs() == []
    assert not (settings.dagster_home / "event_log.db").exists()
