"""Small tables looked up by number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import polars as pl


def at(values: Sequence[object] | pl.Series, place: pl.Expr) -> pl.Expr:
    """The value at each place (0 and up) of a small table; null at null."""
    return pl.lit(pl.Series("value", values)).gather(place)


def starts(sizes: Iterable[int]) -> list[int]:
    """Where each of several parts begins that lie one after another."""
    return [0, *accumulate(sizes)][:-1]
