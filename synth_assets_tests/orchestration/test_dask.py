"""Runs whose steps are tasks of Dask's workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.runs import RunOutcome, recorded_outcome
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import PROJECT
from synth_assets_tests.environment import only
from synth_assets_tests.orchestration.conftest import DAILY, Run

MODULE = "synth_assets_tests.orchestration.dask_definitions"
PARENTS, CHILDREN = dg.AssetKey(["tiny", "parents"]), dg.AssetKey(["tiny", "children"])
FRAGILE = dg.AssetKey("fragile")
KEYS = list(DAILY.keys())[:4]  # the values of the last one are spoilt
DAYS = ["--select", "tiny/parents,tiny/children", "--partition-range", f"{KEYS[0]}...{KEYS[-1]}"]
SPOIL = {"resources": {"tiny_scenario": {"config": {"spoil": 1.0}}}}


def _materialized(
    home: Path, *words: str, **variables: str
) -> tuple[RunOutcome, list[dg.AssetKey | None]]:
    """A run over Dask by Dagster's own command: its outcome, and the assets that were made."""
    settings = {"SYNTH_HOME": str(home), "SYNTH_EXECUTION": "dask", "DEATHS": "0", **variables}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**settings, "DAGSTER_HOME": ""}.items():
            patch.setenv(name, value)
        with open_instance(Settings.from_environment()) as instance:
            command = [sys.executable, "-m", "dagster", "asset", "materialize", "-m", MODULE]
            # An installed package may be another copy of the project.
            environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
            subprocess.run([*command, *words], env=environment, check=False, capture_output=True)
            (run,) = instance.get_runs()
            entries = instance.all_logs(
                run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
            )
            made = [entry.get_dagster_event().asset_key for entry in entries]
            return recorded_outcome(instance, run.run_id), made


def _files(home: Path) -> dict[str, bytes]:
    files = sorted((home / "lake").rglob("*.parquet"))
    return {str(file.relative_to(home)): file.read_bytes() for file in files}


def test_a_range_of_days_is_what_one_process_makes(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    outcome, made = _materialized(tmp_path / "dask", *DAYS)
    assert (outcome.success, outcome.messages) == (True, [])
    assert made == [PARENTS] * len(KEYS) + [CHILDREN] * len(KEYS)
    assert run(KEYS).success
    assert len(_files(settings.home)) == 2 * len(KEYS)
    assert _files(settings.home) == _files(tmp_path / "dask")


@pytest.mark.slow
def test_a_failed_gate_stops_what_is_downstream(tmp_path: Path) -> None:
    outcome, made = _materialized(tmp_path, *DAYS, "--config-json", json.dumps(SPOIL))
    assert not outcome.success
    assert made == [PARENTS] * len(KEYS)
    assert any("tiny/parents value_sound of 2026-01-04" in line for line in outcome.messages)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deaths", "messages", "made"),
    [
        (2, [], [FRAGILE, dg.AssetKey("after_fragile")]),
        (
            100,
            ["fragile: Step fragile failed health check: the workers that executed it were lost"],
            [],
        ),
    ],
)
def test_a_step_whose_worker_is_lost_is_executed_again(
    deaths: int, messages: list[str], made: list[dg.AssetKey], tmp_path: Path
) -> None:
    words = ["--select", "fragile,after_fragile"]
    outcome, found = _materialized(tmp_path, *words, DEATHS=str(deaths))
    assert (outcome.success, outcome.messages, found) == (not messages, messages, made)


@pytest.mark.slow
def test_a_cluster_that_is_not_there_fails_the_steps(tmp_path: Path) -> None:
    """The run counts as failed by an error, and is not launched again."""
    outcome, made = _materialized(
        tmp_path,
        *DAYS,
        SYNTH_DASK_SCHEDULER="tcp://127.0.0.1:1",
        DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s",
    )
    assert (outcome.success, made) == (False, [])
    (message,) = outcome.messages
    assert message.startswith("tiny/parents: Step tiny__parents failed health check: there is no ")
    assert "Timed out trying to connect to tcp://127.0.0.1:1" in message
    with only(SYNTH_HOME=tmp_path), open_instance(Settings.from_environment()) as instance:
        (run,) = instance.get_runs()
        assert run.tags["dagster/failure_reason"] == "STEP_FAILURE"
        assert run.tags["dagster/will_retry"] == "false"
