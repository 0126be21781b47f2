"""The gate judges what is damaged: it fails, says which slice, and reports the others."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from synth_assets.core.model import Table
from synth_assets.stores.parquet_digest import KEY
from synth_assets_tests.cli.conftest import Synth

ADS, DAY = "jaffle/stg_google_ads", "2026-01-01"


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


@pytest.mark.parametrize("place", [40, -40])
def test_a_damaged_slice_fails_checks_that_only_warn(place: int, home: Path, synth: Synth) -> None:
    path = "jaffle/raw_orders_validation"
    assert synth("-q", "materialize", path, "--partitions", DAY).code == 0
    sound = synth("gate", path)
    assert (sound.code, "warned" in sound.out) == (0, True), "other tables are not stored"
    file = home / "lake" / path / f"day={DAY}" / "data.parquet"
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert [synth("gate", word).code for word in (path, "jaffle", "all")] == [1, 1, 1]
    [table] = json.loads(synth("gate", path, "--json").out)["domains"][0]["tables"]
    assert {check["status"] for check in table["checks"]} == {"failed"}
    assert all(
        f"slice {DAY} of {path} is damaged" in c["results"][0]["note"] for c in table["checks"]
    )
    junit = (home / "gate" / "cli" / "report.xml").read_text(encoding="utf-8")
    assert f"cannot be judged: slice {DAY} of {path} is damaged" in junit


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


@pytest.mark.parametrize("digest", [True, False])
def test_exactly_the_damaged_slice_is_named_and_no_row_of_it_is_given_away(
    digest: bool, ads: Table, home: Path, synth: Synth, tmp_path: Path
) -> None:
    first, second = ads.partitioning.keys()[:2]
    file = home / "lake" / ads.domain / ads.name / f"day={second}" / "data.parquet"
    content = bytearray(file.read_bytes())
    if digest:
        content[len(content) // 2] ^= 1
    else:  # as a former version wrote it, and without a page that can be read
        content = bytearray(content.replace(KEY.encode(), b"-" * len(KEY)))
        content[4:2_000] = bytes(1_996)
    file.write_bytes(content)
    done = synth("gate", ads.path, "--json")
    assert done.code == 1, done.err
    (table,) = json.loads(done.out)["domains"][0]["tables"]
    failed = [r for check in table["checks"] for r in check["results"] if not r["passed"]]
    assert {r["partition"] for r in failed} <= {second, None}
    assert {r["partition"] for r in failed} >= {second}
    command = f"`synth materialize {ads.path} --partitions {second}`"
    assert all(command in r["note"] for r in failed)
    for number, words in enumerate(
        (
            ("export", "--to", tmp_path / "files"),
            ("export", "--format", "parquet", "--to", tmp_path / "files"),
            ("copy", "--from", "parquet", "--to", f"delta:{tmp_path / 'delta'}"),
            ("replay",),
        )
    ):
        done = synth(words[0], ads.path, *words[1:])
        said = [line for line in done.err.splitlines() if not line.startswith("copying")]
        assert (number, done.code, len(said)) == (number, 2, 1)
        assert said[0].startswith(f"error: slice {second} of {ads.path} is damaged")
        assert said[0].endswith(command)
        assert done.out == ""
    assert not list(tmp_path.glob("files/*"))
    copied = {path.parent.name for path in tmp_path.glob("delta/**/*.parquet")}
    assert copied == (set() if digest else {f"day={first}"})
    assert synth("export", ads.path, "--partitions", first, "--to", tmp_path / "files").code == 0


def test_a_damaged_slice_of_delta_is_no_fault_of_the_target(
    home: Path, synth: Synth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_STORE", "delta")
    assert synth("materialize", ADS, "--partitions", DAY).code == 0
    [file] = (home / "delta").glob("**/*.parquet")
    file.unlink()
    done = synth("export", ADS, "--to", tmp_path / "files")
    assert done.code == 2
    assert done.err.startswith(f"error: slice {DAY} of {ADS} is damaged (its file is missing)")


@pytest.mark.parametrize("url", ["s3://", "ftp://x/y", "hdfs://h/x", "s3:bucket"])
def test_a_lake_that_is_no_object_store_is_a_line(
    url: str, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_LAKE", url)
    done = synth("list", ADS)
    assert done.code == 2
    assert done.err.startswith(f"error: SYNTH_LAKE = {url}: must be a folder, or a URL such as ")
    assert done.err.count("\n") == 1


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
