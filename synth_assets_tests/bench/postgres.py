"""The PostgreSQL store against a bare COPY of the same rows, side by side.

``python -m synth_assets_tests.bench.postgres loading`` measures with an embedded server of its
own; with a number of rows and a URL it measures that server, whose schema ``bench`` is dropped.
Processor seconds are those of the embedded server, too.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dataframely as dy
import polars as pl
import psutil
import psycopg

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.stores.postgres import PostgresStore
from synth_assets_tests.bench.processes import answer
from synth_assets_tests.bench.stopwatch import best

ROWS, PARENTS = 1_000_000, 200_000
# What each load stores, and what it is compared with.
LOADS = {
    "loading": ("rows", "a bare COPY of the same rows"),
    "loading_more": ("more rows", "a bare COPY into a table with the same keys"),
}


class Ten(dy.Schema):
    """Ten columns of the usual types."""

    id = dy.Int64(primary_key=True)
    user_id = dy.Int64()
    name = dy.String()
    email = dy.String()
    amount = dy.Decimal(10, 2)
    share = dy.Float64()
    at = dy.Datetime(time_unit="us")
    on = dy.Date()
    status = dy.Enum(["placed", "returned"])
    flag = dy.Bool()


class Parent(dy.Schema):
    """What the rows of ``TenOfParents`` refer to."""

    id = dy.Int64(primary_key=True)


class TenOfParents(Ten):
    """The same ten columns, one of them a foreign key."""

    user_id = dy.Int64(metadata=references("parents"))


def _table(name: str, schema: type[dy.Schema], parents: dict[str, str] | None = None) -> Table:
    return Table(
        domain="bench",
        name=name,
        doc="Rows to measure with.",
        schema=schema,
        partitioning=Sharded(60),
        source=Generated(lambda scenario, step: 0, lambda scenario, partition: pl.LazyFrame()),
        parents=parents or {},
    )


TEN = _table("ten", Ten)
PARENT = _table("parent", Parent)
CHILD = _table("child", TenOfParents, {"parents": "parent"})


def rows(count: int, first: int = 0) -> pl.LazyFrame:
    """``count`` rows of ``Ten``, numbered from ``first``."""
    i = pl.int_range(first, first + count)
    text = i.cast(pl.String)
    return pl.select(
        id=i,
        user_id=i * 7919 % PARENTS,
        name=pl.lit("name ") + text,
        email=pl.lit("user") + text + "@example.com",
        amount=(i % 10_000).cast(pl.Decimal(10, 2)),
        share=i / 7,
        at=pl.lit(1_700_000_000_000_000).cast(pl.Datetime("us")) + pl.duration(microseconds=i * 97),
        on=pl.lit(18_000).cast(pl.Date),
        status=pl.lit("placed").cast(pl.Enum(["placed", "returned"])),
        flag=i % 2 == 0,
        eager=False,
    )


def loading(url: str, servers: list[int], count: int) -> dict[str, Any]:
    """A first partition, keys and indexes included, and a bare COPY of it."""
    store, frame = PostgresStore(url), rows(count).collect()
    ours = best(
        lambda: store.replace(TEN, "s0000", frame.lazy(), "bench"), lambda: _clear(url), servers
    )
    bare = best(lambda: _bare_copy(url, _csv(frame)), lambda: _bare_table(url), servers)
    return ours.numbers() | bare.numbers("bare_")


def loading_more(url: str, servers: list[int], count: int) -> dict[str, Any]:
    """A second partition, and a bare COPY into a table with the same keys."""
    store, frame = PostgresStore(url), rows(count, count).collect()

    def first() -> None:
        _clear(url)
        store.replace(TEN, "s0000", rows(count), "bench")

    def bare_first() -> None:
        _bare_table(url)
        _bare_copy(url, _csv(rows(count).collect()))
        with psycopg.connect(url) as db:
            db.execute("alter table bench.bare add primary key (id)")
            db.execute("create index on bench.bare (shard)")
            db.execute("analyze bench.bare")

    ours = best(lambda: store.replace(TEN, "s0001", frame.lazy(), "bench"), first, servers)
    bare = best(lambda: _bare_copy(url, _csv(frame)), bare_first, servers)
    return ours.numbers() | bare.numbers("bare_")


def going_on(url: str, servers: list[int], count: int) -> dict[str, Any]:
    """Seconds of a second partition, of replacing it, and of both with a foreign key to keep."""
    store, later = PostgresStore(url), rows(count, count)
    _clear(url)
    store.replace(PARENT, "s0000", pl.select(id=pl.int_range(PARENTS), eager=False), "bench")
    figures: dict[str, Any] = {"rows": count}
    for name, table in (("plain", TEN), ("with_foreign_key", CHILD)):
        for what, key, frame in (
            ("first", "s0000", rows(count)),
            ("second", "s0001", later),
            ("replaced", "s0001", later),
        ):
            action = _replacing(store, table, key, frame)
            figures[f"{name}_{what}_seconds"] = _seconds(action)
    return figures


def days(url: str, servers: list[int], count: int) -> dict[str, Any]:
    """Partitions a second where they are small: 60 of 250 rows."""
    store = PostgresStore(url)
    _clear(url)

    def all_of_them() -> None:
        with store.opened():
            for number in range(60):
                store.replace(TEN, f"s{number:04}", rows(250, 250 * number), "bench")

    return {"first_seconds": _seconds(all_of_them), "replaced_seconds": _seconds(all_of_them)}


def reading(url: str, servers: list[int], count: int) -> dict[str, Any]:
    """A scan of all columns, and of one."""
    store = PostgresStore(url)
    _clear(url)
    store.replace(TEN, "s0000", rows(count), "bench")
    whole = best(lambda: store.scan(TEN).collect(), servers=servers)
    one = best(lambda: store.scan(TEN).select(pl.col("amount").sum()).collect(), servers=servers)
    return whole.numbers() | one.numbers("one_column_")


def _replacing(
    store: PostgresStore, table: Table, key: str, frame: pl.LazyFrame
) -> Callable[[], Any]:
    return lambda: store.replace(table, key, frame, "bench")


def _csv(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.with_columns(shard=pl.lit("s0000")).write_csv(out, include_header=False)
    return out.getvalue()


def _bare_copy(url: str, lines: bytes) -> None:
    with (
        psycopg.connect(url) as db,
        db.cursor() as cursor,
        cursor.copy("copy bench.bare from stdin (format csv)") as copy,
    ):
        copy.write(lines)


def _bare_table(url: str) -> None:
    with psycopg.connect(url) as db:
        db.execute("drop table if exists bench.bare")
        db.execute(
            "create table bench.bare (id bigint, user_id bigint, name text, email text, "
            'amount numeric(10,2), share double precision, at timestamp, "on" date, '
            "status text, flag boolean, shard text)"
        )


def _clear(url: str) -> None:
    with psycopg.connect(url) as db:
        db.execute("drop schema if exists bench cascade")
        db.execute("create schema bench")
        if db.execute("select to_regclass('_synth.slices')").fetchone() != (None,):
            db.execute("delete from _synth.slices where domain = 'bench'")


def _seconds(action: Callable[[], Any]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


@contextmanager
def embedded() -> Iterator[str]:
    """The URL of a new embedded server's database."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        info = PostgresStore(f"{folder}/server").connection_info()
        yield f"postgresql:///{info['dbname']}?host={info['host']}&user={info['user']}"


def server_of(url: str) -> list[int]:
    """The process id of the server on this machine that has a database."""
    with psycopg.connect(url) as db:
        server = psutil.Process(db.info.backend_pid).parent()
    return [server.pid] if server else []


def with_server(action: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A measure that takes a number of rows and a URL, both optional."""

    def measured(count: str = str(ROWS), url: str | None = None) -> dict[str, Any]:
        if url is not None:
            return action(url, [], int(count))
        with embedded() as own:
            return action(own, server_of(own), int(count))

    return measured


MEASURES = (loading, loading_more, going_on, days, reading)

if __name__ == "__main__":
    answer({action.__name__: with_server(action) for action in MEASURES})
