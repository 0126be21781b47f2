"""The contract of all stores: partitions are stored exactly, and nothing else changes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Unpartitioned
from synth_assets.stores import Store, open_store
from synth_assets.stores.store import ChangedColumnsError, MissingPartitionError
from synth_assets_tests.stores.frames import FRAME, Kinds, OtherKinds, later, stored, table
from synth_assets_tests.stores.places import Place

SPAWNED = multiprocessing.get_context("spawn")
BY_DAY = table(name="by_day", partitioning=Daily(date(2026, 1, 1), date(2026, 1, 4)))


def test_scan_gives_back_what_replace_took(store: Store) -> None:
    stats = store.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert stored(store, "s0000").equals(FRAME)
    assert stored(store, "s0000").schema == FRAME.schema
    assert (stats.rows, stats.fingerprint, stats.code_version) == (3, "f1", "1")
    assert stats.schema == FRAME.schema
    assert stats.bytes > 0


def test_an_empty_frame_is_a_partition_without_rows(store: Store) -> None:
    store.replace(table(), "s0001", FRAME.clear().lazy(), "f1")
    assert store.describe(table())["s0001"].rows == 0
    assert stored(store, "s0001").schema == FRAME.schema


def test_an_empty_frame_empties_a_partition(store: Store) -> None:
    for frame in (FRAME, FRAME.clear()):
        store.replace(table(), "s0001", frame.lazy(), "f1")
    assert stored(store, "s0001").is_empty()
    assert store.describe(table())["s0001"].rows == 0


def test_replacing_twice_is_once_and_leaves_the_others(store: Store) -> None:
    other = later(1).collect()
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    store.replace(table(), "s0001", other.lazy(), "f1")
    for _ in range(2):
        store.replace(table(), "s0000", FRAME.head(2).lazy(), "f2")
    assert stored(store, "s0000").equals(FRAME.head(2))
    assert stored(store, "s0001").equals(other)
    partition_stats = store.describe(table())
    assert [(r.key, r.rows, r.fingerprint) for r in partition_stats.values()] == [
        ("s0000", 2, "f2"),
        ("s0001", 3, "f1"),
    ]


def test_days_are_partitions_too(store: Store) -> None:
    for number, key in enumerate(("2026-01-01", "2026-01-03")):
        for _ in range(2):
            store.replace(BY_DAY, key, later(number), "f1")
    assert list(store.describe(BY_DAY)) == ["2026-01-01", "2026-01-03"]
    assert stored(store, "2026-01-01", BY_DAY).equals(FRAME)
    days = store.scan(BY_DAY).select("day", "id").sort("id").collect()
    assert days.schema["day"] == pl.String()
    assert days["day"].unique().sort().to_list() == ["2026-01-01", "2026-01-03"]
    store.drop(BY_DAY, ["2026-01-01"])
    assert list(store.describe(BY_DAY)) == ["2026-01-03"]


def test_rows_are_counted_as_they_are_read(store: Store) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    store.replace(table(), "s0001", later(1).head(2), "f1")
    rows, one = store.scan(table()), pl.col("shard") == "s0001"
    for counted, expected in (
        (rows, 5), (rows.filter(one), 2), (rows.head(4), 4), (rows.filter(one).head(1), 1),
        (rows.slice(4), 1), (store.scan(table(), ["s0001"]), 2), (rows.head(0), 0),
    ):  # fmt: skip
        for engine in ("in-memory", "streaming"):
            assert counted.select(pl.len()).collect(engine=engine).item() == expected
            assert counted.collect(engine=engine).height == expected


def test_a_table_that_is_not_partitioned_is_one_partition(store: Store) -> None:
    whole = table(name="whole", partitioning=Unpartitioned())
    for frame in (FRAME, FRAME.head(2)):
        store.replace(whole, "all", frame.lazy(), "f1")
    assert stored(store, "all", whole).equals(FRAME.head(2))
    assert store.describe(whole)["all"].rows == 2


def test_a_failure_in_the_middle_leaves_what_was_there(store: Store) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")

    def fail(batch: pl.DataFrame) -> pl.DataFrame:
        raise RuntimeError("planted")

    early = FRAME.lazy().map_batches(fail, schema=FRAME.schema)
    late = pl.concat([_values("late", 150_000), early])
    cast = FRAME.lazy().with_columns(level=pl.col("name").cast(pl.Int32))
    for broken, said in ((early, "planted"), (late, "planted"), (cast, "conversion")):
        with pytest.raises(Exception, match=said):
            store.replace(table(), "s0000", broken, "f2")
        assert stored(store, "s0000").equals(FRAME)
        assert store.describe(table())["s0000"].fingerprint == "f1"


def test_a_scan_reports_which_partition_is_missing(store: Store) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    with pytest.raises(MissingPartitionError, match="no stored slice s0002"):
        store.scan(table(), ["s0000", "s0002"]).collect()


def test_a_scan_of_nothing_is_empty_with_the_columns(store: Store) -> None:
    assert store.describe(table()) == {}
    frame = store.scan(table()).collect()
    assert frame.is_empty()
    assert frame.columns == [*FRAME.columns, "shard"]


def test_a_scan_picks_columns_and_partitions(store: Store) -> None:
    for number in range(3):
        store.replace(table(), f"s000{number}", later(number), "f")
    picked = store.scan(table(), ["s0001", "s0002"]).filter(pl.col("id") > 12)
    assert picked.select("shard", "id").sort("id").collect().rows() == [
        ("s0001", 13),
        ("s0002", 21),
        ("s0002", 22),
        ("s0002", 23),
    ]
    assert store.scan(table(), ["s0001"]).select(pl.len()).collect().item() == 3
    assert store.scan(table()).filter(pl.col("name").is_null()).head(2).collect().height == 2


def test_dropped_partitions_are_gone_and_unknown_ones_ignored(store: Store) -> None:
    for number, key in enumerate(("s0000", "s0001")):
        store.replace(table(), key, later(number), "f1")
    store.drop(table(), ["s0001", "s0002"])
    assert list(store.describe(table())) == ["s0000"]
    assert store.scan(table()).collect().height == 3


def test_a_removed_table_leaves_nothing_and_can_be_stored_again(store: Store) -> None:
    other = table(name="other")
    for stored_table in (table(), other):
        for number in range(2):
            store.replace(stored_table, f"s000{number}", later(number), "f1")
    store.remove(table())
    store.remove(table())
    assert store.describe(table()) == {}
    assert store.scan(table()).collect().is_empty()
    assert list(store.describe(other)) == ["s0000", "s0001"]
    store.replace(table(), "s0002", FRAME.lazy(), "f2")
    assert list(store.describe(table())) == ["s0002"]


@pytest.mark.parametrize("kind", ["parquet", "delta"])
def test_no_file_of_a_removed_table_is_left(tmp_path: Path, kind: str) -> None:
    store, key = open_store(kind, str(tmp_path)), "s0000"
    with store.opened():
        for frame in (FRAME, FRAME.head(1)):
            store.replace(table(), key, frame.lazy(), "f1")
        store.remove(table())
        assert not Path(store.uri(table())).exists()
        store.replace(table(), key, FRAME.lazy(), "f1")
    assert stored(store, key).equals(FRAME)


@pytest.mark.parametrize("kind", ["parquet", "delta"])
def test_a_file_that_is_not_of_the_table_is_not_removed(tmp_path: Path, kind: str) -> None:
    store = open_store(kind, str(tmp_path))
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    notes = Path(store.uri(table())) / "notes.txt"
    notes.write_text("mine")
    with (
        nullcontext() if kind == "parquet" else pytest.raises(UserError, match=r"holds notes\.txt")
    ):
        store.remove(table())
    assert notes.read_text() == "mine"


def test_another_process_reads_what_was_stored(place: Place) -> None:
    place.open().replace(table(), "s0000", FRAME.lazy(), "f1")
    assert stored(place.open(), "s0000").equals(FRAME)


def test_several_partitions_are_written_while_the_store_is_open(store: Store) -> None:
    with store.opened():
        for number, key in enumerate(("s0000", "s0001")):
            store.replace(table(), key, later(number), "f1")
        assert stored(store, "s0001").equals(later(1).collect())
    assert list(store.describe(table())) == ["s0000", "s0001"]


def test_other_columns_are_refused_with_a_remedy(store: Store) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    changed, frame = table(OtherKinds), pl.LazyFrame({"id": [1], "name": [2]})
    with pytest.raises(ChangedColumnsError, match=r"column name is String.*--recreate"):
        store.replace(changed, "s0001", frame, "f1")
    assert stored(store, "s0000").equals(FRAME)
    store.drop(changed, ["s0000"])
    store.replace(changed, "s0001", frame, "f1")
    assert stored(store, "s0001", changed)["name"].to_list() == [2]


class HardNames(dy.Schema):
    """Names with a meaning in SQL."""

    id = dy.Int64(primary_key=True)
    select = dy.String(nullable=True)
    order = dy.Int64(nullable=True)
    quoted = dy.String(nullable=True, alias='it\'s "so"; drop table x; --')


def test_reserved_words_are_only_names(store: Store) -> None:
    columns = {n: c for n, c in HardNames.columns().items() if n.isidentifier()}
    hard = table(type("Reserved", (dy.Schema,), columns), name="group")
    frame = pl.DataFrame({"id": [1], "select": ["a"], "order": [3]})
    store.replace(hard, "s0000", frame.lazy(), "f1")
    assert stored(store, "s0000", hard).equals(frame)


def _stored_or_refused(store: Store, hard: Table, frame: pl.DataFrame) -> str:
    """The error of a store for names that it refuses; empty if it stores them."""
    try:
        store.replace(hard, "s0000", frame.lazy(), "f1")
    except UserError as error:
        return str(error)
    assert stored(store, "s0000", hard).equals(frame)
    return ""


def test_a_column_name_never_ends_a_statement(store: Store) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    columns = HardNames.columns()
    frame = pl.DataFrame(dict(zip(columns, ([1], ["a"], [3], ["b"]), strict=True)))
    said = _stored_or_refused(store, table(HardNames, name="hard"), frame)
    assert not said or list(columns)[-1] in said
    assert stored(store, "s0000").equals(FRAME)


def test_a_table_name_never_ends_a_statement(store: Store) -> None:
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    hard = table(name="x\"; drop schema test cascade; --`'")
    said = _stored_or_refused(store, hard, FRAME)
    assert not said or hard.name in said
    assert stored(store, "s0000").equals(FRAME)


def _values(value: str, rows: int) -> pl.LazyFrame:
    frame = pl.concat([FRAME] * (rows // len(FRAME)))
    return frame.with_columns(name=pl.lit(value), id=pl.int_range(pl.len())).lazy()


def _replace_forever(place: Place, rows: int) -> None:
    store = place.open()
    while True:
        for value in ("a", "b"):
            store.replace(table(), "s0000", _values(value, rows), value)


@pytest.mark.parametrize("delay", [0.05, pytest.param(0.31, marks=pytest.mark.slow)])
def test_a_killed_writer_leaves_one_whole_partition(place: Place, delay: float) -> None:
    place.open().replace(table(), "s0000", FRAME.lazy(), "first")
    writer = SPAWNED.Process(target=_replace_forever, args=(place, 30_000))
    writer.start()
    time.sleep(1.5 + delay)
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join()
    store = place.open()
    frame, stats = store.scan(table()).collect(), store.describe(table())["s0000"]
    assert stats.rows == len(frame)
    if stats.fingerprint != "first":
        assert len(frame) == 30_000
        assert frame["name"].unique().to_list() == [stats.fingerprint]


def _replace_once(place: Place, key: str, value: str) -> None:
    rows = _values(value, 6_000).with_columns(id=pl.col("id") + int(key[1:]) * 1_000_000)
    place.open().replace(table(), key, rows, value)


@pytest.mark.parametrize(
    "keys", [("s0000", "s0000"), pytest.param(("s0000", "s0001"), marks=pytest.mark.slow)]
)
def test_two_writers_end_with_whole_partitions(place: Place, keys: tuple[str, str]) -> None:
    writers = [
        SPAWNED.Process(target=_replace_once, args=(place, key, value))
        for key, value in zip(keys, ("a", "b"), strict=True)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    store = place.open()
    for key, stats in store.describe(table()).items():
        frame = store.scan(table(), [key]).collect()
        assert len(frame) == stats.rows == 6_000
        assert frame["name"].unique().to_list() == [stats.fingerprint]
    assert set(store.describe(table())) == set(keys)


def test_unknown_store_names_those_there_are() -> None:
    with pytest.raises(UserError, match="known are parquet, duckdb"):
        open_store("csv", "x")


def test_the_frame_has_every_kind() -> None:
    assert list(FRAME.schema) == list(Kinds.columns())
