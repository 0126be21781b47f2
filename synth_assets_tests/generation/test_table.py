"""A table's slices hold its rows and nothing else decides what is in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_assets.generation import table as table_module
from synth_assets.generation.domain import Domain
from synth_assets.generation.draws import Draw
from synth_assets.generation.errors import UserError
from synth_assets.generation.scenario import Scenario
from synth_assets.generation.slicing import Daily, Shards, Slice, Splits, Whole
from synth_assets.generation.table import Table, row_numbers

ROWS = 1_000


class Things(dy.Schema):
    """Fewer columns than are generated, and narrower."""

    colour = dy.Enum(["red", "green"])
    size = dy.Int32()


def make(scenario: Any, piece: Slice) -> pl.LazyFrame:
    row, draw = pl.col("row"), Draw(scenario.seed, "test", "things")
    return row_numbers(piece).with_columns(
        size=draw.named("size").integers(row, 0, 100),
        colour=draw.named("colour").choice(row, {"red": 1, "green": 1}).cast(pl.String),
        further=row,
    )


def cut(slicing: Any) -> Table:
    return Table(
        domain="test",
        name="things",
        doc="",
        schema=Things,
        slicing=slicing,
        rows_before=lambda scenario, step: slicing.position(step, ROWS),
        generate=make,
    )


def rows_of(table: Table, keys: list[str] | None = None) -> pl.DataFrame:
    keys = list(table.slicing.keys()) if keys is None else keys
    pieces = list(table.frames(Scenario(), keys))
    assert [piece.key for piece, _ in pieces] == keys
    return pl.concat(frame.collect() for _, frame in pieces)


def test_a_frame_has_the_columns_and_types_of_the_schema_alone() -> None:
    frame = cut(Whole()).frame(Scenario(), cut(Whole()).slice(Scenario(), "all")).collect()
    assert frame.schema == pl.Schema({"colour": pl.Enum(["red", "green"]), "size": pl.Int32()})


@given(st.integers(1, 60))
def test_the_rows_do_not_depend_on_the_number_of_shards(count: int) -> None:
    assert rows_of(cut(Shards(count))).equals(rows_of(cut(Whole())))


def test_the_rows_do_not_depend_on_the_kind_of_slicing() -> None:
    assert rows_of(cut(Splits(("a", "b", "c")))).equals(rows_of(cut(Whole())))


@given(st.integers(1, 1_100))
def test_the_rows_do_not_depend_on_the_size_of_batches(rows: int) -> None:
    table = cut(Shards(2))
    piece = table.slice(Scenario(), "s0001")
    if rows < 25:
        piece = replace(piece, stop=piece.start + 40)
    batches = [table.frame(Scenario(), batch).collect() for batch in piece.batches(rows)]
    assert pl.concat(batches).equals(table.frame(Scenario(), piece).collect())


@pytest.mark.parametrize("rows_at_once", [1, 150, 500_000])
@pytest.mark.parametrize(
    "keys", [["s0003"], ["s0000", "s0001", "s0005"], ["s0004", "s0003"], ["s0002", "s0002"], []]
)
def test_slices_made_together_are_those_made_alone(
    keys: list[str], rows_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_module, "ROWS_AT_ONCE", rows_at_once)
    table = cut(Shards(10))
    together = list(table.frames(Scenario(), keys))
    assert [piece for piece, _ in together] == [table.slice(Scenario(), key) for key in keys]
    for piece, frame in together:
        assert frame.collect().equals(table.frame(Scenario(), piece).collect())


def test_shards_without_rows_are_made_too() -> None:
    table = replace(cut(Shards(8)), rows_before=lambda scenario, step: Shards(8).position(step, 3))
    frames = [frame.collect() for _, frame in table.frames(Scenario(), table.slicing.keys())]
    assert sorted(len(f) for f in frames) == [0, 0, 0, 0, 0, 1, 1, 1]
    assert len({str(f.schema) for f in frames}) == 1


def test_path_parents_and_a_wrong_key() -> None:
    table = replace(cut(Shards(2)), parents={"a": "x", "b": "y"}, follows=["y", "z"])
    assert table.path == "test/things"
    assert table.parent_names == ["x", "y", "z"]
    with pytest.raises(UserError, match="s0002"):
        table.slice(Scenario(), "s0002")


def test_a_domain_knows_its_tables_by_name() -> None:
    domain = Domain("test", "", [], Scenario(), [cut(Daily(date(2026, 1, 1)))])
    assert domain.table("things").name == "things"
    with pytest.raises(UserError, match=r"'thing'.*known are things"):
        domain.table("thing")
