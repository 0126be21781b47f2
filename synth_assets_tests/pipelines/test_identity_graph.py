"""The identity graph in one call: overwrite, append, refusals, and a disk that becomes full."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pytest
from deltalake import DeltaTable

from synth_assets.cli import command
from synth_assets.core.errors import UserError
from synth_assets.core.variables import remembered
from synth_assets.domains.identity_graph.domain import domain_of
from synth_assets.domains.identity_graph.validation import configuration
from synth_assets.orchestration.environment import without_effect
from synth_assets.orchestration.runs import Listener
from synth_assets.orchestration.settings import Settings
from synth_assets.pipelines.identity_graph import execute_full_pipeline, get_table_stats
from synth_assets.stores.delta import maintenance
from synth_assets.stores.parquet import ParquetStore
from synth_assets_tests.environment import only
from synth_assets_tests.stores.test_errors import mounted
from synth_assets_tests.stores.unity_workspace import Workspace

SMALL = {"engagement_config": {"events_per_person": {"mean": 3}}, "shards": 2}


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path) -> Iterator[None]:
    with only(SYNTH_HOME=tmp_path):
        yield


def make(
    households: int = 1_000,
    *,
    append: bool = False,
    on_event: Listener = lambda event: None,
    **fields: Any,
) -> dict[str, Any]:
    """Runs the pipeline without gates."""
    config = configuration(
        SMALL,
        {"household_config": {"num_households": households}, "incremental": append},
        fields,
    )
    return execute_full_pipeline(config, gates=False, on_event=on_event)


def lake() -> dict[str, bytes]:
    """All stored files."""
    root = Path(Settings.from_environment().locations["parquet"])
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*.parquet"))}


@pytest.mark.slow
def test_overwrite_and_append(tmp_path: Path) -> None:
    first = make()
    tables = [table.name for table in domain_of(configuration(SMALL)).tables]
    assert first["status"] == "succeeded"
    assert first["tables_created"] == tables
    assert first["row_counts"]["households"] == 1_000
    before = lake()
    # Running it again, with or without append, gives the same files.
    assert make(append=True)["tables_created"] == []
    assert lake() == before

    more = make(append=True, campaign_config={"num_campaigns": 12})
    assert more["tables_created"] == [
        "campaigns", "campaign_exposures", "response_events", "outcome_metrics",
    ]  # fmt: skip
    assert more["row_counts"]["campaigns"] == 12

    now = lake()
    wrong = [
        ({"seed": 7}, "another seed or other settings"),
        ({"demographics_config": {"age_range": {"min": 20}}}, "another seed or other settings"),
        ({"campaign_config": {"num_campaigns": 11}}, "num_campaigns 12 is stored, and 11"),
        ({"campaign_config": {"num_campaigns": 12}, "shards": 1}, "in 2 shards, not in 1"),
    ]
    for fields, message in wrong:
        with pytest.raises(UserError, match=message):
            make(append=True, **fields)
    assert lake() == now
    replaced = make(seed=7)
    assert replaced["tables_created"] == tables
    assert replaced["row_counts"]["campaigns"] == 10


@pytest.mark.slow
def test_a_disk_that_becomes_full_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make()
    before, replace = lake(), ParquetStore.replace

    def full(self: ParquetStore, table: Any, key: str, frame: pl.LazyFrame, by: str) -> Any:
        if (table.name, key) == ("content_engagements", "s0001"):
            raise UserError("cannot write: no space left on device; what was stored is untouched")
        return replace(self, table, key, frame, by)

    monkeypatch.setattr(ParquetStore, "replace", full)
    failed = make(1_100, append=True)
    assert failed["status"] == "failed"
    assert "no space left" in failed["failures"][0]
    untouched = "identity_graph/content_engagements/shard=s0001/data.parquet"
    assert lake()[untouched] == before[untouched]
    monkeypatch.undo()
    # The same command continues; the rows are those of an undisturbed run.
    assert make(1_100, append=True)["status"] == "succeeded"
    done = lake()
    assert make(1_100)["status"] == "succeeded"
    assert lake() == done


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A separate disk that has the lake."""
    yield from mounted(tmp_path / "lake", "size=4m")


@pytest.mark.slow
def test_a_real_disk_that_is_full_loses_nothing(small_disk: Path) -> None:
    make()
    before, filler = lake(), small_disk / "filler"
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    # Enough space for a few partitions only.
    filler.write_bytes(bytes(free - 200_000))
    failed = make(1_500, append=True)
    assert failed["status"] == "failed"
    assert "No space left" in " ".join(failed["failures"])
    half = lake()
    assert half.keys() == before.keys()
    assert {path for path in half if half[path] == before[path]} not in (set(), set(half))
    assert not list(small_disk.rglob("*.tmp"))
    filler.unlink()
    done = make(1_500, append=True)
    assert done["status"] == "succeeded"
    assert done["row_counts"]["households"] == 1_500


