"""Lookups in small tables by position."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import polars as pl


def gather(values: Sequence[object] | pl.Series, position: pl.Expr) -> pl.Expr:
    """The value at each position of a small table; null where the position is null.

    Args:
        values: The table.
        position: Positions, 0 and up, any integer type.
    """
    return pl.lit(pl.Series("value", values)).gather(position)


def offsets(sizes: Iterable[int]) -> list[int]:
    """The position at which each of several consecutive groups begins.

    Args:
        sizes: Number of positions in each group.
    """
    return [0, *accumulate(sizes)][:-1]
