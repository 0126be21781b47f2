"""``synth score-resolution``: scores of a resolver's clusters, and messages for wrong input."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from synth_assets.core import sources
from synth_assets.domains import load_domains
from synth_assets.domains.identity_resolution.resolution.score import score
from synth_assets.domains.identity_resolution.scenario import DOMAIN
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.cli.conftest import Synth

TRUTH = "identity_truth"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the truth only."""
    lake = tmp_path_factory.mktemp("lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTH_LAKE", str(lake))
        patch.setenv("SYNTH_IDENTITY_RESOLUTION_SCALE", "10K")
        patch.setenv("SYNTH_IDENTITY_RESOLUTION_SHARDS", "2")
        domain = next(domain for domain in load_domains() if domain.name == DOMAIN)
        table, stores = domain.table(TRUTH), Settings.from_environment().open_stores()
        for partition, frame in sources.frames(table, domain.scenario, table.partitioning.keys()):
            stores.of(table).replace(table, partition.key, frame, domain.scenario.fingerprint())
    return lake


@pytest.fixture
def synth(home: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, in_process: Synth) -> Synth:
    """``synth score-resolution`` in this process, on the lake."""
    monkeypatch.setenv("SYNTH_LAKE", str(lake))
    return partial(in_process, "score-resolution")


@pytest.fixture(scope="module")
def truth(lake: Path) -> pl.DataFrame:
    """The stored truth."""
    return pl.read_parquet(lake / DOMAIN / TRUTH / "*" / "data.parquet")


@pytest.fixture(scope="module")
def perfect(truth: pl.DataFrame) -> pl.DataFrame:
    """The clusters of a perfect resolver."""
    own = pl.col("person_id").fill_null(pl.col("record_id"))
    return truth.select("record_id", cluster_id=own)


