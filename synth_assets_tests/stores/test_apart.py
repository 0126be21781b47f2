"""Partitions that are tables by themselves: one table to whoever asks, several in every store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import psycopg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table, TableLocation
from synth_assets.core.partitioning import Named, Unpartitioned
from synth_assets.stores import DamagedPartitionError, Store, open_store
from synth_assets.stores.admission import make_room
from synth_assets.stores.apart import store_for
from synth_assets.stores.copying import copy_partitions
from synth_assets.stores.routing import Stores
from synth_assets.stores.store import ChangedColumnsError, MissingPartitionError
from synth_assets_tests.stores.frames import FRAME, Kinds, OtherKinds, later, stored, table
from synth_assets_tests.stores.places import Place

TRAINING, INFERENCE = KEYS = ("training", "inference")
PLACEMENT = TableLocation("party", {TRAINING: "", INFERENCE: "_inference"})
ROWS = replace(table(name="rows", partitioning=Named(KEYS)), location=PLACEMENT)
CHANGED = replace(ROWS, schema=OtherKinds)
# The tables that a store has to have for it, by the names that it is given.
PHYSICAL = {
    TRAINING: Table("party", "rows", "", Kinds, Unpartitioned(), source=ROWS.source),
    INFERENCE: Table("party", "rows_inference", "", Kinds, Unpartitioned(), source=ROWS.source),
}
OTHER = later(1).collect()


def filled(store: Store) -> Store:
    """The table's store, with both partitions."""
    apart = store_for(ROWS, store)
    apart.replace(ROWS, TRAINING, FRAME.lazy(), "f1")
    apart.replace(ROWS, INFERENCE, OTHER.lazy(), "f1")
    return apart


def test_slices_go_in_and_come_out_one_by_one(store: Store) -> None:
    apart = store_for(ROWS, store)
    assert apart.describe(ROWS) == {}
    empty = apart.scan(ROWS).collect()
    assert (empty.columns, len(empty)) == ([*FRAME.columns, "split"], 0)
    filled(store)
    partition_stats = apart.describe(ROWS)
    assert [(r.key, r.rows, r.fingerprint) for r in partition_stats.values()] == [
        (TRAINING, 3, "f1"),
        (INFERENCE, 3, "f1"),
    ]
    assert list(apart.describe(ROWS, without=[TRAINING])) == [INFERENCE]
    both = apart.scan(ROWS).select("split", "id").sort("id").collect().rows()
    assert both == [(TRAINING, i) for i in (1, 2, 3)] + [(INFERENCE, i) for i in (11, 12, 13)]
    again = apart.replace(ROWS, TRAINING, FRAME.head(1).lazy(), "f2")
    assert (again.key, again.rows) == (TRAINING, 1)
    assert stored(apart, TRAINING, ROWS).equals(FRAME.head(1))
    assert stored(apart, INFERENCE, ROWS).equals(OTHER)
    assert apart.describe(ROWS)[INFERENCE].fingerprint == "f1"
    apart.drop(ROWS, [TRAINING])
    assert list(apart.describe(ROWS)) == [INFERENCE]
    assert stored(apart, INFERENCE, ROWS).equals(OTHER)
    with pytest.raises(MissingPartitionError, match=r"^test/rows has no stored slice training at "):
        apart.scan(ROWS, KEYS)


def test_a_slice_is_a_table_of_the_name_it_is_given(place: Place) -> None:
    store = place.open()
    apart = filled(store)
    for key, physical in PHYSICAL.items():
        assert list(store.describe(physical)) == ["all"]
        assert stored(store, "all", physical).equals(stored(apart, key, ROWS))
    assert apart.uri(ROWS) == store.uri(PHYSICAL[TRAINING])
    assert store.describe(ROWS) == {}
    if place.kind == "duckdb":
        with duckdb.connect(place.location, read_only=True) as db:
            found = [db.sql(f"from party.{t.name} select id").fetchall() for t in PHYSICAL.values()]
    elif place.kind == "postgres":
        with psycopg.connect(place.location) as pg:
            names = [t.name for t in PHYSICAL.values()]
            found = [pg.execute(f"select id from party.{name}").fetchall() for name in names]  # type: ignore[arg-type]
    else:
        return
    assert [sorted(rows) for rows in found] == [[(1,), (2,), (3,)], [(11,), (12,), (13,)]]


