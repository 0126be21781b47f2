"""Tables with a location: one table to its readers, several physical tables in every store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import psycopg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.location import TableLocation
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Named, Unpartitioned
from synth_assets.core.stored_tables import stored_tables
from synth_assets.stores import DamagedPartitionError, Store, open_store
from synth_assets.stores.copying import copy_partitions
from synth_assets.stores.relocated import store_for
from synth_assets.stores.routing import Stores
from synth_assets.stores.store import ChangedColumnsError, MissingPartitionError
from synth_assets.stores.write_guard import ensure_compatible
from synth_assets_tests.stores.frames import FRAME, Kinds, OtherKinds, later, stored, table
from synth_assets_tests.stores.places import Place

TRAINING, INFERENCE = KEYS = ("training", "inference")
LOCATION = TableLocation("party", {TRAINING: "", INFERENCE: "_inference"})
ROWS = replace(table(name="rows", partitioning=Named(KEYS)), location=LOCATION)
CHANGED = replace(ROWS, schema=OtherKinds)
# The physical tables that a store must have for it, by partition.
PHYSICAL = {
    TRAINING: Table("party", "rows", "", Kinds, Unpartitioned(), source=ROWS.source),
    INFERENCE: Table("party", "rows_inference", "", Kinds, Unpartitioned(), source=ROWS.source),
}
OTHER = later(1).collect()


def filled(store: Store) -> Store:
    """The store of the table, with both partitions in it."""
    per_partition = store_for(ROWS, store)
    per_partition.replace(ROWS, TRAINING, FRAME.lazy(), "f1")
    per_partition.replace(ROWS, INFERENCE, OTHER.lazy(), "f1")
    return per_partition


def test_partitions_are_replaced_and_read_one_by_one(store: Store) -> None:
    per_partition = store_for(ROWS, store)
    assert per_partition.describe(ROWS) == {}
    empty = per_partition.scan(ROWS).collect()
    assert (empty.columns, len(empty)) == ([*FRAME.columns, "split"], 0)
    filled(store)
    partition_stats = per_partition.describe(ROWS)
    assert [(r.key, r.rows, r.fingerprint) for r in partition_stats.values()] == [
        (TRAINING, 3, "f1"),
        (INFERENCE, 3, "f1"),
    ]
    assert list(per_partition.describe(ROWS, without=[TRAINING])) == [INFERENCE]
    both = per_partition.scan(ROWS).select("split", "id").sort("id").collect().rows()
    assert both == [(TRAINING, i) for i in (1, 2, 3)] + [(INFERENCE, i) for i in (11, 12, 13)]
    again = per_partition.replace(ROWS, TRAINING, FRAME.head(1).lazy(), "f2")
    assert (again.key, again.rows) == (TRAINING, 1)
    assert stored(per_partition, TRAINING, ROWS).equals(FRAME.head(1))
    assert stored(per_partition, INFERENCE, ROWS).equals(OTHER)
    assert per_partition.describe(ROWS)[INFERENCE].fingerprint == "f1"
    per_partition.drop(ROWS, [TRAINING])
    assert list(per_partition.describe(ROWS)) == [INFERENCE]
    assert stored(per_partition, INFERENCE, ROWS).equals(OTHER)
    with pytest.raises(MissingPartitionError, match=r"^test/rows has no stored slice training at "):
        per_partition.scan(ROWS, KEYS)


def test_a_partition_is_a_table_with_the_name_of_its_location(place: Place) -> None:
    store = place.open()
    per_partition = filled(store)
    for key, physical in PHYSICAL.items():
        assert list(store.describe(physical)) == ["all"]
        assert stored(store, "all", physical).equals(stored(per_partition, key, ROWS))
    assert per_partition.uri(ROWS) == store.uri(PHYSICAL[TRAINING])
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


def test_a_table_is_removed_with_all_its_physical_tables(tmp_path: Path) -> None:
    store = open_store("parquet", str(tmp_path))
    per_partition = filled(store)
    per_partition.remove(ROWS)
    assert per_partition.describe(ROWS) == {}
    assert not any(Path(store.uri(physical)).exists() for physical in PHYSICAL.values())


def test_other_columns_are_refused_until_the_table_is_recreated(store: Store) -> None:
    per_partition, frame = filled(store), pl.LazyFrame({"id": [1], "name": [2]})
    with pytest.raises(ChangedColumnsError, match=r"^test/rows is stored .*column name is String"):
        per_partition.replace(CHANGED, INFERENCE, frame, "f1")
    with pytest.raises(UserError, match="test/rows holds 1 slices of another scenario"):
        ensure_compatible(per_partition, CHANGED, {INFERENCE}, "f2", recreate=False)
    assert stored(per_partition, INFERENCE, ROWS).equals(OTHER)
    ensure_compatible(per_partition, CHANGED, {INFERENCE}, "f1", recreate=True)
    assert per_partition.describe(CHANGED) == {}
    per_partition.replace(CHANGED, INFERENCE, frame, "f1")
    assert stored(per_partition, INFERENCE, CHANGED)["name"].to_list() == [2]


def test_partitions_are_copied_from_store_to_store(store: Store, tmp_path: Path) -> None:
    lake, back = (open_store("parquet", str(tmp_path / name)) for name in ("lake", "back"))
    filled(lake)
    for source, target in ((lake, store), (store, back)):
        copied = list(copy_partitions(ROWS, source, target, KEYS))
        assert [(c.stats.key, c.copied) for c in copied] == [(key, True) for key in KEYS]
    assert [c.copied for c in copy_partitions(ROWS, lake, back, KEYS)] == [False, False]
    assert stored(store_for(ROWS, back), TRAINING, ROWS).equals(FRAME)
    assert stored(back, "all", PHYSICAL[INFERENCE]).equals(OTHER)


def test_a_damaged_partition_is_reported_with_the_key_of_the_declared_table(tmp_path: Path) -> None:
    store = open_store("parquet", str(tmp_path))
    per_partition = filled(store)
    (file,) = (tmp_path / "party" / "rows_inference").rglob("*.parquet")
    file.write_bytes(b"PAR1")
    said = "slice inference of test/rows is damaged.*materialize test/rows --partitions inference"
    with pytest.raises(DamagedPartitionError, match=said):
        per_partition.scan(ROWS)
    assert list(per_partition.describe(ROWS, without=[INFERENCE])) == [TRAINING]
    per_partition.replace(ROWS, INFERENCE, OTHER.lazy(), "f1")
    assert stored(per_partition, INFERENCE, ROWS).equals(OTHER)


def test_routes_read_relocated_tables_like_any_other(tmp_path: Path) -> None:
    store = open_store("parquet", str(tmp_path))
    stores = Stores.only(store)
    filled(store)
    assert list(stores.describe(ROWS)) == list(KEYS)
    assert stores.scan(ROWS, [INFERENCE]).drop("split").sort("id").collect().equals(OTHER)
    assert stores.of(table()) is store


def test_the_physical_tables_of_a_table_refer_to_one_another() -> None:
    child = replace(ROWS, name="child", parents={"rows": "rows"}, deps=["source"])
    assert [t.path for t in stored_tables(child)] == ["party/child", "party/child_inference"]
    assert [dict(t.parents) for t in stored_tables(child)] == [
        {"rows": "rows"},
        {"rows": "rows_inference"},
    ]
    assert all(t.location is None and not t.deps for t in stored_tables(child))
    usual = table()
    assert stored_tables(usual) == [usual]


RELOCATED = replace(table(name="rows", partitioning=Named(KEYS)), location=TableLocation("party"))


def test_a_table_may_be_stored_in_a_schema_other_than_its_domains(store: Store) -> None:
    relocated, physical = (
        store_for(RELOCATED, store),
        replace(RELOCATED, domain="party", location=None),
    )
    assert relocated.describe(RELOCATED) == {}
    relocated.replace(RELOCATED, TRAINING, FRAME.lazy(), "f1")
    relocated.replace(RELOCATED, INFERENCE, OTHER.lazy(), "f1")
    assert stored_tables(RELOCATED) == [physical]
    assert set(relocated.describe(RELOCATED)) == set(store.describe(physical)) == set(KEYS)
    assert relocated.uri(RELOCATED) == store.uri(physical)
    assert store.describe(replace(RELOCATED, location=None)) == {}
    assert stored(relocated, INFERENCE, RELOCATED).equals(OTHER)
    relocated.drop(RELOCATED, [TRAINING])
    with pytest.raises(MissingPartitionError, match=r"^test/rows has no stored slice training at "):
        relocated.scan(RELOCATED, [TRAINING])
    other = replace(RELOCATED, schema=OtherKinds)
    with pytest.raises(ChangedColumnsError, match=r"^test/rows is stored"):
        relocated.replace(other, TRAINING, pl.LazyFrame({"id": [1], "name": [2]}), "f1")
