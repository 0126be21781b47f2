"""Functions of a column's values: nulls stay, and slices and chunks do not matter."""

import numpy as np
import polars as pl
import pytest

from synth_assets.randomness.elementwise import elementwise
from synth_assets.randomness.splitmix64 import mix, mix_one

WITH_NULLS = pl.Series("x", [None if n % 7 == 3 else n for n in range(40)], dtype=pl.Int64)


@pytest.mark.parametrize("dtype", [pl.UInt8, pl.Int32, pl.UInt64, pl.Float64])
@pytest.mark.parametrize(
    "column",
    [
        WITH_NULLS,
        WITH_NULLS.drop_nulls(),
        WITH_NULLS[5:23],
        pl.concat([WITH_NULLS[:7], WITH_NULLS[9:]], rechunk=False),
        WITH_NULLS[:0],
        pl.Series("x", [None, None], dtype=pl.Int64),
    ],
    ids=["nulls", "no nulls", "slice", "chunks", "empty", "only nulls"],
)
def test_each_value_is_computed_and_nulls_stay(column: pl.Series, dtype: pl.DataType) -> None:
    result = elementwise(column.cast(dtype), lambda values: values.astype(np.int64) * 3 + 1)
    wanted = [None if value is None else value * 3 + 1 for value in column]
    assert result.name == "x"
    assert result.to_list() == wanted
    assert result.dtype == pl.Int64


def test_counters_with_nulls_are_mixed_as_others() -> None:
    mixed = pl.select(mix(pl.lit(WITH_NULLS[2:]), 99)).to_series()
    wanted = [None if value is None else mix_one(value, 99) for value in WITH_NULLS[2:]]
    assert mixed.to_list() == wanted
