"""Random numbers are functions of seed, names and row, and pass statistical tests.

Every statistical bound comes from ``chance`` and has an error probability below 1e-9.
"""

from __future__ import annotations

import math
from hashlib import blake2b

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_assets.randomness import random_arrays
from synth_assets.randomness.splitmix64 import BLOCK, mix, mix_one, mix_words
from synth_assets.randomness.streams import RandomStream, categorical_u16
from synth_assets_tests.randomness.chance import (
    SIGMAS,
    binomial,
    chi_square,
    contingency,
    correlation,
    kolmogorov,
)

ROWS = 100_000
ROW = pl.col("row")
WORDS = st.integers(0, 2**64 - 1)
STREAM = RandomStream(7, "test", "draws")


def over_rows(*exprs: pl.Expr, rows: int = ROWS, start: int = 0) -> list[pl.Series]:
    frame = pl.select(row=pl.int_range(start, start + rows, dtype=pl.Int64))
    return frame.select(e.alias(str(i)) for i, e in enumerate(exprs)).get_columns()


# --- the mixer ----------------------------------------------------------------------------


def test_the_mixer_is_splitmix64() -> None:
    # The first three outputs of the reference implementation from state 0: output n is the
    # finalizer of n times gamma, so the counter is n and the key is the state at the start.
    reference = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert [mix_one(counter, 0) for counter in (1, 2, 3)] == reference
    counters = pl.Series([1, 2, 3], dtype=pl.UInt64)
    assert pl.select(mix(pl.lit(counters), 0)).to_series().to_list() == reference


@given(st.lists(WORDS, min_size=1, max_size=20), WORDS)
def test_three_implementations_of_the_mixer_agree(counters: list[int], key: int) -> None:
    expected = [mix_one(counter, key) for counter in counters]
    column = pl.Series(counters, dtype=pl.UInt64)
    assert pl.select(mix(pl.lit(column), key)).to_series().to_list() == expected
    assert mix_words(np.array(counters, dtype=np.uint64), key).tolist() == expected


def test_the_mixer_mixes_blocks_keys_by_row_and_nulls() -> None:
    counters, keys = np.arange(2 * BLOCK + 3, dtype=np.uint64), [3, 5, 7]
    assert mix_words(counters, 9)[-1] == mix_one(len(counters) - 1, 9)
    square = mix_words(counters[:6].reshape(2, 3), np.array(keys, dtype=np.uint64))
    assert square.tolist() == [[mix_one(3 * i + j, keys[j]) for j in range(3)] for i in range(2)]
    frame = pl.DataFrame({"row": [0, None, 2], "key": pl.Series(keys, dtype=pl.UInt64)})
    found = frame.select(one=mix(pl.col("row"), 9), each=mix(pl.col("row"), pl.col("key")))
    assert found.rows() == [
        (mix_one(0, 9), mix_one(0, 3)),
        (None, None),
        (mix_one(2, 9), mix_one(2, 7)),
    ]
    literal = frame.select("row", bits=mix(pl.lit(4), 9))
    assert literal["bits"].to_list() == [mix_one(4, 9)] * 3


def test_one_flipped_bit_of_the_row_flips_half_of_the_bits() -> None:
    # Each of 64 output bits flips with probability 1/2 over 2,000 rows.
    for bit in (0, 1, 17, 40):
        flips = [mix_one(r, STREAM.key) ^ mix_one(r ^ (1 << bit), STREAM.key) for r in range(2_000)]
        for place in range(64):
            hits = sum(f >> place & 1 for f in flips)
            assert binomial(hits, len(flips), 0.5) < 1


# --- names --------------------------------------------------------------------------------


def test_the_key_is_a_hash_of_seed_and_names() -> None:
    text = "42\x1fjaffle\x1ftraining\x1fcustomers"
    expected = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
    assert RandomStream(42, "jaffle", "training", "customers").key == expected


