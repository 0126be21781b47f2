"""Draws over numpy arrays, for rows that come in ragged groups (a person's sessions, their events).

The same chance as ``streams``: ``words(draw, rows)`` are what ``RandomStream.bits`` gives those
rows. What decides a value is whole numbers throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.randomness.permutations import Words, mix_words
from synth_assets.randomness.streams import LOTS, RandomStream, lot_table

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.uint8]
# Bits of one of the four parts of a draw, and the number of the uppermost.
PART, TOP = 16, 3


def words(draw: RandomStream, rows: npt.NDArray[np.integer]) -> Words:
    """64 random bits for each row number."""
    return mix_words(rows.astype(np.uint64), draw.key)


def part(bits: Words, number: int) -> Ints:
    """One of the four independent parts of a draw (0 to 3, from below), each of 16 bits."""
    return ((bits >> np.uint64(PART * number)) & np.uint64(LOTS - 1)).view(np.int64)


def drawn(bits: Words, weights: Sequence[float], number: int = 0) -> Small:
    """A position drawn with ``weights`` by a part of a draw; each exact to 1 in 65,536."""
    return _table(tuple(weights))[part(bits, number)]


def below(values: npt.NDArray[np.integer], limit: int | Ints, bits: int = PART) -> Ints:
    """Each value of so many bits scaled to a number from 0 up to ``limit``, excluded."""
    return (values.astype(np.int64) * limit) >> bits


def upper(bits: Words) -> Ints:
    """The upper half of a draw: 32 bits."""
    return (bits >> np.uint64(32)).astype(np.int64)


def within(counts: Ints) -> Ints:
    """0, 1, 2, … anew for each of several groups of so many."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - counts, counts)


def steps(weights: Sequence[float] | npt.NDArray[np.float64], bits: int = 32) -> Ints:
    """Where, of ``2**bits`` equal chances, those of each weight end."""
    running = np.cumsum(np.asarray(weights, dtype=np.float64))
    ends: Ints = np.rint(running / running[-1] * 2.0**bits).astype(np.int64)
    ends[-1] = 1 << bits
    return ends


def named(place: npt.NDArray[np.integer], names: Sequence[str]) -> pl.Series:
    """The name at each place, as an enumeration of the (at most 256) names; null below 0."""
    made = pl.Series(np.maximum(place, 0).astype(np.uint8)).cat.to(pl.Enum(names))
    none = pl.Series(place < 0)
    return made.set(none, None) if none.any() else made


@cache
def _table(weights: tuple[float, ...]) -> Small:
    table: Small = lot_table(weights).astype(np.uint8)
    assert len(table) == LOTS
    return table
