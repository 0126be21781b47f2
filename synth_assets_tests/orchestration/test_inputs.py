"""What an asset downstream of a table gets as its input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from synth_assets.core import sources
from synth_assets.core.model import Domain
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.orchestration.conftest import DAILY, ROWS, tiny

KEYS = list(DAILY.keys())
STORED = KEYS[:4]
PARENTS = dg.AssetKey(["tiny", "parents"])


@pytest.fixture
def stored(settings: Settings, domain: Domain) -> Settings:
    """Settings of a store with a few days of parents."""
    parents = domain.tables[0]
    store = settings.open_stores().of(parents)
    for partition, frame in sources.frames(parents, domain.scenario, STORED):
        store.replace(parents, partition.key, frame, domain.scenario.fingerprint())
    return settings


def loaded(
    settings: Settings,
    annotation: Any = None,
    *,
    partitions: dg.PartitionsDefinition | None = None,
    key: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    """The value that an asset with this input gets, or the message of the error."""
    values = []

    def downstream(parents: Any) -> None:
        values.append(parents)

    if annotation is not None:
        downstream.__annotations__["parents"] = annotation
    else:
        del downstream.__annotations__["parents"]
    ins = {"parents": dg.AssetIn(key=PARENTS, metadata=metadata)}
    asset = dg.asset(ins=ins, partitions_def=partitions)(downstream)
    defs = dg.Definitions.merge(
        build_definitions([tiny()], settings, with_dbt=False), dg.Definitions(assets=[asset])
    )
    result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        asset_selection=[asset.key], partition_key=key, raise_on_error=False
    )
    if not result.success:
        error = next(e for e in result.all_events if e.is_step_failure).step_failure_data.error
        return error.cause.message if error.cause else error.message
    return values[0]


DAY = dg.DailyPartitionsDefinition(start_date=KEYS[0], end_date="2026-01-11")


@pytest.mark.parametrize(
    ("annotation", "kind", "count"),
    [
        (None, pl.LazyFrame, lambda rows: rows.collect().height),
        (Any, pl.LazyFrame, lambda rows: rows.collect().height),
        (pl.LazyFrame, pl.LazyFrame, lambda rows: rows.collect().height),
        (pl.DataFrame, pl.DataFrame, len),
        (pd.DataFrame, pd.DataFrame, len),
        (pa.Table, pa.Table, len),
        (duckdb.DuckDBPyRelation, duckdb.DuckDBPyRelation, len),
    ],
)
def test_an_input_has_the_annotated_type(
    stored: Settings, annotation: Any, kind: type, count: Callable[[Any], int]
) -> None:
    rows = loaded(stored, annotation, partitions=DAY, key=KEYS[1])
    assert isinstance(rows, kind), rows
    assert count(rows) == ROWS
    names = rows.collect_schema().names() if kind is pl.LazyFrame else rows.columns
    names = rows.column_names if kind is pa.Table else names
    assert list(names) == ["id", "value", "day"]


@pytest.mark.parametrize("annotation", [int, list, dict[str, pl.DataFrame]])
def test_another_annotation_is_refused_with_the_allowed_ones(
    stored: Settings, annotation: Any
) -> None:
    message = loaded(stored, annotation, partitions=DAY, key=KEYS[1])
    assert "input 'parents' (tiny/parents) is annotated with" in message
    assert "polars.DataFrame, pandas.DataFrame, pyarrow.Table, duckdb.DuckDBPyRelation" in message


def test_partitions_that_are_missing_are_refused_unless_the_input_allows_them(
    stored: Settings,
) -> None:
    assert "has no stored slice 2026-01-05" in loaded(stored, pl.DataFrame)
    allowed = {"allow_missing_partitions": True}
    assert loaded(stored, pl.DataFrame, metadata=allowed).height == len(STORED) * ROWS
    weeks = dg.WeeklyPartitionsDefinition(start_date="2026-01-04")
    week = loaded(stored, pl.DataFrame, partitions=weeks, key="2026-01-04", metadata=allowed)
    assert week["day"].unique().to_list() == STORED[3:]
    none = loaded(stored, pl.DataFrame, partitions=DAY, key=KEYS[5], metadata=allowed)
    assert none.columns == ["id", "value", "day"]
    assert none.height == 0
