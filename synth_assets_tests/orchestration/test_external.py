"""Tables that are copied from a BigQuery data set, here an emulator's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest
from google.cloud import bigquery

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table, TableView
from synth_assets.core.partitioning import WHOLE_KEY, Partition
from synth_assets.core.sources import Queried
from synth_assets.domains.clean_room.tables import thelook_order_items as order_items
from synth_assets.domains.clean_room.tables import thelook_orders as orders
from synth_assets.domains.clean_room.tables import thelook_users as users
from synth_assets.orchestration.bigquery_client import client_of
from synth_assets.orchestration.external import query_bigquery
from synth_assets.quality.structural import checks_of
from synth_assets.stores.bigquery.columns import fields_of
from synth_assets_tests.domains.clean_room.made import clean_room, rows
from synth_assets_tests.domains.journey import made as journey
from synth_assets_tests.quality.memory import Memory

LOAD = bigquery.LoadJobConfig(source_format=bigquery.SourceFormat.PARQUET)
MODULES = (users, orders, order_items)


def queried(
    of: Domain, table: Table, keys: Sequence[str] = (WHOLE_KEY,)
) -> Iterator[tuple[Partition, pl.LazyFrame]]:
    """Partitions of a table that are queried from BigQuery; nothing else is stored."""
    return table.source.partitions(
        TableView(of, table, keys, Memory({}), of.scenario, query_bigquery)
    )


@pytest.fixture
def public(bigquery_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A data set with the rows of a small generated source."""
    monkeypatch.setenv("SYNTH_BIGQUERY_PROJECT", bigquery_project)
    made, dataset = clean_room(users=1_000), f"{bigquery_project}.thelook_{uuid4().hex[:8]}"
    with client_of(bigquery_project) as client:
        client.create_dataset(dataset)
        for module in MODULES:
            file = tmp_path / f"{module.NAME}.parquet"
            rows(made, module.NAME).write_parquet(file)
            name = f"{dataset}.{module.NAME.removeprefix('thelook_')}"
            fields = fields_of(made.table(module.NAME))
            client.create_table(bigquery.Table(name, schema=fields))
            with file.open("rb") as opened:
                client.load_table_from_file(opened, name, job_config=LOAD).result()
    return dataset


def test_a_copied_source_has_the_rows_of_the_data_set(public: str) -> None:
    generated, copied = clean_room(users=1_000), clean_room(source=public)
    for module in MODULES:
        ((partition, frame),) = queried(copied, copied.table(module.NAME))
        assert partition.key == "all"
        assert frame.collect().equals(rows(generated, module.NAME))


def test_checks_of_a_copied_table_only_warn(bigquery_project: str) -> None:
    table = clean_room(source=f"{bigquery_project}.anything").table(orders.NAME)
    assert {check.name for check in checks_of(table)} == {
        "schema", "row_count_as_written", "one_scenario", "primary_key", "fk_user_id",
    }  # fmt: skip
    assert not any(check.blocking for check in checks_of(table))


def test_an_unknown_data_set_is_named(
    bigquery_project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_BIGQUERY_PROJECT", bigquery_project)
    of = clean_room(source=f"{bigquery_project}.nowhere")
    with pytest.raises(UserError, match=r"read clean_room/thelook_orders: .*nowhere"):
        list(queried(of, of.table(orders.NAME)))


def test_a_query_needs_a_project_that_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNTH_BIGQUERY_PROJECT", raising=False)
    of = clean_room(source="bigquery-public-data.thelook_ecommerce")
    with pytest.raises(UserError, match="set SYNTH_BIGQUERY_PROJECT to the project that pays"):
        list(queried(of, of.table(orders.NAME)))


def test_a_source_that_is_no_data_set_is_named() -> None:
    with pytest.raises(UserError, match="source = 'thelook'"):
        clean_room(source="thelook")


def test_a_daily_export_is_copied_day_by_day(
    bigquery_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_BIGQUERY_PROJECT", bigquery_project)
    own, dataset = journey.journey(scale=0.001), f"{bigquery_project}.ga4_{uuid4().hex[:8]}"
    days = journey.made(own, journey.DAYS)
    with client_of(bigquery_project) as client:
        client.create_dataset(dataset)
        for day, frame in days.items():
            file, name = tmp_path / f"{day}.parquet", f"{dataset}.events_{day.replace('-', '')}"
            frame.write_parquet(file)
            fields = fields_of(own.table("events"))
            client.create_table(bigquery.Table(name, schema=fields))
            with file.open("rb") as opened:
                client.load_table_from_file(opened, name, job_config=LOAD).result()
    table = journey.journey(source=dataset).table("events")
    order = ["user_pseudo_id", "event_timestamp", "event_name"]
    for partition, frame in queried(own, table, journey.DAYS):
        assert frame.collect().sort(order).equals(days[partition.key].sort(order))


def query_of(table: Table, key: str) -> str:
    """The query for a day."""
    assert isinstance(table.source, Queried)
    return table.source.text(key)


def test_the_query_of_the_public_export_selects_a_day() -> None:
    table = journey.journey(source="bigquery").table("events")
    query = " ".join(query_of(table, "2020-12-08").split())
    assert query.startswith("SELECT `event_date`, `event_timestamp`, `event_name`, `event_params`,")
    assert query.endswith(
        "FROM `bigquery-public-data.ga4_obfuscated_sample_ecommerce.events_*` "
        "WHERE _TABLE_SUFFIX = '20201208'"
    )
    with pytest.raises(UserError, match="2021-03-01 is outside the range"):
        table.partition(None, "2021-03-01")
