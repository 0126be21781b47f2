"""``--partition``: daily and sharded tables of an import, and what references require of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import duckdb
import pytest

from synth_assets.core.errors import UserError
from synth_assets.declarative.compiler import compile_domain
from synth_assets.frames.readers import MemoryReader
from synth_assets.importing.declaration import Imported, imported
from synth_assets.importing.found import FoundSchema
from synth_assets.importing.partitioning import asked_partitions
from synth_assets.importing.profiling import Profiler
from synth_assets.importing.trial import failures
from synth_assets_tests.declarative.conftest import rows_of
from synth_assets_tests.importing.conftest import of_ddl

TABLES = """
create table products (id int primary key, name text not null);
create table customers (
    id int primary key, birth_date date not null, created_at timestamp not null
);
create table orders (
    id bigint primary key, customer_id int not null references customers,
    shipped_at timestamp not null, ordered_at timestamp not null, paid_at timestamp
);
create table order_lines (
    product_id int references products, order_id bigint references orders, quantity int not null,
    primary key (product_id, order_id)
);
create table invoices (
    id int primary key, order_id bigint not null unique references orders,
    issued_at timestamptz not null, day text
);
create table prices (product_id int references products, day date, primary key (product_id, day));
create table variants (product_id int references products, no int, since date not null,
    primary key (product_id, no));
