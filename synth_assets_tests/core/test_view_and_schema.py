"""Checks see one state of the store, and a schema says the same wherever it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import dataframely as dy
import polars as pl
import pytest

from synth_assets.core import cached_reader
from synth_assets.core.cached_reader import CachedReader
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table, TableView
from synth_assets.core.partition_stats import PartitionStats
from synth_assets.core.partitioning import Sharded
from synth_assets.core.scenario import Scenario
from synth_assets.core.schema import (
    columns_of,
    pii,
    polars_schema,
    references,
    sql_type,
    violations,
)
from synth_assets.core.sources import Generated
from synth_assets_tests.quality.memory import Memory


class Person(dy.Schema):
    """Every mark that a column may carry."""

    id = dy.Int64(primary_key=True, min=1, description="Number.")
    email = dy.String(nullable=True, regex="@", metadata=pii("email"))
    boss = dy.Int64(nullable=True, metadata=references("people", "id"))
    share = dy.Float64(min=0, max_exclusive=1)


PEOPLE = Table(
    domain="test",
    name="people",
    doc="",
    schema=Person,
    partitioning=Sharded(3),
    source=Generated(lambda scenario, step: step, lambda scenario, partition: pl.LazyFrame()),
)
WORLD = Domain("test", "", [], Scenario(), [PEOPLE])


def people(*ids: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"id": ids, "email": None, "boss": None, "share": 0.5}, schema=polars_schema(Person)
    )


class Counting(Memory):
    """A store that counts how often it is asked."""

    def __init__(self, slices: Mapping[str, Mapping[str, pl.DataFrame]]) -> None:
        super().__init__(slices)
        self.asked: Counter[str] = Counter()

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        self.asked["describe"] += 1
        return super().describe(table, without)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        self.asked["scan"] += 1
        return super().scan(table, keys)


@pytest.fixture
def store() -> Counting:
    return Counting({"people": {"s0000": people(1, 2), "s0001": people(3), "s0002": people()}})


def test_a_snapshot_asks_the_store_once_and_answers_alike(store: Counting) -> None:
    snapshot = CachedReader(store)
    for keys in (None, ["s0000"], ["s0001", "s0002"], []):
        wanted = (
            [1, 2, 3]
            if keys is None
            else [i for k in keys for i in store.slices["people"][k]["id"]]
        )
        assert snapshot.scan(PEOPLE, keys).collect()["id"].to_list() == wanted
    assert list(snapshot.describe(PEOPLE)) == ["s0000", "s0001", "s0002"]
    assert list(snapshot.describe(PEOPLE, without=["s0000"])) == ["s0001", "s0002"]
    assert store.asked == {"describe": 1, "scan": 1}


def test_a_snapshot_keeps_its_state_while_the_store_moves_on(store: Counting) -> None:
    snapshot = CachedReader(store)
    snapshot.scan(PEOPLE)
    store.slices["people"]["s0001"] = people(8, 9)
    assert snapshot.scan(PEOPLE, ["s0001"]).collect()["id"].to_list() == [3]
    assert snapshot.describe(PEOPLE)["s0001"].rows == 1


def test_a_snapshot_lets_the_store_say_what_is_missing(store: Counting) -> None:
    del store.slices["people"]["s0001"]
    with pytest.raises(UserError, match="s0001"):
        CachedReader(store).scan(PEOPLE, ["s0000", "s0001"])


def test_a_snapshot_does_not_hold_large_tables(
    store: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_reader, "ROWS_IN_MEMORY", 2)
    snapshot = CachedReader(store)
    assert len(snapshot.scan(PEOPLE).collect()) == 3
    assert snapshot.scan(PEOPLE, ["s0001"]).collect()["id"].to_list() == [3]
    assert store.asked["scan"] == 2


def test_slices_of_different_shape_can_be_read_one_by_one(store: Counting) -> None:
    store.slices["people"]["s0001"] = people(3).drop("email")
    snapshot = CachedReader(store)
    assert snapshot.scan(PEOPLE, ["s0000"]).collect()["id"].to_list() == [1, 2]
    assert snapshot.scan(PEOPLE, ["s0001"]).collect().columns == ["id", "boss", "share", "shard"]


def test_stored_is_the_partitions_under_judgement_and_the_whole(store: Counting) -> None:
    here = TableView(WORLD, PEOPLE, ["s0001"], store, Scenario())
    assert here.current().collect()["id"].to_list() == [3]
    assert here.all().collect()["id"].to_list() == [1, 2, 3]
    assert list(here.other("people").keys) == ["s0000", "s0001", "s0002"]
    nothing = TableView(WORLD, PEOPLE, [], Memory({}), Scenario())
    with pytest.raises(UserError, match="synth materialize test/people"):
        _ = nothing.all()


def test_columns_say_everything_about_themselves() -> None:
    number, email, boss, share = columns_of(Person)
    assert [c.name for c in columns_of(Person)] == ["id", "email", "boss", "share"]
    assert (number.primary_key, number.nullable, number.description) == (True, False, "Number.")
    assert (number.constraints, share.constraints) == (("min 1",), ("min 0", "max exclusive 1"))
    assert (email.pii, email.nullable, email.constraints) == ("email", True, ("regex @",))
    assert (boss.foreign_key, email.foreign_key) == (("people", "id"), None)


@pytest.mark.parametrize(
    ("row", "broken"),
    [
        ((1, "a@b", None, 0.0), False),
        ((1, None, None, 0.99), False),
        ((0, None, None, 0.5), True),
        ((None, None, None, 0.5), True),
        ((1, "ab", None, 0.5), True),
        ((1, None, None, 1.0), True),
        ((1, None, None, -0.1), True),
        ((1, None, None, None), True),
    ],
)
def test_violations_are_the_rows_that_break_the_schema(
    row: tuple[object, ...], broken: bool
) -> None:
    frame = pl.DataFrame([row], schema=polars_schema(Person), orient="row")
    assert frame.select(violations(Person)).item() is broken
    assert Person.is_valid(frame) is not broken, "dataframely judges otherwise"


def test_sql_types_of_all_that_tables_use() -> None:
    assert sql_type(pl.Decimal(10, 2)) == "decimal(10,2)"
    assert sql_type(pl.Datetime("us")) == "timestamp"
    assert sql_type(pl.Enum(["a"])) == "varchar"
    assert sql_type(pl.Int64()) == "bigint"
    assert sql_type(pl.Datetime("us", "UTC")) == "timestamp with time zone"
    nested = pl.List(pl.Struct({"key": pl.String, "value": pl.Int32}))
    assert sql_type(nested) == 'struct("key" varchar, "value" integer)[]'
    with pytest.raises(UserError, match="Int128"):
        sql_type(pl.Int128())
