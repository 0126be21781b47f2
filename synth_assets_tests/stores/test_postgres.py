"""What only the PostgreSQL store has: tables, keys, errors, secrets, servers.

The contract of all stores is in ``test_contract``.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time as clock
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import dataframely as dy
import polars as pl
import psycopg
import pytest
from psycopg import errors, sql

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily
from synth_assets.core.schema import references
from synth_assets.stores.postgres import PostgresStore, scanning
from synth_assets.stores.postgres import store as store_module
from synth_assets.stores.postgres.watcher import OWNER
from synth_assets.stores.store import ChangedColumnsError
from synth_assets_tests.servers import as_role, new_role
from synth_assets_tests.stores.frames import FRAME, OtherKinds, stored, table

PASSWORD = "sw0rdfish"


@pytest.fixture
def place(postgres_url: str) -> PostgresStore:
    """A store in a new, empty database."""
    return PostgresStore(postgres_url)


@pytest.fixture
def db(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Another client of the same database."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


def rows_of(db: psycopg.Connection[Any], query: str) -> list[Any]:
    return db.execute(query).fetchall()  # type: ignore[arg-type]


# Tables.


def test_columns_have_the_most_specific_types(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    days = Daily(date(2026, 1, 1), date(2026, 1, 4))
    place.replace(table(partitioning=days), "2026-01-01", FRAME.lazy(), "f")
    found = rows_of(
        db,
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute "
        "where attrelid = 'test.\"all kinds\"'::regclass and attnum > 0 order by attnum",
    )
    assert found == [
        ("id", "bigint", True),
        ("name", "text", False),
        ("amount", "numeric(10,2)", False),
        ("share", "double precision", False),
        ("count", "bigint", False),
        ("level", "integer", False),
        ("flag", "boolean", False),
        ("on", "date", False),
        ("at", "timestamp(6) without time zone", False),
        ("seen_at", "timestamp(6) with time zone", False),
        ("kind", "text", False),
        ("tags", "jsonb", False),
        ("place", "jsonb", False),
        ("items", "jsonb", False),
        ("day", "date", True),
    ]


def test_keys_indexes_and_descriptions_are_created(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    place.replace(table(), "s0000", FRAME.lazy(), "f")
    indexes = rows_of(db, "select indexdef from pg_indexes where schemaname = 'test' order by 1")
    assert [text.split(" USING ")[1] for (text,) in indexes] == ["btree (shard)", "btree (id)"]
    relation = "'test.\"all kinds\"'::regclass"
    assert rows_of(db, f"select obj_description({relation}, 'pg_class')") == [
        ("Rows that try stores hard.",)
    ]
    assert rows_of(db, f"select col_description({relation}, 1)") == [
        ("It's the row's number; \"quoted\".",)
    ]


def test_a_table_that_only_warns_may_violate_its_keys(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    lenient = _family(parent_blocks=False)[0]
    broken = pl.DataFrame({"id": [1, 1, None], "value": ["a", "b", "c"]})
    place.replace(lenient, "s0000", broken.lazy(), "f")
    assert place.scan(lenient).collect().height == 3
    kept = rows_of(db, "select contype from pg_constraint where conrelid = 'test.parent'::regclass")
    assert [kind for (kind,) in kept if kind in ("p", "f", "u")] == []


def test_lookups_by_cluster_columns_have_an_index(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    clustered = replace(table(), cluster_by=["on", "kind"])
    place.replace(clustered, "s0000", FRAME.lazy(), "f")
    found = rows_of(db, "select indexdef from pg_indexes where schemaname = 'test'")
    assert any('btree ("on", kind)' in text for (text,) in found)


# Values.


class Edges(dy.Schema):
    """Types with values at the limits of PostgreSQL."""

    id = dy.Int64(primary_key=True)
    tiny = dy.UInt8(nullable=True)
    huge = dy.UInt64(nullable=True)
    single = dy.Float32(nullable=True, allow_inf=True, allow_nan=True)
    double = dy.Float64(nullable=True, allow_inf=True, allow_nan=True)
    text = dy.String(nullable=True)
    raw = dy.Binary(nullable=True)
    clock = dy.Time(nullable=True)
    local = dy.Datetime(time_unit="ms", time_zone="America/New_York", nullable=True)
    long = dy.Decimal(38, 10, nullable=True)
    nested = dy.List(
        dy.Struct(
            {
                "share": dy.Float64(nullable=True),
                "count": dy.UInt64(nullable=True),
                "long": dy.Decimal(38, 10, nullable=True),
                "seen": dy.Datetime(time_unit="us", time_zone="UTC", nullable=True),
                "there": dy.Datetime(time_unit="us", time_zone="Europe/Berlin", nullable=True),
                "kind": dy.Enum(["", "a,b"], nullable=True),
            },
            nullable=True,
        ),
        nullable=True,
    )
    pair = dy.Array(dy.Int64(nullable=True), 2, nullable=True)


LONG = Decimal("1234567890123456789012345678.0123456789")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
HARD_NEST = {
    "share": float("nan"),
    "count": 2**64 - 1,
    "long": LONG,
    "seen": NEW_YEAR,
    # Before 1893 the clocks of Berlin were 53 minutes and 28 seconds ahead.
    "there": datetime(1892, 1, 1, tzinfo=UTC),
    "kind": "a,b",
}


def _edges() -> pl.DataFrame:
    schema = {name: column.dtype for name, column in Edges.columns().items()}
    rows = [
        (1, 255, 2**64 - 1, 0.1, 5e-324, "a\r\nb\\.", b"\x00\xff", time(23, 59, 59, 999_999),
         NEW_YEAR, LONG, [HARD_NEST, None], [1, None]),
        (2, 0, 0, float("nan"), float("-inf"), "\n\\.\n", b"", time(0), NEW_YEAR, -LONG, [],
         [0, 0]),
        (3, *[None] * 11),
        (4, 1, 1, float("inf"), 0.1 + 0.2, "\\N", b"\\x", time(1), NEW_YEAR, LONG, None, [2, 3]),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_extreme_values_are_stored_exactly(place: PostgresStore) -> None:
    edges = table(Edges, name="edges")
    place.replace(edges, "s0000", _edges().lazy(), "f")
    assert stored(place, "s0000", edges).equals(_edges())
    assert place.describe(edges)["s0000"].schema == _edges().schema


@pytest.mark.parametrize("column", ["name", "tags"])
def test_a_nul_character_is_refused_by_name(place: PostgresStore, column: str) -> None:
    value = pl.lit("a\0b") if column == "name" else pl.lit(["a\0b"], dtype=pl.List(pl.String))
    frame = FRAME.with_columns(value.alias(column))
    said = "column name holds the NUL character" if column == "name" else "holds the NUL character"
    with pytest.raises(UserError, match=said):
        place.replace(table(), "s0000", frame.lazy(), "f")
    assert place.describe(table()) == {}


def test_a_nul_character_below_a_null_is_none(place: PostgresStore) -> None:
    texts = pl.Series("name", ["a\0b" * 10, "c"])
    hidden = pl.when(pl.Series([False, True])).then(pl.lit(texts))
    frame = FRAME.head(2).with_columns(name=hidden)
    place.replace(table(), "s0000", frame.lazy(), "f")
    assert stored(place, "s0000", table())["name"].to_list() == [None, "c"]


def test_a_type_that_would_have_to_be_converted_is_refused(place: PostgresStore) -> None:
    frame = FRAME.with_columns(pl.col("id").cast(pl.Float64))
    said = rf"cannot write slice s0000 of {table().path} to .*: column id is Float64, the schema "
    with pytest.raises(UserError, match=said + "says Int64; what was stored before is untouched"):
        place.replace(table(), "s0000", frame.lazy(), "f")
    with pytest.raises(UserError, match="column id is missing"):
        place.replace(table(), "s0000", FRAME.drop("id").lazy(), "f")


def test_a_long_name_is_not_taken_for_another_table(place: PostgresStore) -> None:
    place.replace(table(name="y" * 63), "s0000", FRAME.lazy(), "f")
    with pytest.raises(UserError, match="takes up to 63 bytes"):
        place.replace(table(name="y" * 64), "s0000", FRAME.head(1).lazy(), "f")
    assert place.describe(table(name="y" * 64)) == {}
    place.remove(table(name="y" * 64))
    assert stored(place, "s0000", table(name="y" * 63)).equals(FRAME)


def test_a_key_that_is_too_long_for_an_index_is_explained(place: PostgresStore) -> None:
    class Long(dy.Schema):
        """A text as key."""

        text = dy.String(primary_key=True)

    long = pl.select(text=pl.int_range(5_000).cast(pl.String).str.join(""), eager=False)
    with pytest.raises(UserError, match="texts too long for an index"):
        place.replace(table(Long, name="long"), "s0000", long, "f")


def test_an_encoding_without_a_character_is_named(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("drop database if exists latin")
        db.execute(
            "create database latin template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'"
        )
    parts = psycopg.conninfo.conninfo_to_dict(postgres_url)
    store = PostgresStore(f"postgresql:///latin?host={parts['host']}&user={parts['user']}")
    frame = FRAME.with_columns(name=pl.lit("北京"))
    with pytest.raises(UserError, match="the database must have the encoding UTF8"):
        store.replace(table(), "s0000", frame.lazy(), "f")


def test_values_that_would_be_rounded_are_refused(place: PostgresStore) -> None:
    class Fine(dy.Schema):
        """Times finer than microseconds."""

        id = dy.Int64(primary_key=True)
        clock = dy.Time()

    fine = table(Fine, name="fine")
    frame = pl.DataFrame({"id": [1], "clock": [1_001]}).cast({"clock": pl.Time})
    with pytest.raises(UserError, match="column clock has times finer"):
        place.replace(fine, "s0000", frame.lazy(), "f")


class Times(dy.Schema):
    """A day and a point in time."""

    id = dy.Int64(primary_key=True)
    day = dy.Date(nullable=True)
    at = dy.Datetime(time_unit="ms", nullable=True)


def _times(day: list[int | None], at: list[int | None]) -> pl.LazyFrame:
    frame = pl.LazyFrame({"id": range(len(day)), "day": day, "at": at})
    return frame.cast({"day": pl.Int32}).cast({"day": pl.Date, "at": pl.Datetime("ms")})


# Days since 1970 of the first and of the last day that have four digits.
FIRST_DAY, LAST_DAY, DAY_MS = -719_162, 2_932_896, 86_400_000


def test_the_first_and_the_last_day_are_stored(place: PostgresStore) -> None:
    times = table(Times, name="times")
    ends = [FIRST_DAY, LAST_DAY, None]
    frame = _times(ends, [FIRST_DAY * DAY_MS, (LAST_DAY + 1) * DAY_MS - 1, None])
    place.replace(times, "s0000", frame, "f")
    assert stored(place, "s0000", times).equals(frame.collect())


@pytest.mark.parametrize(("day", "at"), [
    (FIRST_DAY - 1, 0), (LAST_DAY + 1, 0), (0, FIRST_DAY * DAY_MS - 1), (0, (LAST_DAY + 1) * DAY_MS)
])  # fmt: skip
def test_years_that_could_not_be_read_again_are_refused(
    place: PostgresStore, day: int, at: int
) -> None:
    wrong = "at" if at else "day"
    with pytest.raises(UserError, match=f"column {wrong} has times before the year 1 or after"):
        place.replace(table(Times, name="times"), "s0000", _times([day], [at]), "f")


def test_a_broken_key_is_named_and_nothing_is_half_replaced(place: PostgresStore) -> None:
    place.replace(table(), "s0000", FRAME.lazy(), "f")
    with pytest.raises(UserError, match=r"s0001.*primary key.*\(1\).*--recreate.*untouched"):
        place.replace(table(), "s0001", FRAME.lazy(), "f")
    with pytest.raises(UserError, match="column id is null"):
        place.replace(table(), "s0000", FRAME.with_columns(id=None).lazy(), "f")
    assert stored(place, "s0000").equals(FRAME)
    assert list(place.describe(table())) == ["s0000"]


def test_a_name_that_postgresql_would_truncate_is_refused(place: PostgresStore) -> None:
    with pytest.raises(UserError, match="up to 63 bytes"):
        place.replace(table(name="é" * 32), "s0000", FRAME.lazy(), "f")


# Foreign keys.


def _family(*, parent_blocks: bool = True, child_blocks: bool = True) -> tuple[Table, Table]:
    """A parent, and a child that refers to it."""

    class Parent(dy.Schema):
        """A parent."""

        id = dy.Int64(primary_key=True)
        value = dy.String(nullable=True)

    class Child(dy.Schema):
        """A child, which also refers to another child."""

        id = dy.Int64(primary_key=True)
        parent_id = dy.Int64(nullable=True, metadata=references("parents"))
        sibling_id = dy.Int64(nullable=True, metadata=references("children"))

    parent = replace(table(Parent, name="parent"), blocking=parent_blocks)
    roles = {"parents": "parent", "children": "child"}
    return parent, replace(table(Child, name="child"), parents=roles, blocking=child_blocks)


def _parents(*numbers: int) -> pl.LazyFrame:
    return pl.LazyFrame({"id": numbers, "value": "v"}, schema={"id": pl.Int64, "value": pl.String})


def _children(first: int, *parents: int | None) -> pl.LazyFrame:
    numbers = range(first, first + len(parents))
    names = ("id", "parent_id", "sibling_id")
    return pl.LazyFrame(
        {"id": numbers, "parent_id": parents, "sibling_id": None},
        schema=dict.fromkeys(names, pl.Int64),
    )


def _foreign_keys(db: psycopg.Connection[Any]) -> list[tuple[str, bool]]:
    return rows_of(
        db,
        "select pg_get_constraintdef(oid), convalidated from pg_constraint where contype = 'f'",
    )


KEY = "FOREIGN KEY (parent_id) REFERENCES test.parent(id) DEFERRABLE INITIALLY DEFERRED"


def test_a_child_references_its_parent(place: PostgresStore, db: psycopg.Connection[Any]) -> None:
    parent, child = _family()
    place.replace(parent, "s0000", _parents(1, 2), "f")
    place.replace(child, "s0000", _children(1, 1, 2, None), "f")
    assert _foreign_keys(db) == [(KEY, True)]  # and none to itself
    indexes = rows_of(db, "select indexdef from pg_indexes where tablename = 'child'")
    assert any("(parent_id)" in text for (text,) in indexes)


def test_orphans_are_refused_first_or_later(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    parent, child = _family()
    place.replace(parent, "s0000", _parents(1, 2), "f")
    missing = r"test/child.*parent's row is missing .*\(parent_id\)=\(7\).*materialize the parent"
    with pytest.raises(UserError, match=missing):
        place.replace(child, "s0000", _children(1, 1, 7), "f")
    assert place.describe(child) == {}
    place.replace(child, "s0000", _children(1, 1), "f")
    with pytest.raises(UserError, match=missing):
        place.replace(child, "s0001", _children(5, 7), "f")
    assert list(place.describe(child)) == ["s0000"]


def test_a_child_before_its_parent_gets_its_key_later(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    parent, child = _family()
    place.replace(child, "s0000", _children(1, 1), "f")
    assert _foreign_keys(db) == []
    place.replace(parent, "s0000", _parents(1), "f")
    place.replace(child, "s0001", _children(5, 1), "f")
    assert _foreign_keys(db) == [(KEY, True)]


def test_a_parents_partition_can_be_replaced_while_it_has_children(
    place: PostgresStore,
) -> None:
    parent, child = _family()
    place.replace(parent, "s0000", _parents(1, 2, 3), "f")
    place.replace(child, "s0000", _children(1, 1, 2), "f")
    place.replace(parent, "s0000", _parents(2, 1), "f")
    assert place.scan(child).collect().height == 2


def test_a_parent_that_would_leave_orphans_is_refused_with_the_way_out(
    place: PostgresStore,
) -> None:
    parent, child = _family()
    place.replace(parent, "s0000", _parents(1, 2), "f")
    place.replace(child, "s0000", _children(1, 1, 2), "f")
    with pytest.raises(
        UserError, match=r"rows of test/child .*\(id\)=\(2\).*--recreate.*untouched"
    ):
        place.replace(parent, "s0000", _parents(1), "f2")
    assert place.scan(parent).collect().height == 2
    assert place.describe(parent)["s0000"].fingerprint == "f"


def test_another_scenario_drops_parents_first_and_children_find_new_ones(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    parent, child = _family()
    for key, number in (("s0000", 1), ("s0001", 2)):
        place.replace(parent, key, _parents(number), "f")
        place.replace(child, key, _children(number, number), "f")
    place.drop(parent, ["s0000", "s0001"])
    assert place.scan(child).collect().height == 2
    place.replace(parent, "s0000", _parents(11, 12), "f2")
    place.replace(child, "s0000", _children(11, 11), "f2")
    assert _foreign_keys(db) == [(f"{KEY} NOT VALID", False)]  # the old child has no parent
    with pytest.raises(UserError, match=r"\(parent_id\)=\(7\)"):
        place.replace(child, "s0002", _children(21, 7), "f2")
    place.replace(child, "s0001", _children(12, 12), "f2")
    assert _foreign_keys(db) == [(KEY, True)]


def test_a_key_that_its_table_may_violate_is_not_referenced(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    parent, child = _family(parent_blocks=False)
    place.replace(parent, "s0000", _parents(1, 1), "f")
    place.replace(child, "s0000", _children(1, 1), "f")
    assert _foreign_keys(db) == []


def test_a_child_that_only_warns_may_have_no_parent(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    parent, child = _family(child_blocks=False)
    place.replace(parent, "s0000", _parents(1), "f")
    place.replace(child, "s0000", _children(1, 7), "f")
    assert _foreign_keys(db) == []


# Views of other users.


def test_views_survive_a_drop_and_are_reported_when_columns_change(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    place.replace(table(), "s0000", FRAME.lazy(), "f")
    db.execute('create view mine as select name from test."all kinds"')
    place.drop(table(), ["s0000"])
    assert rows_of(db, "select * from mine") == []
    place.replace(table(), "s0000", FRAME.lazy(), "f")
    assert len(rows_of(db, "select * from mine")) == 3
    place.drop(table(), ["s0000"])
    changed, frame = table(OtherKinds), pl.LazyFrame({"id": [1], "name": [2]})
    with pytest.raises(UserError, match=r"view mine depends on table .*drop what depends on it"):
        place.replace(changed, "s0000", frame, "f")


def test_rows_without_provenance_are_not_dropped(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    db.execute("create schema test")
    db.execute('create table test."all kinds" as select 1 as id')
    assert place.describe(table()) == {}
    with pytest.raises(ChangedColumnsError):
        place.replace(table(), "s0000", FRAME.lazy(), "f")
    assert rows_of(db, 'select id from test."all kinds"') == [(1,)]


# Reading.


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every COPY that is sent from now on."""
    statements: list[str] = []
    copy = psycopg.Cursor.copy

    def spy(self: Any, statement: sql.Composed, **options: Any) -> Any:
        statements.append(statement.as_string(self))
        return copy(self, statement, **options)

    monkeypatch.setattr(psycopg.Cursor, "copy", spy)
    return statements