"""


def _imported(*asked: str) -> Imported:
    return imported(of_ddl(TABLES), "here", rows=300, asked=asked_partitions(asked))


def _kinds(done: Imported) -> dict[str, str]:
    kinds = {name: table.partitioning.kind for name, table in done.spec.tables.items()}
    return {name: kind for name, kind in kinds.items() if kind != "unpartitioned"}


def test_a_daily_table_has_the_day_of_its_first_time() -> None:
    done = _imported("orders=daily")
    orders = done.spec.tables["orders"]
    day = orders.columns["ordered_at"]
    assert orders.rows == 10  # 300 rows in thirty days
    # Customers are created on any day of the year.
    assert (day.kind, day.after, day.through) == ("timestamp", None, None)  # type: ignore[union-attr]
    day = done.spec.tables["invoices"].columns["issued_at"]
    assert (day.kind, day.after, day.through) == ("timestamp", "ordered_at", "order_id")  # type: ignore[union-attr]
    assert orders.columns["shipped_at"].than == "ordered_at"  # type: ignore[union-attr]
    assert done.tables["orders"].decisions["ordered_at"].note == "the day of its partition"


def test_what_refers_to_a_daily_table_is_daily() -> None:
    done = _imported("orders=daily")
    assert _kinds(done) == dict.fromkeys(("orders", "order_lines", "invoices"), "daily")
    assert done.spec.tables["order_lines"].rows.of == "order_id"  # type: ignore[union-attr]
    assert not done.spec.tables["invoices"].columns["order_id"].unique
    assert done.spec.tables["invoices"].partitioning.column == "day_2"
    assert "daily, because it refers to `orders`" in done.tables["order_lines"].notes


@pytest.mark.parametrize("key", ["id", "worker_id, began_at"])
@pytest.mark.parametrize("hired", ["date", "timestamp"])
def test_parents_that_begin_within_the_days_move_no_row_to_another_day(
    key: str, hired: str, home: object
) -> None:
    ddl = f"""create table sites (id int primary key, opened_at {hired} not null);
        create table workers (id int primary key, site_id int not null references sites,
            hired_at {hired} not null);
        create table shifts (id int not null, worker_id int not null references workers,
            began_at timestamp not null, primary key ({key}));"""
    asked = asked_partitions(["shifts=daily"])
    attempt = partial(failures, open_reader=MemoryReader)
    done = imported(of_ddl(ddl), "here", asked=asked, attempt=attempt)
    rows = rows_of(compile_domain(done.spec), "shifts")
    days = rows["began_at"].dt.date().cast(str)
    assert (days == rows["partition"]).all()
    assert days.n_unique() == 30


def test_daily_rows_are_on_their_day_and_their_references_join(home: object) -> None:
    done = _imported("orders=daily", "prices=daily")
    domain = compile_domain(done.spec.model_copy(update={"end_date": date(2026, 1, 4)}))
    orders, invoices = rows_of(domain, "orders"), rows_of(domain, "invoices")
    assert (orders["ordered_at"].dt.date().cast(str) == orders["partition"]).all()
    both = invoices.join(orders, left_on="order_id", right_on="id")
    assert len(both) == len(invoices) == 30
    assert (both["issued_at"].dt.replace_time_zone(None) >= both["ordered_at"]).all()
    prices = rows_of(domain, "prices")
    assert len(prices) == prices.select("product_id", "day").n_unique() == 3 * 15


def test_rows_say_which_days_there_are() -> None:
    with duckdb.connect() as db:
        db.execute(
            "create table visits as select i as id, timestamp '2024-03-01' + to_hours(i) as seen_at"
            " from range(2400) as n(i)"
        )
        [visits] = of_ddl("create table visits (id int primary key, seen_at timestamp)").tables
        source = FoundSchema((replace(visits, relation="visits"),), "a test")
        profiler = Profiler(lambda sql: db.execute(sql).fetchall())
        done = imported(source, "here", profiler, asked=asked_partitions(["visits=daily"]))
    first, last = date(2024, 3, 1), date(2024, 6, 9)
    assert done.spec.end_date is not None
    assert abs((done.spec.start_date - first).days) < 10
    assert abs((done.spec.end_date - last).days) < 10
    days = (done.spec.end_date - done.spec.start_date).days
    assert done.spec.tables["visits"].rows == round(2400 / days)


@pytest.mark.parametrize("key", ["day", "id, day"])
def test_a_day_of_the_key_is_measured(key: str) -> None:
    with duckdb.connect() as db:
        db.execute(
            "create table sales as select cast(i // 50 as integer) as id,"
            " date '2024-03-01' + cast(i % 50 as integer) as day, 1 as n from range(2500) as n(i)"
        )
        db.execute("create table days as from sales where id = 0")
        relation = "days" if key == "day" else "sales"
        ddl = f"create table t (id int not null, day date, n int, primary key ({key}))"
        [table] = of_ddl(ddl).tables
        source = FoundSchema((replace(table, relation=relation),), "a test")
        profiler = Profiler(lambda sql: db.execute(sql).fetchall(), 5)
        done = imported(source, "here", profiler, asked=asked_partitions(["t=daily"]))
    assert done.spec.end_date is not None
    assert abs((done.spec.start_date - date(2024, 3, 1)).days) < 10
    assert abs((done.spec.end_date - date(2024, 4, 20)).days) < 10


def test_days_without_rows_are_the_thirty_of_the_rows() -> None:
    spec = _imported("orders=daily").spec
    assert spec.end_date is not None
    assert (spec.end_date - spec.start_date).days == 30
    assert _imported("orders=shards:3").spec.end_date is None


def test_a_date_that_stands_for_none_is_no_day_of_a_partition() -> None:
    with duckdb.connect() as db:
        db.execute(
            "create table prices as select i as id, date '9999-12-31' as valid_from,"
            " date '2024-03-01' + cast(i % 50 as integer) as known_on from range(500) as n(i)"
        )
        [prices] = of_ddl(
            "create table prices (id int primary key, valid_from date not null,"
            " known_on date not null)"
        ).tables
        source = FoundSchema((replace(prices, relation="prices"),), "a test")
        profiler = Profiler(lambda sql: db.execute(sql).fetchall())
        done = imported(source, "here", profiler, asked=asked_partitions(["prices=daily"]))
        assert done.spec.tables["prices"].columns["known_on"].kind == "date"
        assert done.spec.start_date.year == 2024
        with pytest.raises(UserError, match="known are known_on"):
            imported(source, "x", profiler, asked=asked_partitions(["prices=daily:valid_from"]))


def test_shards_are_of_the_tables_that_are_named() -> None:
    done = _imported("orders=shards:3", "order_lines=shards:3")
    assert _kinds(done) == dict.fromkeys(("orders", "order_lines"), "sharded")
    assert done.spec.tables["orders"].rows == 300


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["orders=weekly"], "must be TABLE=daily, TABLE=daily:COLUMN or TABLE=shards:N"),
        (["orders"], "must be TABLE=daily, TABLE=daily:COLUMN or TABLE=shards:N"),
        (["orders=shards:0"], "N must be from 1 to 4,096"),
        (["orders=daily", "orders=daily"], "orders is named twice"),
        (["orders=shards:3", "customers=shards:4"], "must have the same partitions"),
        (["orders=daily", "customers=shards:4"], "must have the same partitions"),
        (["order=daily"], "unknown table of --partition 'order'.*did you mean 'orders'"),
        (["products=daily"], "no date or timestamp that is never null"),
        (["orders=daily:paid_at"], "after no other one of its row, .*; known are ordered_at$"),
        (["products=daily:name"], "known are none"),
        (["variants=daily"], r"key \(product_id, no\) is one of rows of products"),
    ],
)
def test_what_cannot_be_is_refused(asked: Sequence[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        _imported(*asked)
