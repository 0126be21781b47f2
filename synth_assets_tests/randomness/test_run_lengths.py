"""Row space as runs: look-ups agree with a plain loop, and a longer horizon changes nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.randomness.run_lengths import RunLengths, share_of, whole_steps

SIZES = st.lists(st.integers(0, 6), min_size=1, max_size=40).filter(lambda sizes: sum(sizes) > 0)
RATES = st.lists(st.floats(0, 500, allow_nan=False), min_size=1, max_size=120)


@settings(deadline=None)
@given(SIZES)
def test_find_and_take_agree_with_a_plain_loop(sizes: list[int]) -> None:
    colour = [7 * i % 5 for i in range(len(sizes))]
    runs = RunLengths(sizes, colour=colour)
    run_of_row = [i for i, size in enumerate(sizes) for _ in range(size)]
    assert runs.total == len(run_of_row)
    found = pl.select(row=pl.int_range(runs.total)).select(
        run=runs.locate(pl.col("row")),
        start=runs.lookup("start", runs.locate(pl.col("row"))),
        size=runs.lookup("size", runs.locate(pl.col("row"))),
        colour=runs.lookup("colour", runs.locate(pl.col("row"))),
    )
    assert found["run"].to_list() == run_of_row
    assert found["start"].to_list() == [sum(sizes[:i]) for i in run_of_row]
    assert found["size"].to_list() == [sizes[i] for i in run_of_row]
    assert found["colour"].to_list() == [colour[i] for i in run_of_row]
    assert 0 not in found["size"].to_list(), "a run of size zero was found"


@given(st.lists(st.integers(0, 1 << 40), max_size=30), st.lists(st.integers(-5, 1 << 46)))
def test_locate_is_a_binary_search_whatever_the_sizes(sizes: list[int], rows: list[int]) -> None:
    runs = RunLengths(sizes)
    inside = [row % max(runs.total, 1) for row in rows]
    asked = pl.DataFrame({"row": [*rows, *inside, None]}, schema={"row": pl.Int64})
    found = asked.select(run=runs.locate(pl.col("row")))["run"]
    starts = pl.Series(runs.start[:-1], dtype=pl.Int64)
    expected = starts.search_sorted(asked["row"], side="right").cast(pl.Int64) - 1
    assert found.to_list() == expected.to_list()


@given(SIZES, st.integers(1, 4))
def test_ordered_by_is_a_stable_sort(sizes: list[int], keys: int) -> None:
    key = [(3 * i + 1) % keys for i in range(len(sizes))]
    runs = RunLengths(sizes, key=key, place=range(len(sizes))).ordered_by("key")
    expected = sorted(range(len(sizes)), key=lambda i: key[i])
    assert runs.columns["place"].tolist() == expected
    assert runs.columns["key"].tolist() == sorted(key)
    assert runs.size.tolist() == [sizes[i] for i in expected]
    assert runs.start.tolist() == [0, *np.cumsum(runs.size)]


@given(RATES, st.data())
def test_whole_steps_follow_the_rate_and_ignore_the_future(
    rates: list[float], data: st.DataObject
) -> None:
    counts = whole_steps(rates)
    assert (counts >= 0).all()
    assert np.abs(np.cumsum(counts) - np.cumsum(rates)).max() < 1 + 1e-6
    cut = data.draw(st.integers(1, len(rates)))
    assert whole_steps(rates[:cut]).tolist() == counts[:cut].tolist()


def test_whole_steps_lose_no_unit_to_rounding() -> None:
    # A tenth a step, ten times over, is one: though the floating sum falls short of it.
    assert whole_steps([0.1] * 1_000).sum() == 100


@given(
    st.lists(st.integers(0, 1_000), min_size=1, max_size=120),
    st.floats(0, 1, allow_nan=False),
    st.data(),
)
def test_share_of_is_exact_to_within_one_at_every_step(
    sizes: list[int], share: float, data: st.DataObject
) -> None:
    counts = share_of(sizes, share)
    assert (counts >= 0).all()
    assert (counts <= sizes).all()
    assert np.abs(np.cumsum(counts) - share * np.cumsum(sizes)).max() < 1 + 1e-6
    cut = data.draw(st.integers(1, len(sizes)))
    assert share_of(sizes[:cut], share).tolist() == counts[:cut].tolist()


def test_share_of_all_and_of_none() -> None:
    assert share_of([3, 0, 5], 1.0).tolist() == [3, 0, 5]
    assert share_of([3, 0, 5], 0.0).tolist() == [0, 0, 0]