def test_a_smaller_append_is_refused_while_a_larger_one_goes_on(tmp_path: Path) -> None:
    make()
    refused: list[str] = []

    def begin_smaller(event: object) -> None:
        if not refused:
            with pytest.raises(UserError) as raised:
                make(1_500, append=True)
            refused.append(str(raised.value))

    done = make(2_000, append=True, on_event=begin_smaller)
    assert (done["status"], done["row_counts"]["households"]) == ("succeeded", 2_000)
    assert "is being written by another run" in refused[0]
    assert "num_households 2000" in refused[0]
    assert json.loads((tmp_path / "identity_graph.json").read_text())["num_households"] == 2_000
    assert make(2_500, append=True)["row_counts"]["households"] == 2_500


def test_an_append_that_would_end_earlier_is_refused() -> None:
    make(end_date="2025-05-01")
    before = lake()
    for end in ({"end_date": "2025-04-15"}, {}):
        with pytest.raises(UserError, match=r"stored up to 2025-05-01, and end_date 2025-04-"):
            make(append=True, **end)
    assert lake() == before
    assert make(append=True, end_date="2025-05-01")["tables_created"] == []


@pytest.mark.slow
def test_delta_lake_is_as_the_tables_declare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Partitions, clustering and settings of each table; statistics count the data files."""
    monkeypatch.setenv("SYNTH_STORE", "delta")
    # Without responses, two tables have no files.
    silent = {"campaign_config": {"response_rate_range": {"min": 0, "max": 0}}}
    done = make(**silent)
    assert done["status"] == "succeeded", done["failures"]
    settings = Settings.from_environment()
    stores = settings.open_stores()
    for table in domain_of(configuration(SMALL)).tables:
        delta = DeltaTable(stores.of(table).uri(table))
        assert delta.metadata().partition_columns == [table.partitioning.partition_column]
        assert delta.metadata().configuration["delta.autoOptimize.optimizeWrite"] == "true"
        files = [Path(unquote(uri)) for uri in delta.file_uris()]
        assert get_table_stats(stores, table) == {
            "num_rows": done["row_counts"][table.name],
            "size_bytes": sum(file.stat().st_size for file in files),
            "num_files": len(files),
        }
        assert bool(files) == (table.name not in ("response_events", "outcome_metrics"))

    def begins() -> pl.Series:
        table = domain_of(configuration(SMALL)).table("campaigns")
        return stores.scan(table).select("start_date").collect().to_series()

    assert not begins().is_sorted()
    monkeypatch.setenv("SYNTH_IDENTITY_GRAPH_SHARDS", "2")
    monkeypatch.setattr(sys, "argv", ["synth", "maintain", "identity_graph"])
    with pytest.raises(SystemExit) as left:
        command()
    assert not left.value.code
    for table in domain_of(configuration(SMALL)).tables:
        stats = get_table_stats(stores, table)
        assert stats["num_rows"] == done["row_counts"][table.name]
        if stats["num_files"]:
            assert maintenance.sort_columns(table) == table.cluster_by
            history = DeltaTable(stores.of(table).uri(table)).history()
            ways = [v.get("operationMetrics", {}).get("plannerStrategy") for v in history[:3]]
            assert "zOrder" in ways, history
    # With one column, the Z-order is the order of the column.
    assert begins().is_sorted()


def test_an_append_is_remembered_by_what_runs_read() -> None:
    make(append=True)
    assert not [name for name in remembered() if "INCREMENTAL" in name or "CATALOG" in name]
    assert without_effect() == []


def test_statistics_of_a_table() -> None:
    result = make()
    settings = Settings.from_environment()
    table = domain_of(configuration(SMALL)).table("individuals")
    stats = get_table_stats(settings.open_stores(), table)
    assert stats["num_rows"] == result["row_counts"]["individuals"]
    assert stats["num_files"] == 2
    assert stats["size_bytes"] > 0


def test_a_catalog_that_is_named_gets_the_tables(unity_workspace: Workspace) -> None:
    named = {"catalog_name": "main", "schema_name": "people"}
    refused = make(**named)
    assert refused["status"] == "failed"
    assert "catalog in Unity Catalog" in refused["failures"][0]
    unity_workspace.add_catalog("main")
    done = make(**named)
    assert done["status"] == "succeeded", done["failures"]
    assert set(unity_workspace.tables) == {f"main.people.{name}" for name in done["row_counts"]}
    assert done["row_counts"]["households"] == 1_000
    assert make(append=True, **named)["tables_created"] == []
    assert lake() == {}
