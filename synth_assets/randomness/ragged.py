"""Consecutive groups of different sizes: where they begin, and a list of each group's values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from synth_assets.randomness.random_arrays import Ints


def runs(values: Ints) -> tuple[Ints, Ints]:
    """The first row of each run of equal values, and its number of rows.

    Args:
        values: Integers, at least one.
    """
    starts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
    return starts, np.diff(starts, append=len(values))


def list_column(name: str, counts: npt.NDArray[np.integer], elements: pl.Series) -> pl.Series:
    """A column of lists.

    Args:
        name: Name of the column.
        counts: Elements of each row.
        elements: Elements of all rows, in row order.
    """
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int64())
    return pl.Series(name, pa.LargeListArray.from_arrays(offsets, elements.to_arrow()))