def test_other_columns_are_refused_until_the_table_is_recreated(store: Store) -> None:
    apart, frame = filled(store), pl.LazyFrame({"id": [1], "name": [2]})
    with pytest.raises(ChangedColumnsError, match=r"^test/rows is stored .*column name is String"):
        apart.replace(CHANGED, INFERENCE, frame, "f1")
    with pytest.raises(UserError, match="test/rows holds 1 slices of another scenario"):
        make_room(apart, CHANGED, {INFERENCE}, "f2", recreate=False)
    assert stored(apart, INFERENCE, ROWS).equals(OTHER)
    make_room(apart, CHANGED, {INFERENCE}, "f1", recreate=True)
    assert apart.describe(CHANGED) == {}
    apart.replace(CHANGED, INFERENCE, frame, "f1")
    assert stored(apart, INFERENCE, CHANGED)["name"].to_list() == [2]


def test_slices_are_copied_from_store_to_store(store: Store, tmp_path: Path) -> None:
    lake, back = (open_store("parquet", str(tmp_path / name)) for name in ("lake", "back"))
    filled(lake)
    for source, target in ((lake, store), (store, back)):
        copied = list(copy_partitions(ROWS, source, target, KEYS))
        assert [(c.stats.key, c.moved) for c in copied] == [(key, True) for key in KEYS]
    assert [c.moved for c in copy_partitions(ROWS, lake, back, KEYS)] == [False, False]
    assert stored(store_for(ROWS, back), TRAINING, ROWS).equals(FRAME)
    assert stored(back, "all", PHYSICAL[INFERENCE]).equals(OTHER)


def test_a_damaged_slice_is_named_as_the_table_has_it(tmp_path: Path) -> None:
    store = open_store("parquet", str(tmp_path))
    apart = filled(store)
    (file,) = (tmp_path / "party" / "rows_inference").rglob("*.parquet")
    file.write_bytes(b"PAR1")
    said = "slice inference of test/rows is damaged.*materialize test/rows --partitions inference"
    with pytest.raises(DamagedPartitionError, match=said):
        apart.scan(ROWS)
    assert list(apart.describe(ROWS, without=[INFERENCE])) == [TRAINING]
    apart.replace(ROWS, INFERENCE, OTHER.lazy(), "f1")
    assert stored(apart, INFERENCE, ROWS).equals(OTHER)


def test_whoever_reads_through_the_routes_needs_not_know(tmp_path: Path) -> None:
    store = open_store("parquet", str(tmp_path))
    stores = Stores.only(store)
    filled(store)
    assert list(stores.describe(ROWS)) == list(KEYS)
    assert stores.scan(ROWS, [INFERENCE]).drop("split").sort("id").collect().equals(OTHER)
    assert stores.of(table()) is store


def test_the_tables_of_a_placed_table_refer_to_one_another() -> None:
    child = replace(ROWS, name="child", parents={"rows": "rows"}, deps=["source"])
    assert [t.path for t in child.stored_tables()] == ["party/child", "party/child_inference"]
    assert [dict(t.parents) for t in child.stored_tables()] == [
        {"rows": "rows"},
        {"rows": "rows_inference"},
    ]
    assert all(t.location is None and not t.deps for t in child.stored_tables())
    usual = table()
    assert usual.stored_tables() == [usual]


MOVED = replace(table(name="rows", partitioning=Named(KEYS)), location=TableLocation("party"))


def test_a_table_may_lie_in_a_schema_that_is_not_its_domains(store: Store) -> None:
    moved, physical = store_for(MOVED, store), replace(MOVED, domain="party", location=None)
    assert moved.describe(MOVED) == {}
    moved.replace(MOVED, TRAINING, FRAME.lazy(), "f1")
    moved.replace(MOVED, INFERENCE, OTHER.lazy(), "f1")
    assert MOVED.stored_tables() == [physical]
    assert set(moved.describe(MOVED)) == set(store.describe(physical)) == set(KEYS)
    assert moved.uri(MOVED) == store.uri(physical)
    assert store.describe(replace(MOVED, location=None)) == {}
    assert stored(moved, INFERENCE, MOVED).equals(OTHER)
    moved.drop(MOVED, [TRAINING])
    with pytest.raises(MissingPartitionError, match=r"^test/rows has no stored slice training at "):
        moved.scan(MOVED, [TRAINING])
    other = replace(MOVED, schema=OtherKinds)
    with pytest.raises(ChangedColumnsError, match=r"^test/rows is stored"):
        moved.replace(other, TRAINING, pl.LazyFrame({"id": [1], "name": [2]}), "f1")