def test_the_boundaries_of_names_matter() -> None:
    paths = [("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), ("bc", "a"), ("", "abc")]
    assert len({RandomStream(1, *names).key for names in paths}) == len(paths)
    assert RandomStream(1, "2", "a").key != RandomStream(12, "a").key


@given(st.lists(st.text("abc", max_size=3), min_size=1, max_size=4), st.integers(0, 4))
def test_a_substream_is_the_stream_of_all_names(names: list[str], split: int) -> None:
    assert (
        RandomStream(3, *names[:split]).substream(*names[split:]).key == RandomStream(3, *names).key
    )


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_seeds_do_not_collide(one: int, other: int) -> None:
    assert (RandomStream(one, "a").key == RandomStream(other, "a").key) == (one == other)


def test_a_value_depends_on_its_row_only() -> None:
    everything = over_rows(STREAM.bits(ROW), STREAM.hexadecimal(ROW, 20), rows=1_000)
    part = over_rows(STREAM.bits(ROW), STREAM.hexadecimal(ROW, 20), rows=13, start=700)
    assert all(p.equals(e[700:713]) for p, e in zip(part, everything, strict=True))
    rows = pl.Series([900, 3, 3, 512])
    chosen = pl.select(STREAM.bits(pl.lit(rows))).to_series()
    assert chosen.to_list() == everything[0].gather(rows).to_list()


# --- distributions ------------------------------------------------------------------------


def test_uniform_is_uniform_and_below_one() -> None:
    unit, wide = over_rows(STREAM.uniform(ROW), STREAM.uniform(ROW, -3.0, 5.0))
    assert unit.is_between(0, 1, closed="left").all()
    assert wide.is_between(-3, 5, closed="left").all()
    assert kolmogorov(unit) < 1
    assert kolmogorov((wide + 3) / 8) < 1


@given(st.integers(0, 2**62))
def test_uniform_of_one_row_is_that_of_the_expression(row: int) -> None:
    assert pl.select(STREAM.uniform(pl.lit(row))).item() == STREAM.uniform_one(row)


def test_normal_is_normal() -> None:
    z, scaled = over_rows(STREAM.normal(ROW), STREAM.normal(ROW, 10.0, 3.0))
    assert abs(float(z.mean())) < SIGMAS / math.sqrt(ROWS)  # type: ignore[arg-type]
    assert abs(float(z.std()) - 1) < SIGMAS / math.sqrt(2 * ROWS)  # type: ignore[arg-type]
    assert kolmogorov([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in z]) < 1
    assert (scaled - (10 + 3 * z)).abs().max() < 1e-9  # type: ignore[operator]


@given(st.integers(-(2**40), 2**40), st.integers(1, 2**40))
def test_integers_stay_inside_their_bounds(low: int, span: int) -> None:
    (values,) = over_rows(STREAM.integers(ROW, low, low + span), rows=200)
    assert values.dtype == pl.Int64
    assert values.is_between(low, low + span - 1).all()


def test_integers_are_uniform_and_bounds_may_be_columns() -> None:
    (dice,) = over_rows(STREAM.integers(ROW, 1, 7))
    assert chi_square(np.bincount(dice)[1:]) < 1
    (below,) = over_rows(STREAM.integers(ROW, 0, 1 + ROW % 5))
    assert (below <= pl.Series(np.arange(ROWS) % 5)).all()
    assert chi_square(np.bincount(below.filter(pl.Series(np.arange(ROWS) % 5 == 4)))) < 1


def test_bernoulli_has_its_probability() -> None:
    for p in (0.0, 0.001, 0.3, 1.0):
        (hits,) = over_rows(STREAM.bernoulli(ROW, p))
        assert binomial(int(hits.sum()), ROWS, p) < 1
    assert int(over_rows(STREAM.bernoulli(ROW, 0.0))[0].sum()) == 0
    assert int(over_rows(STREAM.bernoulli(ROW, 1.0))[0].sum()) == ROWS


def test_weighted_choice_follows_its_weights() -> None:
    weights = {"placed": 13, "shipped": 13, "completed": 67, "pending": 2, "returned": 4}
    (chosen,) = over_rows(STREAM.choice(ROW, weights))
    assert chosen.dtype == pl.Enum(list(weights))
    counts = dict(chosen.cast(pl.String).value_counts().iter_rows())
    assert chi_square([counts[name] for name in weights], list(weights.values())) < 1


def test_the_four_lanes_follow_the_weights_and_are_independent() -> None:
    weights = [5, 1, 0, 4]
    lanes = over_rows(*(categorical_u16(STREAM.bits(ROW), weights, lane) for lane in range(4)))
    bits = random_arrays.random_bits(STREAM, np.arange(ROWS))
    for number, positions in enumerate(lanes):
        assert positions.dtype == pl.UInt8
        array = random_arrays.categorical_u16(bits, weights, number)
        assert (positions.to_numpy() == array).all(), "expressions and arrays agree"
        counts = np.bincount(positions, minlength=4)
        assert counts[2] == 0
        assert chi_square(counts[[0, 1, 3]], [5, 1, 4]) < 1
    for i, one in enumerate(lanes):
        for other in lanes[i + 1 :]:
            assert abs(np.corrcoef(one, other)[0, 1]) < SIGMAS / math.sqrt(ROWS)


def test_choice_u16_returns_the_values() -> None:
    values, numbers = over_rows(
        STREAM.choice_u16(ROW, {"a": 3, None: 1}), STREAM.choice_u16(ROW, {7: 1, 9: 1})
    )
    assert binomial(values.null_count(), ROWS, 0.25) < 1
    assert set(values.drop_nulls()) == {"a"}
    assert set(numbers) == {7, 9}


def test_hexadecimal_within_a_condition_loses_no_digit() -> None:
    whole = STREAM.hexadecimal(ROW, 16)
    all_, some = over_rows(whole, pl.when(ROW % 3 == 0).then(whole))
    there = pl.Series(np.arange(ROWS) % 3 == 0)
    assert (some.is_not_null() == there).all()
    assert (some.filter(there) == all_.filter(there)).all()


def test_a_weight_of_zero_is_never_chosen() -> None:
    (at,) = over_rows(STREAM.categorical(ROW, [0, 1, 0, 3, 0]))
    assert set(at) == {1, 3}
    assert at.dtype == pl.UInt32
    assert set(over_rows(STREAM.categorical(ROW, [5.0]), rows=100)[0]) == {0}


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 3], [-1.0], [1, math.nan], [1, math.inf]])
def test_bad_weights_raise(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        STREAM.categorical(ROW, weights)


def test_choice_from_an_enumeration_is_uniform() -> None:
    words = pl.Enum([f"word{n}" for n in range(97)])
    (chosen,) = over_rows(STREAM.choice(ROW, words))
    assert chosen.dtype == words
    assert chi_square(np.bincount(chosen.to_physical(), minlength=97)) < 1


@pytest.mark.parametrize("digits", [2, 16, 20, 64])
def test_hexadecimal_has_its_length_and_alphabet(digits: int) -> None:
    (text,) = over_rows(STREAM.hexadecimal(ROW, digits), rows=500)
    assert text.str.contains(f"^[0-9a-f]{{{digits}}}$").all()
    assert len(text) == 500


def test_hexadecimal_digits_are_uniform_at_every_place() -> None:
    (text,) = over_rows(STREAM.hexadecimal(ROW, 40), rows=20_000)
    for place in range(40):
        digits = text.str.slice(place, 1).str.to_integer(base=16)
        assert chi_square(np.bincount(digits, minlength=16)) < 1
    assert text.n_unique() == len(text)


def test_hexadecimal_of_no_rows_is_no_text() -> None:
    (text,) = over_rows(STREAM.hexadecimal(ROW, 8), rows=0)
    assert text.equals(pl.Series("0", [], dtype=pl.String))


# --- independence -------------------------------------------------------------------------


def test_two_names_are_independent_on_the_same_rows() -> None:
    a, b = STREAM.substream("a"), STREAM.substream("b")
    one, other = over_rows(a.uniform(ROW), b.uniform(ROW))
    assert correlation(one, other) < 1
    first, second = over_rows(a.integers(ROW, 0, 8), b.integers(ROW, 0, 8))
    assert contingency(first.to_list(), second.to_list()) < 1


def test_two_seeds_are_independent_on_the_same_rows() -> None:
    first, second = over_rows(
        RandomStream(1, "x").integers(ROW, 0, 8),
        RandomStream(2, "x").integers(ROW, 0, 8),
    )
    assert contingency(first.to_list(), second.to_list()) < 1


@pytest.mark.parametrize("stride", [1, 2, 64, 1_000])
def test_rows_are_independent_of_rows_nearby(stride: int) -> None:
    here, there = over_rows(STREAM.integers(ROW, 0, 8), STREAM.integers(ROW + stride, 0, 8))
    assert contingency(here.to_list(), there.to_list()) < 1
    assert correlation(*over_rows(STREAM.uniform(ROW), STREAM.uniform(ROW + stride))) < 1
