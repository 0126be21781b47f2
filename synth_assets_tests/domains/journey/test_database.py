"""The backend is in a PostgreSQL database for any warehouse, and is extracted from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.domains.journey.tables.extracts import watermark
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.routing import Stores
from synth_assets_tests.domains.journey.derived import fill, journey
from synth_assets_tests.domains.journey.exports import days, shop

BACKEND = ("users", "orders", "order_items")
COUNT = 8


@pytest.fixture(scope="module")
def of() -> Domain:
    return journey(shop(120, per_day=20), COUNT, gap_rate=0.6)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def opened(home: Path, url: str) -> Stores:
    """Stores of a home with the backend in a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNTH_HOME", str(home))
        patch.setenv("SYNTH_POSTGRES_URL", url)
        patch.delenv("SYNTH_STORE", raising=False)
        return Settings.from_environment().open_stores()


@pytest.fixture(scope="module")
def stores(of: Domain, home: Path, postgres_of_the_module: str) -> Stores:
    """All tables, stored; tests leave them as they are."""
    found = opened(home, postgres_of_the_module)
    fill(of, found)
    return found


def query_rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as db:
        return db.execute(query).fetchall()  # type: ignore[arg-type]


def test_keys_are_kept_by_the_database_and_rows_come_from_it(
    of: Domain, stores: Stores, postgres_of_the_module: str
) -> None:
    keys = "select conrelid::regclass::text, contype from pg_constraint where contype in ('p', 'f')"
    found = {
        (t, k) for t, k in query_rows(postgres_of_the_module, keys) if t.startswith("backend.")
    }
    assert found >= {(f"backend.{t}", "p") for t in BACKEND}
    assert found >= {("backend.orders", "f"), ("backend.order_items", "f")}
    assert query_rows(
        postgres_of_the_module, "select count(*) from pg_indexes where schemaname = 'backend'"
    ) >= [(7,)]
    # Changes in the database reach the warehouse when the day is extracted again.
    day = days(1)[0]
    update = "update backend.orders set status = 'cancelled' where day = '2020-11-01' returning 1"
    assert query_rows(postgres_of_the_module, update)
    fill(of, stores, [day], "raw_orders")
    taken = stores.scan(of.table("raw_orders"), [day]).collect()
    assert set(taken["status"]) == {"cancelled"}
    assert stores.of(of.table("raw_orders")).kind == "parquet"
    fill(of, stores, [day], "orders", "order_items", "raw_orders")


def test_an_extract_ends_at_its_watermark_and_late_orders_have_their_own(
    of: Domain, stores: Stores
) -> None:
    raw = stores.scan(of.table("raw_orders")).collect()
    for key in days(COUNT):
        rows = raw.filter(pl.col("day") == key)
        assert (rows["updated_at"] <= watermark(key)).all()
    of_another_day = raw.filter(
        (pl.col("order_id") // 1_000_000).cast(pl.String) != pl.col("day").str.replace_all("-", "")
    )
    assert len(of_another_day) > 0
    assert raw["order_id"].is_unique().all()
    extra_metadata = of.table("raw_orders").extra_metadata
    assert extra_metadata is not None
    assert extra_metadata("2020-11-01") == {"watermark": "2020-11-01T23:59:59.999999"}


def test_repeating_a_run_duplicates_nothing(
    of: Domain, stores: Stores, postgres_of_the_module: str
) -> None:
    counts = "select (select count(*) from backend.orders), (select count(*) from backend.users)"
    before = (
        query_rows(postgres_of_the_module, counts),
        stores.scan(of.table("raw_orders")).collect(),
    )
    fill(of, stores, days(COUNT)[2:4])
    after = (
        query_rows(postgres_of_the_module, counts),
        stores.scan(of.table("raw_orders")).collect(),
    )
    assert before[0] == after[0]
    assert before[1].equals(after[1])


def test_a_server_that_is_down_is_named(of: Domain, stores: Stores, home: Path) -> None:
    del stores  # only needed to store the purchases
    nowhere = opened(home, "postgresql://me:secret@127.0.0.1:1/shop")
    with pytest.raises(UserError, match=r"127\.0\.0\.1:1/shop.*refused") as caught:
        fill(of, nowhere, None, "users")
    assert "secret" not in str(caught.value)


def test_an_existing_table_with_other_columns_is_named(
    of: Domain, stores: Stores, home: Path, postgres_url: str
) -> None:
    del stores  # only needed to store the purchases
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("create schema backend")
        db.execute("create table backend.users (id int, name text)")
        db.execute("insert into backend.users values (1, 'somebody else')")
    with pytest.raises(UserError, match=r"journey/users is stored with other columns"):
        fill(of, opened(home, postgres_url), None, "users")
    assert query_rows(postgres_url, "select * from backend.users") == [(1, "somebody else")]


def test_an_interrupted_load_leaves_the_partition_untouched(
    of: Domain, stores: Stores, postgres_of_the_module: str
) -> None:
    table, day = of.table("orders"), days(1)[0]
    before = stores.scan(table, [day]).collect()

    def interrupt(batch: pl.DataFrame) -> pl.DataFrame:
        with psycopg.connect(postgres_of_the_module, autocommit=True) as db:
            db.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'synth' and datname = current_database()"
            )
        return batch

    place = stores.of(table)
    rows = before.drop("day")
    with place.opened(), pytest.raises(UserError, match=r"journey|backend/orders.*untouched"):
        place.replace(table, day, rows.lazy().map_batches(interrupt, schema=rows.schema), "other")
    assert stores.scan(table, [day]).collect().equals(before)
    fill(of, stores, [day], "orders", "order_items")
    assert stores.scan(table, [day]).collect().equals(before)


def test_the_environments_store_applies_to_the_other_tables(
    of: Domain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SYNTH_HOME", str(tmp_path))
    monkeypatch.setenv("SYNTH_STORE", "journey=delta")
    stores = Settings.from_environment().open_stores()
    kinds = {table.name: stores.of(table).kind for table in of.tables}
    assert {kinds.pop(name) for name in BACKEND} == {"postgres"}
    assert set(kinds.values()) == {"delta"}
    monkeypatch.setenv("SYNTH_STORE", "journey/orders=parquet")
    with pytest.raises(UserError, match="unknown domain or table"):
        Settings.from_environment().open_stores()