def test_columns_partitions_and_limits_are_pushed_down(
    place: PostgresStore, db: psycopg.Connection[Any], sent: list[str]
) -> None:
    for number in range(3):
        many = FRAME.select(pl.all().repeat_by(2_000).explode())
        later = many.with_columns(id=pl.int_range(pl.len()) + 10_000 * number)
        place.replace(table(), f"s000{number}", later.lazy(), "f")
    sent.clear()
    place.scan(table(), ["s0001"]).select("id", "name").head(5).collect()
    assert sent == [
        'copy (select "id", "name" from "test"."all kinds" '
        """where "shard" = any('{s0001}'::text[]) limit 5) to stdout (format csv)"""
    ]
    query = sent[0].removeprefix("copy (").partition(" limit")[0]
    assert "Index Cond: (shard = ANY" in str(rows_of(db, f"explain {query}"))


def test_rows_come_in_bounded_batches(
    place: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.replace(table(), "s0000", FRAME.lazy(), "f")
    sizes: list[int] = []
    decode = scanning.decode

    def spy(lines: bytearray, schema: Any) -> pl.DataFrame:
        frame = decode(lines, schema)
        sizes.append(frame.height)
        return frame

    monkeypatch.setattr(scanning, "decode", spy)
    monkeypatch.setattr(scanning, "BATCH_ROWS", 2)
    assert stored(place, "s0000").equals(FRAME)
    assert sizes == [2, 1]


def test_a_scan_with_enough_rows_keeps_no_lock(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    """Polars may keep a source open after it has stopped reading early."""
    many = FRAME.select(pl.all().repeat_by(20_000).explode()).with_columns(
        id=pl.int_range(pl.len())
    )
    place.replace(table(), "s0000", many.lazy(), "f")
    rows = place.scan(table()).filter(pl.col("id") > 10).head(3).collect(engine="streaming")
    assert rows.height == 3
    db.execute("set lock_timeout to '2s'")
    db.execute('alter table test."all kinds" add column more int')


def test_a_temporary_folder_that_does_not_exist_is_reported(
    place: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.replace(table(), "s0000", FRAME.lazy(), "f")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(UserError, match=r"cannot put rows aside in .*/gone: No such file"):
        place.scan(table()).collect()


def test_one_connection_serves_several_writes(
    place: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, opened = psycopg.connect, []

    def counting(*args: Any, **options: Any) -> Any:
        opened.append(1)
        return connect(*args, **options)

    monkeypatch.setattr(psycopg, "connect", counting)
    with place.opened(), place.opened():
        for number in range(2):
            rows = FRAME.with_columns(id=pl.col("id") + 10 * number)
            place.replace(table(), f"s000{number}", rows.lazy(), "f")
            place.scan(table(), [f"s000{number}"]).head(1).collect()
    assert len(opened) == 1


def test_a_partition_may_be_derived_from_the_same_store(place: PostgresStore) -> None:
    place.replace(table(), "s0000", FRAME.lazy(), "f")
    rows = place.scan(table(), ["s0000"]).drop("shard").with_columns(pl.col("id") + 10)
    with place.opened():
        place.replace(table(), "s0001", rows, "f")
    assert stored(place, "s0001").height == 3


# Concurrent writers.


def _paused(frame: pl.DataFrame, begun: threading.Event, go_on: threading.Event) -> pl.LazyFrame:
    """A lazy frame that waits for ``go_on`` when it is collected."""

    def wait(batch: pl.DataFrame) -> pl.DataFrame:
        begun.set()
        assert go_on.wait(20)
        return batch

    return frame.lazy().map_batches(wait, schema=frame.schema)


def test_partitions_of_a_table_are_written_and_read_concurrently(postgres_url: str) -> None:
    place = PostgresStore(postgres_url)
    place.replace(table(), "s0000", FRAME.lazy(), "f1")
    begun, go_on = threading.Event(), threading.Event()
    slow = _paused(FRAME.head(1), begun, go_on)
    writer = threading.Thread(
        target=lambda: PostgresStore(postgres_url).replace(table(), "s0000", slow, "f2")
    )
    writer.start()
    assert begun.wait(20)
    later = FRAME.with_columns(id=pl.col("id") + 10)
    place.replace(table(), "s0001", later.lazy(), "f2")
    assert stored(place, "s0000").equals(FRAME)
    go_on.set()
    writer.join()
    assert stored(place, "s0000").equals(FRAME.head(1))


def test_a_deadlock_is_retried(postgres_url: str, db: psycopg.Connection[Any]) -> None:
    place = PostgresStore(postgres_url)
    place.replace(table(), "s0000", FRAME.lazy(), "f1")
    db.execute("set deadlock_timeout to '60s'")  # so that the store detects the deadlock
    take = "select pg_advisory_xact_lock(hashtextextended('synth test/all kinds{}', 0))"
    writer = threading.Thread(
        target=lambda: place.replace(table(), "s0000", FRAME.head(1).lazy(), "f2")
    )
    with db.transaction():
        rows_of(db, take.format(" s0000"))
        writer.start()
        clock.sleep(0.3)
        rows_of(db, take.format(""))
    writer.join()
    assert stored(place, "s0000").equals(FRAME.head(1))


def test_retries_are_bounded(place: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []

    def fail(*_: Any, **__: Any) -> None:
        attempts.append(1)
        raise errors.SerializationFailure("planted")

    monkeypatch.setattr(store_module, "_copy", fail)
    monkeypatch.setattr("synth_assets.stores.postgres.errors.FIRST_WAIT", 0.001)
    with pytest.raises(UserError, match="untouched"):
        place.replace(table(), "s0000", FRAME.lazy(), "f")
    assert 3 <= len(attempts) <= 10


# Errors.


def test_a_connection_cut_in_a_load_leaves_the_partition_as_it_was(
    place: PostgresStore, db: psycopg.Connection[Any]
) -> None:
    place.replace(table(), "s0000", FRAME.lazy(), "f1")

    def cut(batch: pl.DataFrame) -> pl.DataFrame:
        rows_of(
            db,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and application_name = 'synth'",
        )
        return batch

    frame = pl.concat([FRAME] * 10_000).with_columns(id=pl.int_range(pl.len()))
    with (
        place.opened(),
        pytest.raises(UserError, match=r"cannot write slice s0000 .*cut.*untouched"),
    ):
        place.replace(table(), "s0000", frame.lazy().map_batches(cut, schema=FRAME.schema), "f2")
    assert stored(place, "s0000").equals(FRAME)
    assert place.describe(table())["s0000"].fingerprint == "f1"
    place.replace(table(), "s0000", FRAME.head(1).lazy(), "f3")


@pytest.fixture
def unreachable(
    request: pytest.FixtureRequest, postgres_url: str, db: psycopg.Connection[Any]
) -> tuple[str, str]:
    """A URL that cannot be connected to, and the expected message."""
    match request.param:
        case "server down":
            return f"postgresql://me:{PASSWORD}@127.0.0.1:1/shop", r"127.0.0.1:1/shop.*refused"
        case "no such database":
            return (
                postgres_url.replace("/test_", "/toast_"),
                r"/toast_.*database \"toast_\w+\" does not exist",
            )
        case "no such role":
            return as_role(postgres_url, "nobody", PASSWORD), "the user does not exist"
        case _:
            role = new_role(db, "another")
            return as_role(postgres_url, role, PASSWORD), "password authentication failed"


@pytest.mark.parametrize(
    "unreachable",
    ["server down", "no such database", "no such role", "wrong password"],
    indirect=True,
)
def test_a_failed_connection_is_reported_in_one_line_without_secrets(
    unreachable: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("psycopg").setLevel(logging.DEBUG)
    url, said = unreachable
    place = PostgresStore(url)
    with pytest.raises(UserError, match=said) as caught:
        place.replace(table(), "s0000", FRAME.lazy(), "f")
    with pytest.raises(UserError, match=said):
        place.describe(table())
    user = url.split("//")[1].split(":")[0].split("@")[0]
    text = str(caught.value)
    assert "\n" not in text
    assert user == "postgres" or user not in text
    shown = [text, repr(caught.value), repr(place), place.location, place.uri(table()), caplog.text]
    assert PASSWORD not in " ".join([*shown, *map(str, caught.value.args)])
    assert caught.value.__suppress_context__


def test_the_right_password_opens(
    postgres_url: str, db: psycopg.Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("psycopg").setLevel(logging.DEBUG)
    role = new_role(db, PASSWORD)
    db.execute(
        sql.SQL("grant create on database {} to {}").format(
            sql.Identifier(db.info.dbname), sql.Identifier(role)
        )
    )
    place = PostgresStore(as_role(postgres_url, role, PASSWORD))
    stats = place.replace(table(), "s0000", FRAME.lazy(), "f")
    assert stored(place, "s0000").equals(FRAME)
    assert PASSWORD not in f"{stats} {place} {place.uri(table())} {caplog.text}"
    assert place.connection_info()["password"] == PASSWORD


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{PASSWORD}#1@host/shop",
        f"postgresql://me:{PASSWORD}%zz@host/shop",
        f"postgresql://me@host/shop?nonsense={PASSWORD}",
        f"mysql://me:{PASSWORD}@host/shop",
    ],
)
def test_an_invalid_url_is_not_repeated(url: str) -> None:
    with pytest.raises(UserError, match="postgresql://") as caught:
        PostgresStore(url).describe(table())
    assert PASSWORD not in f"{caught.value!r}"


def test_a_role_without_create_is_reported(postgres_url: str, db: psycopg.Connection[Any]) -> None:
    place = PostgresStore(as_role(postgres_url, new_role(db)))
    assert place.describe(table()) == {}
    with pytest.raises(UserError, match=r"permission denied for database .*needs CREATE"):
        place.replace(table(), "s0000", FRAME.lazy(), "f")


def test_a_url_is_shown_without_user_and_password() -> None:
    place = PostgresStore(f"postgresql://me:{PASSWORD}@db.example.org:6432/shop?sslmode=require")
    assert place.uri(table()) == "postgresql://db.example.org:6432/shop#test.all kinds"
    assert repr(place) == "PostgresStore('postgresql://db.example.org:6432/shop')"
    assert place.connection_info() == {
        "host": "db.example.org",
        "port": "6432",
        "user": "me",
        "password": PASSWORD,
        "dbname": "shop",
        "sslmode": "require",
    }


def test_stats_have_server_and_transaction(place: PostgresStore) -> None:
    stats = place.replace(table(), "s0000", FRAME.lazy(), "f")
    assert place.describe(table())["s0000"] == stats
    assert str(stats.details["server"]).startswith("PostgreSQL ")
    assert int(stats.details["transaction"]) > 0


# The embedded server.

WORK = """
    import logging, sys
    import polars as pl
    from synth_assets.stores import open_store
    from synth_assets_tests.stores.frames import FRAME, table

    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s %(message)s")
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    place, number = open_store("postgres", sys.argv[1]), int(sys.argv[2])
    rows = FRAME.with_columns(id=pl.col("id") + 10 * number)
    place.replace(table(), f"s000{number}", rows.lazy(), "f")
    print(place.scan(table()).collect().height, flush=True)
    sys.stdin.readline()
"""


def _worker(folder: Path, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(WORK), str(folder), str(number)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=pipe)


def test_processes_share_the_server_of_a_folder_and_the_last_stops_it() -> None:
    folder = Path("/tmp") / f"synth-pg-{uuid4().hex[:8]}" / "here"
    try:
        first = _worker(folder, 0)
        assert first.stdout is not None
        assert first.stdout.readline() == "3\n"
        second = _worker(folder, 1)
        outputs = [worker.communicate("\n", timeout=30) for worker in (second, first)]
        assert outputs == [("6\n", ""), ("", "")]  # and nothing was logged at their end
        assert not (folder / "postmaster.pid").exists()
        # The watchers of both, which may go on for a moment, remove what was recorded of them.
        deadline = clock.monotonic() + 30
        while list(folder.glob(f"{OWNER}*")):
            assert clock.monotonic() < deadline
            clock.sleep(0.1)
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot start the embedded PostgreSQL in .*file/here"):
        PostgresStore(str(tmp_path / "file" / "here")).connection_info()
