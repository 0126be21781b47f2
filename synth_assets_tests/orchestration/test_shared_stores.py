"""Workers that share no disk store nothing on their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shared_stores import refuse_own_disk
from synth_assets_tests.cli.conftest import in_process  # noqa: F401


@pytest.fixture(autouse=True)
def cluster(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_EXECUTION", "celery")


@pytest.mark.parametrize(
    ("names", "named"),
    [
        ({}, "SYNTH_LAKE"),
        ({"SYNTH_LAKE": "/a/folder"}, "SYNTH_LAKE"),
        ({"SYNTH_LAKE": "file:///a/folder"}, "SYNTH_LAKE"),
        ({"SYNTH_STORE": "duckdb"}, "SYNTH_DUCKDB"),
        ({"SYNTH_STORE": "postgres"}, "SYNTH_POSTGRES_URL"),
        ({"SYNTH_STORE": "bigquery,jaffle=delta"}, "SYNTH_DELTA"),
    ],
)
def test_a_store_on_the_worker_s_own_disk_is_refused(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, str], named: str
) -> None:
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=named) as refused:
        refuse_own_disk(Settings.from_environment())
    assert "SYNTH_SHARED_DISK" in str(refused.value)
    monkeypatch.setenv("SYNTH_SHARED_DISK", "true")
    refuse_own_disk(Settings.from_environment())
    monkeypatch.delenv("SYNTH_SHARED_DISK")
    monkeypatch.setenv("SYNTH_EXECUTION", "dask")
    refuse_own_disk(Settings.from_environment())


@pytest.mark.parametrize(
    "names",
    [
        {"SYNTH_LAKE": "s3://bucket/lake"},
        {"SYNTH_STORE": "postgres", "SYNTH_POSTGRES_URL": "postgresql://db/data"},
        {"SYNTH_STORE": "bigquery", "SYNTH_BIGQUERY_PROJECT": "project"},
        {"SYNTH_STORE": "unity", "SYNTH_UNITY_CATALOG": "main", "SYNTH_UNITY_ROOT": "s3://b/x"},
    ],
)
def test_a_store_that_workers_share_is_taken(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, str]
) -> None:
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    refuse_own_disk(Settings.from_environment())


@pytest.mark.parametrize(
    "words",
    [
        "service worker",
        "service daemon",
        "service webserver",
        "submit jaffle/stg_google_ads",
        "materialize jaffle/stg_google_ads --partitions 2026-01-01",
    ],
)
def test_no_command_of_a_deployment_stores_on_it(
    in_process: object,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
    words: str,
) -> None:
    monkeypatch.setattr("os.execv", lambda path, arguments: pytest.fail("it started"))
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", "postgresql://nowhere/dagster")
    monkeypatch.setenv("SYNTH_BROKER_URL", "redis://nowhere")
    done = in_process(*words.split())  # type: ignore[operator]
    assert (done.code, "SYNTH_LAKE" in done.err) == (2, True)
    assert not (home / "lake").exists()
