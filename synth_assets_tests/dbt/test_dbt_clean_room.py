"""The use cases' models answer what the room answers, in each warehouse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import psycopg
import pytest

from synth_assets.domains.clean_room.domain import domain
from synth_assets.domains.clean_room.scenario import SPLITS
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.routing import Stores
from synth_assets_tests.dbt.project import fill, invoke
from synth_assets_tests.environment import of_domain, only

MARTS = marts_group("clean_room")
# Model, and the use case whose table has the same rows.
ANSWERS = {
    "verified_transactions": "transaction_verification",
    "customer_segments": "customer_segmentation",
    "customer_trust": "trust_analysis",
    "enriched_users": "user_enrichment",
}
# What the models, and the tests of their sources, do not need.
LEFT_OUT = {"thelook_events", "account_tier_predictor", "account_tier_predictions"}
Rows = dict[str, list[tuple[str, ...]]]


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """A small room."""
    with only(**of_domain("clean_room", users=4000)):
        yield


def filled(home: Path, **environment: str) -> Settings:
    """Settings of a home in whose stores both parties' tables, and the answers, lie."""
    os.environ.update({"SYNTH_HOME": str(home), **environment})
    settings = Settings.from_environment()
    fill(domain(), settings, LEFT_OUT)
    return settings


def built(settings: Settings) -> None:
    """Builds and tests the models."""
    room = domain()
    done = invoke(room, settings, "build", "--select", f"path:models/{room.name}")
    assert done.success, {r.node.name: r.message for r in done.result.results if r.message}


def answers(stores: Stores) -> Rows:
    """The rows that came out of the room, as the models should have them."""
    return {
        model: sorted(
            plain({"split": split, **row})
            for split in SPLITS
            for row in stores.scan(domain().table(table), [split])
            .drop(domain().table(table).partitioning.partition_column)
            .collect()
            .iter_rows(named=True)
        )
        for model, table in ANSWERS.items()
    }


def plain(row: dict[str, Any]) -> tuple[str, ...]:
    """Values as text, in the order of their names; warehouses agree on six digits of a mean."""
    return tuple(
        f"{float(row[name]):.6g}" if name == "average_order_value" else str(row[name])
        for name in sorted(row)
    )


@pytest.mark.slow
def test_duckdb_answers_what_the_room_does(tmp_path: Path) -> None:
    # Called otherwise than the sources are, as by the options of `synth clean-room`.
    settings = filled(
        tmp_path,
        SYNTH_CLEAN_ROOM_MERCHANT_SCHEMA="my-shop",
        SYNTH_CLEAN_ROOM_PROVIDER_SCHEMA="my-wallet",
    )
    built(settings)
    with duckdb.connect(str(settings.warehouse)) as db:
        found = {
            model: sorted(map(plain, db.sql(f"select * from {MARTS}.{model}").pl().to_dicts()))
            for model in ANSWERS
        }
    assert found == answers(settings.open_stores())
    assert all(found.values())


@pytest.mark.slow
def test_postgres_answers_what_the_room_does(tmp_path: Path, postgres_url: str) -> None:
    settings = filled(tmp_path, SYNTH_STORE="postgres", SYNTH_POSTGRES_URL=postgres_url)
    built(settings)
    with psycopg.connect(postgres_url) as db:
        cursor = db.cursor(row_factory=psycopg.rows.dict_row)
        found = {
            model: sorted(map(plain, cursor.execute(f"select * from {MARTS}.{model}").fetchall()))
            for model in ANSWERS
        }
    assert found == answers(settings.open_stores())


@pytest.mark.slow
def test_bigquery_answers_what_the_room_does_across_projects(
    tmp_path: Path, bigquery_project: str
) -> None:
    from synth_assets.orchestration.bigquery_client import client_of

    prefix = f"t{uuid4().hex[:8]}_"
    settings = filled(
        tmp_path,
        SYNTH_STORE="bigquery",
        SYNTH_BIGQUERY_PROJECT=bigquery_project,
        SYNTH_BIGQUERY_PREFIX=prefix,
        SYNTH_BIGQUERY_PARTIES="merchant=the-merchant,provider=the-provider",
    )
    built(settings)
    with client_of(bigquery_project) as client:
        found = {
            model: sorted(
                plain(dict(row))
                for row in client.query(f"select * from {prefix}{MARTS}.{model}").result()
            )
            for model in ANSWERS
        }
    assert found == answers(settings.open_stores())
