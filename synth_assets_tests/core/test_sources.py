"""The rows of a table do not depend on partitioning, batches or runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_assets.core import sources
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Daily, Named, Partition, Sharded, Unpartitioned
from synth_assets.core.scenario import Scenario
from synth_assets.core.sources import Generated, row_numbers
from synth_assets.randomness.streams import RandomStream

ROWS = 1_000


class Things(dy.Schema):
    """Fewer columns than are generated, and narrower."""

    colour = dy.Enum(["red", "green"])
    size = dy.Int32()


def make(scenario: Any, partition: Partition) -> pl.LazyFrame:
    row, draw = pl.col("row"), RandomStream(scenario.seed, "test", "things")
    return row_numbers(partition).with_columns(
        size=draw.substream("size").integers(row, 0, 100),
        colour=draw.substream("colour").choice(row, {"red": 1, "green": 1}).cast(pl.String),
        further=row,
    )


def cut(partitioning: Any) -> Table:
    return Table(
        domain="test",
        name="things",
        doc="",
        schema=Things,
        partitioning=partitioning,
        source=Generated(lambda scenario, index: partitioning.row_offset(index, ROWS), make),
    )


def rows_of(table: Table, keys: list[str] | None = None) -> pl.DataFrame:
    keys = list(table.partitioning.keys()) if keys is None else keys
    partitions = list(sources.frames(table, Scenario(), keys))
    assert [partition.key for partition, _ in partitions] == keys
    return pl.concat(frame.collect() for _, frame in partitions)


def test_a_frame_has_exactly_the_columns_and_types_of_the_schema() -> None:
    frame = rows_of(cut(Unpartitioned()))
    assert frame.schema == pl.Schema({"colour": pl.Enum(["red", "green"]), "size": pl.Int32()})


@given(st.integers(1, 60))
def test_the_rows_do_not_depend_on_the_number_of_shards(count: int) -> None:
    assert rows_of(cut(Sharded(count))).equals(rows_of(cut(Unpartitioned())))


def test_the_rows_do_not_depend_on_the_kind_of_partitioning() -> None:
    assert rows_of(cut(Named(("a", "b", "c")))).equals(rows_of(cut(Unpartitioned())))


@given(st.integers(1, 1_100))
def test_the_rows_do_not_depend_on_the_size_of_batches(rows: int) -> None:
    table = cut(Sharded(2))
    partition = table.partition(Scenario(), "s0001")
    if rows < 25:
        partition = replace(partition, stop=partition.start + 40)
    batches = [
        sources.frame(table, Scenario(), batch).collect() for batch in partition.batches(rows)
    ]
    assert pl.concat(batches).equals(sources.frame(table, Scenario(), partition).collect())


@pytest.mark.parametrize("rows_at_once", [1, 150, 500_000])
@pytest.mark.parametrize(
    "keys", [["s0003"], ["s0000", "s0001", "s0005"], ["s0004", "s0003"], ["s0002", "s0002"], []]
)
def test_partitions_generated_together_equal_those_generated_alone(
    keys: list[str], rows_at_once: int
) -> None:
    table = cut(Sharded(10))
    table = replace(table, source=replace(sources.generated(table), rows_at_once=rows_at_once))
    together = list(sources.frames(table, Scenario(), keys))
    assert [partition for partition, _ in together] == [
        table.partition(Scenario(), key) for key in keys
    ]
    for partition, frame in together:
        assert frame.collect().equals(sources.frame(table, Scenario(), partition).collect())


def test_shards_without_rows_are_generated_too() -> None:
    few = Generated(lambda scenario, index: Sharded(8).row_offset(index, 3), make)
    table = replace(cut(Sharded(8)), source=few)
    frames = [
        frame.collect() for _, frame in sources.frames(table, Scenario(), table.partitioning.keys())
    ]
    assert sorted(len(f) for f in frames) == [0, 0, 0, 0, 0, 1, 1, 1]
    assert len({str(f.schema) for f in frames}) == 1


def test_path_parents_and_a_wrong_key() -> None:
    table = replace(cut(Sharded(2)), parents={"a": "x", "b": "y"}, deps=["y", "z"])
    assert table.path == "test/things"
    assert table.parent_names == ["x", "y", "z"]
    with pytest.raises(UserError, match="s0002"):
        table.partition(Scenario(), "s0002")


def test_a_domain_returns_its_tables_by_name() -> None:
    domain = Domain("test", "", [], Scenario(), [cut(Daily(date(2026, 1, 1)))])
    assert domain.table("things").name == "things"
    with pytest.raises(UserError, match=r"'thing'.*known are things"):
        domain.table("thing")
