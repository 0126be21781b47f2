"""The order of rows proves unique keys of large partitions, and never where keys repeat."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import polars as pl
import pytest

from synth_assets.core.model import TableView
from synth_assets.quality import key_ranges, keys
from synth_assets.quality.key_ranges import increasing, rises
from synth_assets_tests.quality.memory import Memory
from synth_assets_tests.quality.parent_child import DOMAIN, K0, K1

KEY = ["source", "id"]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ranges, "LEAST_ROWS", 1)


def view(*partitions: Sequence[tuple[str | None, str | None]]) -> TableView:
    frames = [pl.DataFrame(p, schema={"source": pl.String, "id": pl.String}, orient="row")
              for p in partitions]  # fmt: skip
    reader = Memory({"child": dict(zip((K0, K1), frames, strict=False))})
    table = DOMAIN.table("child")
    return TableView(DOMAIN, table, list(reader.describe(table)), reader, DOMAIN.scenario)


PROVED = {
    "ranges": view([("a", "1"), ("a", "2")], [("a", "3"), ("a", "5")]),
    "the order of partitions does not matter": view([("a", "3")], [("a", "1"), ("a", "2")]),
    "two sources with the same ids": view([("b", "1"), ("b", "2"), ("a", "1")], [("a", "2")]),
    "nulls are no keys": view([("a", "1"), ("a", None), (None, "1")], [("a", "2")]),
}
UNPROVED = {
    "twice in a partition": view([("a", "1"), ("a", "1")], [("a", "3")]),
    "in two partitions": view([("a", "1"), ("a", "2")], [("a", "2"), ("a", "3")]),
    "a range within another": view([("a", "1"), ("a", "9")], [("a", "3"), ("a", "4")]),
    "in two runs of a partition": view([("a", "1"), ("b", "1"), ("a", "1")], [("a", "2")]),
    "without order": view([("a", "2"), ("a", "1")], [("a", "3")]),
}


@pytest.mark.parametrize("name", PROVED)
def test_keys_in_order_are_proved_unique(name: str) -> None:
    assert increasing(PROVED[name], KEY)


@pytest.mark.parametrize("name", UNPROVED)
def test_nothing_is_proved_of_other_keys(name: str) -> None:
    assert not increasing(UNPROVED[name], KEY)


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_ranges_of_shards_prove_what_those_of_the_table_do(repeated: bool, seed: int) -> None:
    ids = pl.Series("id", range(1_000))
    rows = pl.DataFrame({"source": ["a"] * 1_000, "id": ids if not repeated else ids - ids // 999})
    shards = list(rows.iter_slices(70))
    Random(seed).shuffle(shards)
    ranges = [key_ranges.ranges_of(shard, KEY) for shard in shards]
    found = [one for one in ranges if one is not None]
    assert len(found) == (len(shards) - repeated)
    whole = key_ranges.ranges_of(rows, KEY)
    assert (whole is None) is repeated
    assert key_ranges.disjoint(pl.concat(found), KEY)
    # A key that is in two shards is found by their ranges, though each of them increases.
    assert not key_ranges.disjoint(pl.concat([*found, found[0]]), KEY)


def test_rows_are_compared_where_order_proves_nothing() -> None:
    check = keys.unique(KEY)
    assert [v.measured for v in check.measure(UNPROVED["in two partitions"])] == [1, 1]
    assert all(v.passed for v in check.measure(UNPROVED["without order"]))


def test_small_partitions_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_ranges, "LEAST_ROWS", 3)
    assert not increasing(PROVED["ranges"], KEY)


def test_hashes_of_several_passes_find_a_repeated_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "HASHES_AT_ONCE", 1)
    results = keys.unique(KEY).measure(UNPROVED["in two partitions"])
    assert [v.measured for v in results] == [1, 1]


@pytest.mark.parametrize(
    ("keys", "proved"),
    [
        ([], True),
        ([7], True),
        ([-2, 0, 5], True),
        ([1, 2, 2], False),
        ([1, 3, 2], False),
        ([1, None, 3], False),
        (["a", "b"], False),
    ],
)
def test_a_rising_whole_number_proves_a_key_within_rows(keys: list[object], proved: bool) -> None:
    dtype = pl.String if "a" in keys else pl.Int64
    rows = pl.LazyFrame({"id": pl.Series(keys, dtype=dtype)})
    assert rises(rows, ["id"]) == proved
    assert not rises(rows.with_columns(other=1), ["id", "other"])
