"""The gate judges what is damaged: it fails, says which slice, and reports the others."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from synth_assets.core.model import Table
from synth_assets_tests.cli.conftest import Synth


def test_the_gate_reports_a_damaged_slice(ads: Table, home: Path, synth: Synth) -> None:
    first, second = ads.partitioning.keys()[:2]
    file = home / "lake" / ads.domain / ads.name / f"day={second}" / "data.parquet"
    sound = file.read_bytes()
    file.write_bytes(sound[:-20])
    done = synth("gate", ads.path, "--json")
    assert done.code == 1, done.err
    report = json.loads(done.out)
    (table,) = report["domains"][0]["tables"]
    assert table["status"] == "failed"
    assert list(table["rows"]) == [first]
    notes = {result["note"] for check in table["checks"] for result in check["results"]}
    assert any(f"slice {second} of {ads.path} is damaged" in note for note in notes)
    file.write_bytes(sound)
    assert synth("gate", ads.path).code == 0


def test_a_renamed_column_is_named_with_its_slice(ads: Table, home: Path, synth: Synth) -> None:
    _, second = ads.partitioning.keys()[:2]
    file = home / "lake" / ads.domain / ads.name / f"day={second}" / "data.parquet"
    pl.read_parquet(file, hive_partitioning=False).rename({"cost": "spend"}).write_parquet(file)
    done = synth("gate", ads.path, "--json")
    assert done.code == 1, done.err
    (table,) = json.loads(done.out)["domains"][0]["tables"]
    failed = [r for check in table["checks"] for r in check["results"] if not r["passed"]]
    notes = {r["note"] for r in failed if r["threshold"] == "readable"}
    assert notes == {
        f"slice {second} of {ads.path} has other columns (column cost is missing; column spend is "
        f"not in the schema): make it again with `synth materialize {ads.path} --partitions "
        f"{second}`"
    }


@pytest.mark.parametrize("words", [("service", "daemon"), ("service", "webserver"), ("ui",)])
def test_a_process_of_dagster_does_not_start_on_a_damaged_database(
    words: tuple[str, ...], home: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(os, "execv", lambda *arguments: started.append(arguments))
    monkeypatch.chdir(home.parent)
    file = home / "dagster" / "history" / "runs.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(range(256)) * 40)
    done = synth(*words)
    assert (done.code, started) == (2, [])
    assert done.err.startswith(f"error: {file} is damaged")
    assert done.err.count("\n") == 1
