"""The identity models against the same figures computed with Polars, in each warehouse."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import psycopg
import pytest
from polars.testing import assert_frame_equal

from synth_assets.core.sources import Generated
from synth_assets.domains.identity_resolution.domain import domain
from synth_assets.domains.identity_resolution.identifiers import IDENTIFIERS
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.resolution.normalise import excluded, normalised
from synth_assets.domains.identity_resolution.scenario import MAX_GROUP_SIZE
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import DBT_PROJECT
from synth_assets_tests.dbt.project import fill, invoke
from synth_assets_tests.environment import of_domain, only

MARTS = marts_group("identity_resolution")
KEYS = {source.table: source.key for source in SOURCES.values()}
# Too few for an address of thousands, so the limit is lower here.
SCALE, LIMIT = "20K", 50
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    """A small world."""
    with only(**of_domain("identity_resolution", scale=SCALE, shards=2)):
        yield


def filled(home: Path, **environment: str) -> Settings:
    """Settings of a home in whose store all that is made from row numbers lies."""
    os.environ.update({"SYNTH_HOME": str(home), **environment})
    settings, world = Settings.from_environment(), domain()
    fill(
        world,
        settings,
        [table.name for table in world.tables if not isinstance(table.source, Generated)],
    )
    return settings


def dbt(settings: Settings, *words: str) -> dict[str, str]:
    """Runs dbt on the identity models alone; each node's status by name."""
    world = domain()
    selected = ("--select", f"path:models/{world.name}")
    done = invoke(world, settings, *words, *selected, max_group_size=LIMIT)
    return {result.node.name: str(result.status) for result in done.result.results}


def sources(settings: Settings) -> Frames:
    """The stored sources."""
    stores, world = settings.open_stores(), domain()
    return {name: stores.scan(world.table(name)).collect() for name in KEYS}


def long(of: Frames) -> pl.DataFrame:
    """Every identifier of every record, as the model should have it."""
    return pl.concat(
        frame.select(
            source=pl.lit(table),
            record_id=KEYS[table],
            identifier_type=pl.lit(kind),
            identifier_value=column,
            normalised_value=normalised(kind, pl.col(column)),
        ).drop_nulls("identifier_value")
        for table, frame in of.items()
        for kind, column in IDENTIFIERS[table].items()
    )


def shared(identifiers: pl.DataFrame) -> pl.DataFrame:
    """Values that several records have, without those that identify nobody."""
    kinds = identifiers["identifier_type"].unique()
    out = pl.any_horizontal(
        (pl.col("identifier_type") == kind) & pl.col("normalised_value").is_in(excluded(kind))
        for kind in kinds
    )
    return (
        identifiers.filter(~out)
        .group_by("identifier_type", "normalised_value")
        .agg(records=pl.len().cast(pl.Int64), sources=pl.col("source").n_unique().cast(pl.Int64))
        .filter(pl.col("records") > 1)
        .with_columns(over_max_group_size=pl.col("records") > LIMIT)
    )


def assert_same(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """The same rows in any order."""
    assert_frame_equal(found.select(expected.columns), expected, check_row_order=False)


def judge(settings: Settings, read: Callable[[str], pl.DataFrame]) -> None:
    """Builds everything and compares each model."""
    statuses = dbt(settings, "build")
    assert set(statuses.values()) <= {"success", "pass"}, statuses
    assert sum(status == "pass" for status in statuses.values()) > 50
    identifiers = long(sources(settings))
    assert_same(read("identifiers"), identifiers)
    groups = shared(identifiers)
    assert groups["over_max_group_size"].any()
    assert_same(read("shared_identifier_groups"), groups)
    assert_same(read("identifier_group_sizes"), histogram(groups, read("identifier_group_sizes")))


def histogram(groups: pl.DataFrame, bars: pl.DataFrame) -> pl.DataFrame:
    """The groups counted in the bars that a model has."""
    ends = bars.select("identifier_type", "least_records", "most_records")
    inside = groups.join(ends, on="identifier_type").filter(
        pl.col("records").is_between("least_records", pl.col("most_records").fill_null(1 << 30))
    )
    return inside.group_by("identifier_type", "least_records", "most_records").agg(
        shared_values=pl.len().cast(pl.Int64), records=pl.col("records").sum()
    )


def read_duckdb(settings: Settings, model: str) -> pl.DataFrame:
    with duckdb.connect(str(settings.warehouse)) as db:
        return db.sql(f"select * from {MARTS}.{model}").pl()


@pytest.mark.slow
def test_duckdb_has_the_same_rows_as_polars(tmp_path: Path) -> None:
    settings = filled(tmp_path)
    judge(settings, lambda model: read_duckdb(settings, model))


@pytest.mark.slow
def test_postgres_has_the_same_rows_as_polars(tmp_path: Path, postgres_url: str) -> None:
    settings = filled(tmp_path, SYNTH_STORE="postgres", SYNTH_POSTGRES_URL=postgres_url)

    def read(model: str) -> pl.DataFrame:
        with psycopg.connect(postgres_url) as db:
            cursor = db.execute(f"select * from {MARTS}.{model}")
            names = [column.name for column in cursor.description or ()]
            return pl.DataFrame(
                cursor.fetchall(), schema=names, orient="row", infer_schema_length=None
            )

    try:
        judge(settings, lambda model: typed(read(model)))
    finally:
        os.environ.pop("SYNTH_STORE")
        os.environ.pop("SYNTH_POSTGRES_URL")


def typed(frame: pl.DataFrame) -> pl.DataFrame:
    """The integers of a driver that knows one kind, as the models have them."""
    bars = [name for name in ("least_records", "most_records") if name in frame.columns]
    return frame.with_columns(pl.col(bars).cast(pl.Int32))


@pytest.mark.slow
def test_the_tests_of_models_find_rows_that_are_missing(tmp_path: Path) -> None:
    settings = filled(tmp_path)
    assert set(dbt(settings, "run").values()) == {"success"}
    with duckdb.connect(str(settings.warehouse)) as db:
        db.execute(f"delete from {MARTS}.stg_crm_customers where record_id like '%7'")
        db.execute(f"update {MARTS}.stg_loyalty_members set email_normalised = 'A@x.de'")
        db.execute(f"delete from {MARTS}.identifier_group_sizes where least_records = 2")
        db.execute(f"update {MARTS}.shared_identifier_groups set records = 1 where sources = 2")
    failed = {name for name, status in dbt(settings, "test").items() if status == "fail"}
    for beginning in (
        "as_many_rows_stg_crm_customers",
        "expression_is_true_stg_loyalty_members_email",
        "every_group_is_in_a_bar",
        "accepted_range_shared_identifier_groups_records",
        "expression_is_true_shared_identifier_groups_records_sources",
    ):
        assert any(name.startswith(beginning) for name in failed), (beginning, failed)


def test_the_limit_of_dbt_is_the_resolvers() -> None:
    text = (DBT_PROJECT / "dbt_project.yml").read_text()
    assert f"max_group_size: {MAX_GROUP_SIZE}" in text
