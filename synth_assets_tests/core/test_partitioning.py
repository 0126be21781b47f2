"""Partitions of every partitioning cover the rows exactly once; a wrong key is a user error."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_assets.core.errors import UserError
from synth_assets.core.partitioning import (
    Daily,
    Named,
    Partition,
    Partitioning,
    Sharded,
    Unpartitioned,
)

START, END = date(2026, 2, 27), date(2026, 3, 3)
SLICINGS: list[Partitioning] = [
    Daily(START, END),
    Sharded(5),
    Named(("training", "inference")),
    Unpartitioned(),
]
EQUAL_PARTITIONS = st.one_of(
    st.integers(1, 4096).map(Sharded),
    st.lists(st.text("abc", min_size=1), min_size=1, max_size=9, unique=True).map(
        lambda names: Named(tuple(names))
    ),
    st.just(Unpartitioned()),
)


@pytest.mark.parametrize("partitioning", SLICINGS, ids=lambda s: type(s).__name__)
def test_the_indices_of_the_keys_are_consecutive(partitioning: Partitioning) -> None:
    keys = list(partitioning.keys())
    assert [partitioning.index_range(key) for key in keys] == [(i, i + 1) for i in range(len(keys))]
    assert len(set(keys)) == len(keys)
    assert partitioning.partition_column


@given(EQUAL_PARTITIONS, st.integers(0, 10**12))
def test_partitions_cover_the_rows_without_gap_or_overlap(
    partitioning: Partitioning, total: int
) -> None:
    count = len(partitioning.keys())
    bounds = [partitioning.row_offset(index, total) for index in range(count + 1)]
    assert (bounds[0], bounds[-1]) == (0, total)
    sizes = [stop - start for start, stop in pairwise(bounds)]
    assert max(sizes) - min(sizes) <= 1, "the pieces are not of nearly equal size"


@pytest.mark.parametrize("rows", [1, 3, 10, 11])
def test_batches_cover_a_partition(rows: int) -> None:
    partition = Partition("key", 5, 15, 2, 3)
    batches = list(partition.batches(rows))
    assert [r for b in batches for r in range(b.start, b.stop)] == list(range(5, 15))
    assert all(0 < b.stop - b.start <= rows for b in batches)
    assert {(b.key, b.first, b.last) for b in batches} == {("key", 2, 3)}


def test_an_empty_partition_has_no_batches() -> None:
    assert list(Partition("key", 5, 5, 2, 3).batches(10)) == []


def test_days_are_dates_from_the_start_to_before_the_end() -> None:
    keys = ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
    assert Daily(START, END).keys() == keys
    assert Daily(START, END).index_range("2026-03-01") == (2, 3)
    assert Daily(date(2020, 2, 28)).index_range("2020-03-01") == (2, 3), "2020 has a 29 February"


def test_without_an_end_days_grow_until_yesterday() -> None:
    today = datetime.now(UTC).date()
    keys = Daily(today - timedelta(days=3)).keys()
    if datetime.now(UTC).date() == today:  # else midnight passed in between
        assert keys == [(today - timedelta(days=n)).isoformat() for n in (3, 2, 1)]
    assert Daily(today + timedelta(days=5)).keys() == []


def test_a_daily_table_needs_its_rows_before_each_day() -> None:
    with pytest.raises(TypeError):
        Daily(START).row_offset(1, 100)


@pytest.mark.parametrize(
    ("partitioning", "key", "allowed"),
    [
        (Daily(START, END), "2026-02-26", ["2026-02-27", "2026-03-02"]),
        (Daily(START, END), "2026-03-03", ["2026-02-27", "2026-03-02"]),
        (Daily(START), "2026-02-26", ["2026-02-27", "yesterday"]),
        (Daily(START), "soon", ["YYYY-MM-DD"]),
        (Daily(START), "2026-02-30", ["YYYY-MM-DD"]),
        (Daily(START, END), "", ["YYYY-MM-DD"]),
        (Sharded(3), "s0003", ["s0000", "s0001", "s0002"]),
        (Named(("training", "inference")), "test", ["training", "inference"]),
        (Unpartitioned(), "everything", ["all"]),
    ],
)
def test_a_wrong_key_is_named_with_what_is_allowed(
    partitioning: Partitioning, key: str, allowed: list[str]
) -> None:
    with pytest.raises(UserError) as caught:
        partitioning.index_range(key)
    assert key in str(caught.value)
    assert all(word in str(caught.value) for word in allowed)


@pytest.mark.parametrize("key", ["20260228", "2026-W09-6"])
@pytest.mark.parametrize("end", [None, END])
def test_a_day_has_one_spelling(key: str, end: date | None) -> None:
    # Both are 28 February in ISO's other notations; a partition by that name does not exist.
    with pytest.raises(UserError, match="YYYY-MM-DD"):
        Daily(START, end).index_range(key)


def test_a_wrong_extent_is_named_with_what_is_allowed() -> None:
    with pytest.raises(UserError, match=r"2026-02-27 must be after start date 2026-02-27"):
        Daily(START, START)
    for count in (0, -1, 4097):
        with pytest.raises(UserError, match=rf"{count} must be between 1 and 4096"):
            Sharded(count)
