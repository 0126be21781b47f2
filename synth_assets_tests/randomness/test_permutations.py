"""A permutation loses no row, comes back, and leaves no trace of the order.

Every statistical bound comes from ``chance`` and has an error probability below 1e-9.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.randomness.permutations import AffinePermutation, permute, unpermute
from synth_assets.randomness.streams import RandomStream
from synth_assets_tests.randomness.chance import binomial, chi_square

STREAM = RandomStream(11, "test", "permutations")
AT, N, GROUP = pl.col("at"), pl.col("n"), pl.col("group")


def shuffled(n: int, group: int = 0, draw: RandomStream = STREAM) -> list[int]:
    frame = pl.DataFrame({"at": np.arange(n)})
    return frame.select(permute(AT, pl.lit(n), draw, group)).to_series().to_list()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3_000), st.integers(0, 2**40))
def test_it_is_a_bijection_and_has_an_inverse(n: int, group: int) -> None:
    frame = pl.DataFrame({"at": np.arange(n)})
    there = frame.with_columns(to=permute(AT, pl.lit(n), STREAM, group))
    assert there["to"].dtype == pl.Int64
    assert sorted(there["to"]) == list(range(n))
    back = there.select(unpermute(pl.col("to"), pl.lit(n), STREAM, group)).to_series()
    assert back.to_list() == list(range(n))
    forth = there.select(permute(unpermute(AT, pl.lit(n), STREAM, group), pl.lit(n), STREAM, group))
    assert forth.to_series().to_list() == list(range(n))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_each_row_may_have_its_own_size_and_group(sizes: list[int]) -> None:
    frame = pl.concat(
        pl.DataFrame({"at": np.arange(n)}).with_columns(
            n=pl.lit(n, pl.Int64), group=pl.lit(i, pl.Int64)
        )
        for i, n in enumerate(sizes)
    )
    moved = frame.with_columns(to=permute(AT, N, STREAM, GROUP))
    for i, n in enumerate(sizes):
        mine = moved.filter(pl.col("group") == i)["to"].to_list()
        assert sorted(mine) == list(range(n))
        assert mine == shuffled(n, i), "the other rows of the frame must not matter"
    back = moved.select(unpermute(pl.col("to"), N, STREAM, GROUP)).to_series()
    assert back.to_list() == frame["at"].to_list()


def test_group_and_name_and_seed_each_choose_another_bijection() -> None:
    ways = [
        shuffled(200),
        shuffled(200, 1),
        shuffled(200, draw=STREAM.substream("other")),
        shuffled(200, draw=RandomStream(12, "test", "permutations")),
    ]
    assert len({tuple(way) for way in ways}) == len(ways)


def test_a_fixed_element_has_a_uniform_image() -> None:
    groups, n = 20_000, 13
    frame = pl.DataFrame({"group": np.arange(groups)})
    for element in (0, 6, 12):
        to = frame.select(permute(pl.lit(element), pl.lit(n), STREAM, GROUP)).to_series()
        assert chi_square(np.bincount(to, minlength=n)) < 1


def test_all_orders_of_a_small_set_are_equally_frequent() -> None:
    groups = 24_000
    frame = pl.DataFrame({"group": np.arange(groups)}).select(
        permute(pl.lit(e), pl.lit(4), STREAM, GROUP).alias(str(e)) for e in range(4)
    )
    code = frame.select(pl.col("0") * 64 + pl.col("1") * 16 + pl.col("2") * 4 + pl.col("3"))
    counts = code.to_series().value_counts()["count"]
    assert len(counts) == 24
    assert chi_square(counts) < 1


def test_neighbours_are_separated() -> None:
    # In a random order two given neighbours stay side by side with probability 2 / n.
    n = 5_000
    steps = np.abs(np.diff(shuffled(n)))
    assert binomial(int((steps == 1).sum()), n - 1, 2 / n) < 1
    # The mean distance of two random places is n / 3, its standard error n / sqrt(18 n).
    assert abs(steps.mean() - n / 3) < 6.5 * n / np.sqrt(18 * n)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5_000), st.integers(0, 2**32))
def test_an_affine_permutation_is_a_bijection_and_has_an_inverse(n: int, seed: int) -> None:
    spread = AffinePermutation(n, RandomStream(seed, "spread"))
    there = pl.DataFrame({"at": np.arange(n)}).with_columns(to=spread.apply(AT))
    assert sorted(there["to"]) == list(range(n))
    assert there.select(spread.invert(pl.col("to"))).to_series().to_list() == list(range(n))


def test_an_affine_permutation_of_a_billion_does_not_overflow() -> None:
    n = 1_000_000_000
    spread = AffinePermutation(n, STREAM)
    at = [0, 1, n // 2, n - 2, n - 1]
    to = pl.DataFrame({"at": at}).select(to=spread.apply(AT))
    assert to["to"].to_list() == [(i * spread.factor + spread.offset) % n for i in at]
    assert to.select(spread.invert(pl.col("to"))).to_series().to_list() == at


def test_an_affine_permutation_samples_every_range_evenly() -> None:
    spread = AffinePermutation(100_000, STREAM)
    first = pl.DataFrame({"at": np.arange(1_000)}).select(spread.apply(AT)).to_series()
    counts = np.bincount(first.to_numpy() // 10_000, minlength=10)
    assert abs(counts - 100).max() <= 3


def test_a_position_that_is_null_has_no_image() -> None:
    frame = pl.DataFrame({"at": [0, None, 2]}, schema={"at": pl.Int64})
    found = frame.select(permute(pl.col("at"), pl.lit(10), STREAM)).to_series()
    whole = frame.drop_nulls().select(permute(pl.col("at"), pl.lit(10), STREAM))
    assert found.to_list() == [whole.item(0, 0), None, whole.item(1, 0)]
