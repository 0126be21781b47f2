"""Speed of the PostgreSQL store against a bare COPY of the same rows, side by side.

Run it with ``python -m synth_assets_tests.bench_postgres``, with a URL to measure that server
(whose schema ``bench`` is dropped), without one to measure an embedded server of its own.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dataframely as dy
import polars as pl
import psycopg

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.stores.postgres import PostgresStore

ROWS, PARENTS, REPEATS = 1_000_000, 200_000, 3


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


def loading(url: str) -> dict[str, float]:
    """Rows a second of a first partition, keys and indexes included, against a bare COPY of it."""
    store, frame = PostgresStore(url), rows(ROWS).collect()
    lines = _csv(frame)
    ours = _best(lambda: store.replace(TEN, "s0000", frame.lazy(), "bench"), lambda: _clear(url))
    bare = _best(lambda: _bare_copy(url, _csv(frame)), lambda: _bare_table(url))
    sent = _best(lambda: _bare_copy(url, lines), lambda: _bare_table(url))
    return {"rows": ROWS, "rows_per_second": ROWS / ours, "bare_copy_rows_per_second": ROWS / bare,
            "ratio": bare / ours, "ratio_to_copy_of_ready_csv": sent / ours}  # fmt: skip


def loading_more(url: str) -> dict[str, float]:
    """Rows a second of a second partition, against a bare COPY into a table with the same keys."""
    store, frame = PostgresStore(url), rows(ROWS, ROWS).collect()

    def first() -> None:
        _clear(url)
        store.replace(TEN, "s0000", rows(ROWS), "bench")

    def bare_first() -> None:
        _bare_table(url)
        _bare_copy(url, _csv(rows(ROWS).collect()))
        with psycopg.connect(url) as db:
            db.execute("alter table bench.bare add primary key (id)")
            db.execute("create index on bench.bare (shard)")
            db.execute("analyze bench.bare")

    ours = _best(lambda: store.replace(TEN, "s0001", frame.lazy(), "bench"), first)
    bare = _best(lambda: _bare_copy(url, _csv(frame)), bare_first)
    return {"rows": ROWS, "rows_per_second": ROWS / ours, "bare_copy_rows_per_second": ROWS / bare,
            "ratio": bare / ours}  # fmt: skip


def going_on(url: str) -> dict[str, float]:
    """Seconds of a second partition, of replacing it, and of both with a foreign key to keep."""
    store, later = PostgresStore(url), rows(ROWS, ROWS)
    _clear(url)
    store.replace(PARENT, "s0000", pl.select(id=pl.int_range(PARENTS), eager=False), "bench")
    figures: dict[str, float] = {"rows": ROWS}
    for name, table in (("plain", TEN), ("with_foreign_key", CHILD)):
        for what, key, frame in (
            ("first", "s0000", rows(ROWS)),
            ("second", "s0001", later),
            ("replaced", "s0001", later),
        ):
            action = _replacing(store, table, key, frame)
            figures[f"{name}_{what}_seconds"] = _seconds(action)
    return figures


def days(url: str) -> dict[str, float]:
    """Partitions a second where they are small: 60 of 250 rows."""
    store = PostgresStore(url)
    _clear(url)

    def all_of_them() -> None:
        with store.opened():
            for number in range(60):
                store.replace(TEN, f"s{number:04}", rows(250, 250 * number), "bench")

    return {"first_seconds": _seconds(all_of_them), "replaced_seconds": _seconds(all_of_them)}


def reading(url: str) -> dict[str, float]:
    """Rows a second of a scan of all columns and of one."""
    store = PostgresStore(url)
    _clear(url)
    store.replace(TEN, "s0000", rows(ROWS), "bench")
    whole = _best(lambda: store.scan(TEN).collect())
    one = _best(lambda: store.scan(TEN).select(pl.col("amount").sum()).collect())
    return {"rows": ROWS, "rows_per_second": ROWS / whole, "one_column_rows_per_second": ROWS / one}


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


def _best(action: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
    found = []
    for _ in range(REPEATS):
        before()
        found.append(_seconds(action))
    return min(found)


def _seconds(action: Callable[[], Any]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def measure(url: str) -> dict[str, dict[str, float]]:
    """All figures of the store in the database of a URL."""
    return {
        "a million rows loaded, against a bare COPY": loading(url),
        "a million more, against a bare COPY with the same keys": loading_more(url),
        "a million more, and again": going_on(url),
        "60 days of 250 rows": days(url),
        "a million rows read": reading(url),
    }


@contextmanager
def embedded() -> Iterator[str]:
    """The URL of a new embedded server's database."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        info = PostgresStore(f"{folder}/server").connection_info()
        yield f"postgresql:///{info['dbname']}?host={info['host']}&user={info['user']}"


def main() -> None:
    """Prints the figures."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1]), indent=1))
        return
    with embedded() as url:
        print(json.dumps(measure(url), indent=1))


if __name__ == "__main__":
    main()
