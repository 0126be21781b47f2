"""Strings of one width are those that Polars and Python write."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_assets.randomness.fixed_width import BLOCK
from synth_assets.randomness.splitmix64 import mix_one
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import numbered

NUMBERS = st.lists(st.one_of(st.none(), st.integers(0, 10**15)), max_size=20)


@given(NUMBERS, st.integers(0, 10**12), st.sampled_from(["", "U", "CRM-", "größe "]))
def test_ids_are_the_prefix_and_the_number(
    numbers: list[int | None], base: int, prefix: str
) -> None:
    frame = pl.DataFrame({"number": numbers}, schema={"number": pl.Int64})
    found = frame.select(id=numbered(prefix, pl.col("number"), base))["id"]
    assert found.to_list() == [None if n is None else f"{prefix}{n + base}" for n in numbers]


@pytest.mark.parametrize("rows", [0, 1, BLOCK, 2 * BLOCK + 5])
def test_ids_of_many_rows(rows: int) -> None:
    frame = pl.DataFrame({"number": range(rows)}, schema={"number": pl.Int64})
    found = frame.select(id=numbered("P", pl.col("number"), 1_000_000))["id"]
    assert found.to_list() == [f"P{1_000_000 + n}" for n in range(rows)]


@pytest.mark.parametrize("digits", [2, 12, 16, 20, 64])
def test_hexadecimal_digits_are_those_of_the_words(digits: int) -> None:
    stream = RandomStream(3, "hex")
    keys = [stream.substream(f"word{n}").key for n in range(4)]
    frame = pl.DataFrame({"row": [5, None, 7]})
    found = frame.select(text=stream.hexadecimal(pl.col("row"), digits))["text"]
    words = {r: "".join(mix_one(r, k).to_bytes(8, "big").hex() for k in keys) for r in (5, 7)}
    assert found.to_list() == [words[5][:digits], None, words[7][:digits]]
