"""The identity graph in one call: overwrite, append, refusals, and a disk that is full halfway."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from synth_assets.domains.identity_graph import domain_of
from synth_assets.domains.identity_graph.validation import configuration
from synth_assets.generation.errors import UserError
from synth_assets.orchestration.identity_graph import execute_full_pipeline, get_table_stats
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.parquet import ParquetStore
from synth_assets_tests.stores.unity_workspace import Workspace

SMALL = {"engagement_config": {"events_per_person": {"mean": 3}}, "shards": 2}


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path) -> Iterator[None]:
    before = dict(os.environ)
    for name in [n for n in os.environ if n.startswith(("SYNTH_", "DAGSTER_HOME"))]:
        del os.environ[name]
    os.environ["SYNTH_HOME"] = str(tmp_path)
    yield
    os.environ.clear()
    os.environ.update(before)


def make(households: int = 1_000, *, append: bool = False, **fields: Any) -> dict[str, Any]:
    """Runs the pipeline without gates."""
    config = configuration(
        SMALL,
        {"household_config": {"num_households": households}, "incremental": append},
        fields,
    )
    return execute_full_pipeline(config, gates=False)


def lake() -> dict[str, bytes]:
    """Everything that is stored."""
    root = Path(Settings.from_environment().locations["parquet"])
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*.parquet"))}


def test_overwrite_and_append(tmp_path: Path) -> None:
    first = make()
    tables = [table.name for table in domain_of(configuration(SMALL)).tables]
    assert first["status"] == "succeeded"
    assert first["tables_created"] == tables
    assert first["row_counts"]["households"] == 1_000
    before = lake()
    # The same again, either way, is the same.
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
        ({"campaign_config": {"num_campaigns": 11}}, "12 campaigns are stored, and 11"),
        ({"campaign_config": {"num_campaigns": 12}, "shards": 1}, "in 2 shards, not in 1"),
    ]
    for fields, told in wrong:
        with pytest.raises(UserError, match=told):
            make(append=True, **fields)
    assert lake() == now
    replaced = make(seed=7)
    assert replaced["tables_created"] == tables
    assert replaced["row_counts"]["campaigns"] == 10


def test_a_disk_that_is_full_halfway_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
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
    # The same command goes on; rows are as if nothing had happened.
    assert make(1_100, append=True)["status"] == "succeeded"
    done = lake()
    assert make(1_100)["status"] == "succeeded"
    assert lake() == done


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
