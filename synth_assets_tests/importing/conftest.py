"""The same tables as DDL, as a PostgreSQL database and as a DuckDB file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

from synth_assets.importing import ddl
from synth_assets.importing.found import FoundSchema, Query
from synth_assets_tests.cli.conftest import in_process, synth

__all__ = ["in_process", "synth"]

# What PostgreSQL and DuckDB both understand.
SHOP = """
create type tier as enum ('basic', 'gold');
create table customers (
    id integer primary key,
    email varchar(60) not null unique,
    tier tier not null,
    balance decimal(10, 2) not null check (balance >= 0 and balance < 1000),
    "Zip Code" varchar(5),
    created_at timestamp not null
);
create table orders (
    id bigint primary key,
    customer_id integer not null references customers (id),
    status text not null check (status in ('open', 'paid')),
    quantity integer not null check (quantity between 1 and 9),
    ordered_at timestamp not null,
    paid_at timestamp,
    check (paid_at >= ordered_at)
);
create table order_lines (
    order_id bigint not null references orders (id),
    line integer not null,
    price decimal(8, 2),
    primary key (order_id, line)
);
comment on table customers is 'Someone''s record.';
comment on column customers.tier is 'What was bought.';
"""


@pytest.fixture
def shop_duckdb(tmp_path: Path) -> Path:
    """A DuckDB file with the tables of ``SHOP``."""
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute(SHOP)
    return path


@pytest.fixture
def shop_postgres(postgres_url: str) -> Iterator[Query]:
    """Runs SQL in a PostgreSQL database with the tables of ``SHOP``."""
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(SHOP)
        yield lambda sql: db.execute(sql.encode()).fetchall()


def of_ddl(text: str, dialect: str = "postgres") -> FoundSchema:
    """The schema of a text of DDL."""
    tables, notes = ddl.tables_of(text, dialect, "here")
    return FoundSchema(tables, "a test", notes)