def scores_of(synth: Synth, path: Path, *words: str) -> dict[str, list[dict[str, Any]]]:
    """The scores of a file, as the command writes them."""
    output = path.with_suffix(".json")
    answer = synth(path, *words, "--output", output)
    assert answer.code == 0, answer.err
    return json.loads(output.read_text())


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_perfect_file_scores_one_in_either_format(
    synth: Synth, perfect: pl.DataFrame, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"mine.{ending}"
    getattr(perfect, f"write_{ending}")(path)
    answer = synth(path)
    assert answer.code == 0, answer.err
    assert "warning" not in answer.err
    assert all(title in answer.out for title in ("all records", "between two sources", "edge case"))
    assert "1.0000" in answer.out
    (overall,) = scores_of(synth, path)["overall"]
    assert overall["f1"] == overall["b_cubed_f1"] == 1


def test_the_scores_are_those_of_the_table(
    synth: Synth, truth: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "mine.parquet"
    clusters = truth.select("record_id", cluster_id=pl.int_range(pl.len()) // 3)
    clusters.sample(fraction=1, shuffle=True, seed=1).write_parquet(path)
    found = scores_of(synth, path)
    assert found.pop("coverage") == {"of_truth": 1.0, "of_known_persons": 1.0}
    joined = truth.join(clusters, on="record_id").with_columns(pl.col("cluster_id").cast(pl.String))
    expected = score(joined.lazy())
    for scope, rows in found.items():
        assert rows == expected.filter(pl.col("scope") == scope).drop("scope").to_dicts()


def test_a_published_truth_gives_the_same_scores(
    synth: Synth, truth: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_LAKE", str(tmp_path / "empty"))
    truth.write_parquet(tmp_path / "identity_truth.parquet")
    known = truth.filter(pl.col("person_id").is_not_null())
    known.select("record_id", cluster_id="person_id").write_csv(tmp_path / "clusters.csv")
    words = [tmp_path / "clusters.csv", "--output", tmp_path / "scores.json"]
    assert synth(*words, "--truth", tmp_path / "identity_truth.parquet").code == 0
    (overall,) = json.loads((tmp_path / "scores.json").read_text())["overall"]
    assert (overall["precision"], overall["recall"]) == (1, 1)
    wrong = synth(*words, "--truth", tmp_path / "clusters.csv")
    assert wrong.code == 2
    assert "has no column" in wrong.err


def test_the_export_of_sql_identity_resolution_is_accepted(
    synth: Synth, truth: pl.DataFrame, perfect: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "membership.csv"
    key = pl.concat_str(truth["source"], pl.lit(":"), "record_id")
    exported = perfect.select(entity_key=key, resolved_id="cluster_id", updated_ts=pl.lit("now"))
    exported.write_csv(path)
    columns = ("--record-column", "entity_key", "--cluster-column", "resolved_id")
    (overall,) = scores_of(synth, path, *columns)["overall"]
    assert overall["f1"] == 1


def test_missing_records_are_singletons_and_reported(
    synth: Synth, truth: pl.DataFrame, perfect: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "part.csv"
    half = perfect.with_columns(
        pl.when(pl.int_range(pl.len()) % 2 == 0).then("cluster_id").otherwise("record_id")
    )
    perfect.gather_every(2).write_csv(path)
    answer = synth(path)
    assert answer.code == 0
    assert "warning: 5,000 of 10,000 records are not in the file" in answer.err
    expected = score(truth.join(half, on="record_id").lazy()).row(0, named=True)
    (overall,) = scores_of(synth, path)["overall"]
    assert overall["correct_pairs"] == expected["correct_pairs"]
    assert overall["found_pairs"] == expected["found_pairs"]


def test_a_file_with_few_records_of_the_truth_gives_a_warning(
    synth: Synth, truth: pl.DataFrame, tmp_path: Path
) -> None:
    known = truth.filter(pl.col("person_id").is_not_null())
    path = tmp_path / "small.csv"
    for share, warned in ((0.1, True), (0.89, True), (0.91, False), (1, False)):
        few = known.head(int(share * len(known)))
        few.select("record_id", cluster_id="person_id").write_csv(path)
        answer = synth(path)
        assert answer.code == 0
        said = f"coverage: small.csv has {len(few) / len(truth):.1%} of the truth's 10,000 records"
        assert said in answer.out
        assert f"({len(few) / len(known):.1%} of those whose person is known)" in answer.out
        assert ("less than 90%" in answer.err) == warned


def test_the_source_must_be_right_where_it_is_given(
    synth: Synth, truth: pl.DataFrame, perfect: pl.DataFrame, tmp_path: Path
) -> None:
    right, wrong = tmp_path / "right.csv", tmp_path / "wrong.csv"
    perfect.with_columns(truth["source"]).write_csv(right)
    assert synth(right).code == 0
    perfect.with_columns(source=pl.lit("crm_customers")).write_csv(wrong)
    answer = synth(wrong)
    assert answer.code == 2
    assert "of 10,000 records are not in identity_resolution/identity_truth" in answer.err


FILES: dict[str, tuple[str, str]] = {
    "no-file": ("", "there is no such file"),
    "other-ending": ("a,b", "must end in .csv or .parquet"),
    "no-bytes": ("", "is empty"),
    "no-rows": ("record_id,cluster_id\n", "has no rows"),
    "no-record-column": ("id,cluster_id\n1,2\n", "known are id, cluster_id"),
    "no-cluster-column": ("record_id,cluster\n1,2\n", "known are record_id, cluster"),
    "no-cluster": ("record_id,cluster_id\nCRM-100000000,\n", "cluster_id is empty in 1 rows"),
    "no-record": ("record_id,cluster_id\n,1\n", "record_id is empty in 1 rows"),
    "twice": ("record_id,cluster_id\nA,1\nt:A,2\nB,1\n", "1 records are there more than once (A)"),
    "unknown": ("record_id,cluster_id\nX-1,1\n", "1 of 1 records are not in"),
    "ragged": ("record_id,cluster_id\n1,2\n1,2,3,4\n", "cannot be read"),
    "no-parquet": ("PAR1 this is none", "cannot be read"),
}
ENDINGS = {"other-ending": ".txt", "no-parquet": ".parquet"}


@pytest.mark.parametrize("name", FILES)
def test_bad_input_is_one_sentence(synth: Synth, tmp_path: Path, name: str) -> None:
    text, words = FILES[name]
    path = tmp_path / f"mine{ENDINGS.get(name, '.csv')}"
    if name != "no-file":
        path.write_text(text)
    answer = synth(path)
    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert words in answer.err
    assert path.name in answer.err
    assert "Traceback" not in answer.err
    assert not answer.out


def test_without_a_truth_the_command_says_how_to_make_one(
    synth: Synth, perfect: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.csv"
    perfect.write_csv(path)
    monkeypatch.setenv("SYNTH_LAKE", str(tmp_path / "nothing"))
    answer = synth(path)
    assert answer.code == 2
    assert "run `synth materialize identity_resolution/identity_truth` first" in answer.err


def test_an_output_that_cannot_be_written_is_reported(
    synth: Synth, perfect: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    perfect.write_csv(path)
    answer = synth(path, "--output", tmp_path / "no" / "folder.json")
    assert answer.code == 2
    assert "there is no folder" in answer.err
