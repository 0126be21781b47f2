"""The graph's marts against the same figures computed with Polars, in each warehouse."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import polars as pl
import psycopg
import pytest
from polars.testing import assert_frame_equal

from synth_assets.domains.identity_graph.domain import domain
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.dbt.project import fill, invoke
from synth_assets_tests.environment import of_domain, only

MARTS = marts_group("identity_graph")
# A small graph: what takes long is dbt.
SMALL = {
    "shards": 2,
    "household_config": json.dumps({"num_households": 1_000}),
    "engagement_config": json.dumps({"events_per_person": {"mean": 3}}),
}
# Columns that tell a mart's rows apart.
KEYS = {
    "campaign_performance": ["campaign_id"],
    "audience_segments": ["segment_primary", "behavioral_classification"],
    "daily_engagement": ["day", "content_category"],
    "attribution_comparison": ["campaign_id", "channel", "attribution_model"],
    "conversion_funnel": ["campaign_id", "stage"],
}
WITH_SOURCES = "path:models/identity_graph"
Frames = dict[str, pl.DataFrame]


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """A small graph."""
    with only(**of_domain("identity_graph", **SMALL)):
        yield


def filled(home: Path, **environment: str) -> Settings:
    """Settings of a home in whose store the ten tables lie."""
    os.environ.update({"SYNTH_HOME": str(home), **environment})
    settings = Settings.from_environment()
    fill(domain(), settings)
    return settings


def dbt(settings: Settings, *words: str) -> dict[str, str]:
    """Runs dbt on the graph's models alone; each node's status by name."""
    done = invoke(domain(), settings, *words)
    return {result.node.name: str(result.status) for result in done.result.results}


def built(settings: Settings, *selected: str, least: int) -> None:
    """Builds what is selected; so many tests pass, and none fails."""
    statuses = dbt(settings, "build", "--select", *selected)
    assert set(statuses.values()) <= {"success", "pass"}, statuses
    assert sum(status == "pass" for status in statuses.values()) >= least


def marts(settings: Settings) -> Frames:
    """What the marts should have, from the tables as they are stored."""
    graph, stores = domain(), settings.open_stores()
    names = {t.name for t in graph.tables} - {"households", "individuals", "identity_mappings"}
    stored = {name: stores.scan(graph.table(name)).collect() for name in names}
    return {
        "campaign_performance": campaigns(stored),
        "audience_segments": segments(stored["audience_attributes"]),
        "daily_engagement": days(stored["content_engagements"]),
        "attribution_comparison": attribution(stored),
        "conversion_funnel": funnel(stored),
    }


def campaigns(stored: Frames) -> pl.DataFrame:
    """Each campaign counted by itself: one with no exposure, or no response, has a row, too."""
    rows = []
    for campaign in stored["campaigns"].iter_rows(named=True):
        mine = pl.col("campaign_id") == campaign["campaign_id"]
        seen = stored["campaign_exposures"].filter(mine)
        answered = stored["response_events"].filter(mine)
        spend, revenue = float(seen["cost"].sum()), float(answered["value"].sum())
        copied = ("campaign_id", "campaign_name", "goal", "start_date", "end_date", "budget")
        rows.append(
            {name: campaign[name] for name in copied}
            | {
                "impressions": seen.height,
                "reach": seen["individual_id"].n_unique(),
                "spend": spend,
                "responses": answered.height,
                "conversions": (answered["response_type"] == "conversion").sum(),
                "revenue": revenue,
                "roas": revenue / spend if spend else None,
                "cpm": spend * 1_000 / seen.height if seen.height else None,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def segments(of: pl.DataFrame) -> pl.DataFrame:
    return of.group_by(KEYS["audience_segments"]).agg(
        individuals=pl.len(),
        average_propensity=pl.col("propensity_to_convert").mean(),
        lifetime_value=pl.col("lifetime_value_estimate").sum(),
    )


def days(events: pl.DataFrame) -> pl.DataFrame:
    kind = pl.col("engagement_type")
    return events.group_by(pl.col("timestamp").dt.date().alias("day"), "content_category").agg(
        engagements=pl.len(),
        individuals=pl.col("individual_id").n_unique(),
        views=(kind == "view").sum(),
        clicks=(kind == "click").sum(),
        average_view_seconds=pl.col("duration_seconds").mean(),
    )


def attribution(stored: Frames) -> pl.DataFrame:
    channels = stored["campaign_exposures"].select("exposure_id", "channel")
    converted = pl.col("conversion_status") == "converted"
    return (
        stored["outcome_metrics"]
        .join(channels, on="exposure_id", how="left")
        .group_by(KEYS["attribution_comparison"])
        .agg(
            exposures=pl.col("exposure_id").n_unique(),
            conversions=pl.col("attribution_weight").filter(converted).sum(),
            revenue=pl.col("revenue").sum(),
        )
    )


def funnel(stored: Frames) -> pl.DataFrame:
    """Individuals of each campaign at each stage, from sets of individuals."""
    kind, answered = pl.col("response_type").cast(pl.String), stored["response_events"]
    converted = answered.filter(kind == "conversion")
    stages = [
        stored["campaign_exposures"],
        answered,
        answered.filter(kind.is_in(["visit", "engagement", "conversion"])),
        converted,
    ]
    counts = [
        frame.group_by("campaign_id").agg(individuals=pl.col("individual_id").n_unique())
        for frame in stages
    ]
    exposed = counts[0].select("campaign_id", exposed="individuals")
    soonest = (
        converted.group_by("campaign_id", "individual_id")
        .agg(hours=pl.col("time_to_conversion_hours").min())
        .group_by("campaign_id")
        .agg(average_days_to_convert=pl.col("hours").mean() / 24)
    )
    return (
        pl.concat(
            frame.with_columns(place=pl.lit(place), stage=pl.lit(stage))
            for place, (stage, frame) in enumerate(
                zip(("exposed", "responded", "visited", "converted"), counts, strict=True), start=1
            )
        )
        .join(exposed, on="campaign_id")
        .join(
            soonest.with_columns(stage=pl.lit("converted")), on=["campaign_id", "stage"], how="left"
        )
        .with_columns(percentage=pl.col("individuals") * 100 / pl.col("exposed"))
        .drop("exposed")
    )


def assert_same(found: Mapping[str, pl.DataFrame], expected: Frames) -> None:
    """The same rows; numbers to nine digits, as means depend on the order of their sums."""
    for name, frame in expected.items():
        assert frame.height, name
        key = KEYS[name]
        left, right = (plain(f).sort(key) for f in (found[name], frame))
        assert_frame_equal(left, right, check_column_order=False, rel_tol=1e-9, abs_tol=1e-9)


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers of one kind and words as text, whatever a driver makes of them."""
    words = pl.selectors.by_dtype(pl.Enum, pl.Categorical)
    return frame.with_columns(pl.selectors.numeric().cast(pl.Float64), words.cast(pl.String))


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a driver gives them."""
    return pl.DataFrame(rows, infer_schema_length=None)


@pytest.fixture
def warehouse(tmp_path: Path) -> Settings:
    """A home whose marts are built in DuckDB."""
    settings = filled(tmp_path)
    built(settings, *KEYS, least=25)
    return settings


@pytest.mark.slow
def test_duckdb_has_the_same_figures_as_polars(warehouse: Settings) -> None:
    with duckdb.connect(str(warehouse.warehouse)) as db:
        found = {name: db.sql(f"select * from {MARTS}.{name}").pl() for name in KEYS}
        types = db.sql(
            f"select data_type from information_schema.columns where table_schema = '{MARTS}'"
        ).fetchall()
        expected = marts(warehouse)
        assert_same(found, expected)
        # Neither single precision nor integers that no other tool knows.
        assert not {of for (of,) in types} & {"FLOAT", "HUGEINT"}
        weights_are_whole(found["attribution_comparison"], expected["campaign_performance"])
        # What the marts promise is looked at: each promise broken once is seen.
        db.execute(f"update {MARTS}.campaign_performance set reach = impressions + 1")
        db.execute(f"update {MARTS}.daily_engagement set views = engagements + 1")
        db.execute(
            f"update {MARTS}.attribution_comparison set conversions = conversions + 1 "
            "where attribution_model = 'linear'"
        )
        db.execute(f"update {MARTS}.conversion_funnel set percentage = 101 where place = 2")
        db.execute(f"update {MARTS}.audience_segments set average_propensity = 2")
    statuses = dbt(warehouse, "test", "--select", *KEYS)
    failed = {name for name, status in statuses.items() if status == "fail"}
    assert len(failed) == len(KEYS), failed
    for name in KEYS:
        assert any(name.split("_")[0] in test for test in failed), (name, failed)


def weights_are_whole(found: pl.DataFrame, campaigns: pl.DataFrame) -> None:
    """Each model puts down every conversion and all revenue of a campaign, over its channels."""
    by_model = found.group_by("campaign_id", "attribution_model").agg(
        pl.col("conversions", "revenue").cast(pl.Float64).sum()
    )
    joined = by_model.join(campaigns, on="campaign_id", suffix="_wanted")
    assert joined["conversions_wanted"].sum() > 0
    for name in ("conversions", "revenue"):
        expected = joined[f"{name}_wanted"].cast(pl.Float64)
        assert (joined[name] - expected).abs().max() < 1e-6  # type: ignore[operator]


@pytest.mark.slow
def test_postgres_has_the_same_figures_as_polars(tmp_path: Path, postgres_url: str) -> None:
    settings = filled(tmp_path, SYNTH_STORE="postgres", SYNTH_POSTGRES_URL=postgres_url)
    built(settings, WITH_SOURCES, least=50)
    with psycopg.connect(postgres_url) as db:
        cursor = db.cursor(row_factory=psycopg.rows.dict_row)
        found = {
            name: table(cursor.execute(f"select * from {MARTS}.{name}").fetchall()) for name in KEYS
        }
    assert_same(found, marts(settings))


@pytest.mark.slow
def test_bigquery_has_the_same_figures_as_polars(tmp_path: Path, bigquery_project: str) -> None:
    from synth_assets.orchestration.bigquery_client import client_of

    prefix = f"t{uuid4().hex[:8]}_"
    settings = filled(
        tmp_path,
        SYNTH_STORE="bigquery",
        SYNTH_BIGQUERY_PROJECT=bigquery_project,
        SYNTH_BIGQUERY_PREFIX=prefix,
    )
    built(settings, WITH_SOURCES, least=50)
    with client_of(bigquery_project) as client:
        found = {
            name: table(
                [dict(r) for r in client.query(f"select * from {prefix}{MARTS}.{name}").result()]
            )
            for name in KEYS
        }
    assert_same(found, marts(settings))
