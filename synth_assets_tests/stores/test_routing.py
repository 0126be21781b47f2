"""Which table is in which store, and how partitions are copied between stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.stores import Store, open_store
from synth_assets.stores.copying import copy_partitions
from synth_assets.stores.routing import Routes, Stores
from synth_assets_tests.stores.frames import FRAME, later, stored, table

KEYS = ["s0000", "s0001", "s0002"]


def test_the_narrowest_route_wins() -> None:
    routes = Routes.parse("duckdb, test=postgres ,test/by_day=delta")
    assert routes.kind_of(table(name="by_day")) == "delta"
    assert routes.kind_of(table()) == "postgres"
    assert Routes.parse("duckdb").kind_of(table()) == "duckdb"
    assert Routes.parse("test=delta") == Routes("parquet", {"test": "delta"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("csv", "'csv': must be one of parquet, duckdb, postgres, bigquery, delta"),
        ("test=csv", "'test=csv': must be one of"),
        ("parquet,duckdb", "there is one store for the rest"),
        ("test=delta,test=duckdb", "test has a store already, delta"),
    ],
)
def test_an_invalid_route_is_reported(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        Routes.parse(text)


def test_a_route_of_an_unknown_table_is_reported() -> None:
    routes = Routes.parse("test/by_dya=delta")
    with pytest.raises(UserError, match="'test/by_dya': known are test, test/by_day"):
        routes.refuse_unknown([table(name="by_day")])


def test_every_table_is_read_from_its_store(tmp_path: Path) -> None:
    routes = Routes.parse("parquet,test/by_day=duckdb")
    stores = Stores(routes, lambda kind: open_store(kind, str(tmp_path / kind)))
    one, other = table(), table(name="by_day")
    for which in (one, other):
        stores.of(which).replace(which, "s0000", FRAME.lazy(), "f1")
    assert stores.of(one).kind == "parquet"
    assert stores.of(other) is stores.of(other)
    assert stores.describe(other)["s0000"].uri.startswith("duckdb://")
    assert stores.scan(other, ["s0000"]).collect().height == 3


@pytest.fixture
def lake(tmp_path: Path) -> Store:
    store = open_store("parquet", str(tmp_path / "lake"))
    for number, key in enumerate(KEYS):
        store.replace(table(), key, later(number), "f1")
    return store


def test_a_copy_is_the_same_in_every_store(lake: Store, store: Store, tmp_path: Path) -> None:
    back = open_store("parquet", str(tmp_path / "back"))
    for source, target in ((lake, store), (store, back)):
        assert [c.stats.key for c in copy_partitions(table(), source, target, KEYS)] == KEYS
    for key in KEYS:
        assert stored(back, key).equals(stored(lake, key))
        assert back.describe(table())[key].fingerprint == "f1"


def test_an_interrupted_copy_is_resumed(lake: Store, tmp_path: Path) -> None:
    target = open_store("duckdb", str(tmp_path / "x.duckdb"))
    next(copy_partitions(table(), lake, target, KEYS))
    assert list(target.describe(table())) == KEYS[:1]
    assert [c.copied for c in copy_partitions(table(), lake, target, KEYS)] == [False, True, True]


def test_a_copy_never_mixes_scenarios(lake: Store, tmp_path: Path) -> None:
    target = open_store("duckdb", str(tmp_path / "x.duckdb"))
    target.replace(table(), "s0002", FRAME.head(1).lazy(), "f2")
    with pytest.raises(UserError, match=r"another scenario.*--recreate"):
        list(copy_partitions(table(), lake, target, KEYS[:2]))
    list(copy_partitions(table(), lake, target, KEYS[:2], recreate=True))
    assert list(target.describe(table())) == KEYS[:2]


def test_partitions_of_several_scenarios_are_not_copied(lake: Store, tmp_path: Path) -> None:
    lake.replace(table(), "s0001", FRAME.lazy(), "f2")
    target = open_store("duckdb", str(tmp_path / "x.duckdb"))
    with pytest.raises(UserError, match="several scenarios"):
        list(copy_partitions(table(), lake, target, KEYS))
    with pytest.raises(UserError, match="other code"):
        list(copy_partitions(table(version="2"), lake, target, KEYS[:1]))


def test_partitions_that_are_not_stored_are_not_copied(lake: Store, tmp_path: Path) -> None:
    target = open_store("duckdb", str(tmp_path / "x.duckdb"))
    assert list(copy_partitions(table(name="none"), lake, target, KEYS)) == []
