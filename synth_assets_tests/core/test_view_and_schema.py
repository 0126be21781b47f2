"""Checks read one state of the store; columns, constraints and SQL types come from the schema."""

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
    """Columns with every kind of metadata."""

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
    source=Generated(lambda scenario, index: index, lambda scenario, partition: pl.LazyFrame()),
)
DOMAIN = Domain("test", "", [], Scenario(), [PEOPLE])


def people(*ids: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"id": ids, "email": None, "boss": None, "share": 0.5}, schema=polars_schema(Person)
    )


class Counting(Memory):
    """A store that counts how often it is read."""

    def __init__(self, slices: Mapping[str, Mapping[str, pl.DataFrame]]) -> None:
        super().__init__(slices)
        self.reads: Counter[str] = Counter()

    def describe(self, table: Table, without: Collection[str] = ()) -> dict[str, PartitionStats]:
        self.reads["describe"] += 1
        return super().describe(table, without)

    def scan(self, table: Table, keys: Sequence[str] | None = None) -> pl.LazyFrame:
        self.reads["scan"] += 1
        return super().scan(table, keys)


@pytest.fixture
def store() -> Counting:
    return Counting({"people": {"s0000": people(1, 2), "s0001": people(3), "s0002": people()}})


def test_a_cached_reader_reads_the_store_once_and_returns_the_same(store: Counting) -> None:
    cached = CachedReader(store)
    for keys in (None, ["s0000"], ["s0001", "s0002"], []):
        expected = (
            [1, 2, 3]
            if keys is None
            else [i for k in keys for i in store.slices["people"][k]["id"]]
        )
        assert cached.scan(PEOPLE, keys).collect()["id"].to_list() == expected
    assert list(cached.describe(PEOPLE)) == ["s0000", "s0001", "s0002"]
    assert list(cached.describe(PEOPLE, without=["s0000"])) == ["s0001", "s0002"]
    assert store.reads == {"describe": 1, "scan": 1}


def test_a_cached_reader_keeps_its_state_while_the_store_changes(store: Counting) -> None:
    cached = CachedReader(store)
    cached.scan(PEOPLE)
    store.slices["people"]["s0001"] = people(8, 9)
    assert cached.scan(PEOPLE, ["s0001"]).collect()["id"].to_list() == [3]
    assert cached.describe(PEOPLE)["s0001"].rows == 1


def test_a_cached_reader_raises_for_missing_partitions(store: Counting) -> None:
    del store.slices["people"]["s0001"]
    with pytest.raises(UserError, match="s0001"):
        CachedReader(store).scan(PEOPLE, ["s0000", "s0001"])


def test_a_cached_reader_does_not_keep_large_tables(
    store: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_reader, "ROWS_IN_MEMORY", 2)
    cached = CachedReader(store)
    assert len(cached.scan(PEOPLE).collect()) == 3
    assert cached.scan(PEOPLE, ["s0001"]).collect()["id"].to_list() == [3]
    assert store.reads["scan"] == 2


def test_partitions_with_different_columns_can_be_read_one_by_one(store: Counting) -> None:
    store.slices["people"]["s0001"] = people(3).drop("email")
    cached = CachedReader(store)
    assert cached.scan(PEOPLE, ["s0000"]).collect()["id"].to_list() == [1, 2]
    assert cached.scan(PEOPLE, ["s0001"]).collect().columns == ["id", "boss", "share", "shard"]


def test_a_view_has_the_current_partitions_and_the_whole_table(store: Counting) -> None:
    here = TableView(DOMAIN, PEOPLE, ["s0001"], store, Scenario())
    assert here.current().collect()["id"].to_list() == [3]
    assert here.all().collect()["id"].to_list() == [1, 2, 3]
    assert list(here.other("people").keys) == ["s0000", "s0001", "s0002"]
    nothing = TableView(DOMAIN, PEOPLE, [], Memory({}), Scenario())
    with pytest.raises(UserError, match="synth materialize test/people"):
        _ = nothing.all()


def test_columns_have_all_their_metadata() -> None:
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
def test_violations_are_the_rows_that_violate_the_schema(
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


def test_a_schema_without_a_rule_is_never_violated() -> None:
    class Loose(dy.Schema):
        """Every column may be null."""

        note = dy.String(nullable=True)

    frame = pl.DataFrame({"note": ["a", None]})
    assert frame.filter(violations(Loose)).is_empty()
