"""Random numbers over numpy arrays, for rows in ragged groups (sessions of a person, their events).

The bits are those of ``streams``: ``random_bits(stream, rows)`` equals ``RandomStream.bits`` of
the same rows. Values are computed with integers throughout, so they are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.randomness.splitmix64 import Words, mix_words
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_table

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.uint8]
# Bits of a lane (one of the four parts of 64 random bits), and the number of the highest lane.
LANE_BITS, TOP_LANE = 16, 3


def random_bits(stream: RandomStream, rows: npt.NDArray[np.integer]) -> Words:
    """64 random bits for each row number.

    Args:
        stream: The source of the bits.
        rows: Row numbers, any shape.
    """
    return mix_words(rows.astype(np.uint64), stream.key)


def lane(bits: Words, number: int) -> Ints:
    """One of the four independent 16-bit parts of random bits, 0 to 65,535.

    Args:
        bits: 64 random bits a value.
        number: The part, 0 (the lowest bits) to 3.
    """
    return ((bits >> np.uint64(LANE_BITS * number)) & np.uint64(LANE_VALUES - 1)).view(np.int64)


def categorical_u16(bits: Words, weights: Sequence[float], number: int = 0) -> Small:
    """A position in ``weights``, each with its probability to within 1 in 65,536.

    Equals ``streams.categorical_u16`` of the same bits.

    Args:
        bits: 64 random bits a value.
        weights: Relative probabilities, 256 at most.
        number: The lane that decides, 0 (the lowest bits) to 3.
    """
    return _table(tuple(weights))[lane(bits, number)]


def scale_to(values: npt.NDArray[np.integer], limit: int | Ints, bits: int = LANE_BITS) -> Ints:
    """Each value scaled to a whole number from 0 up to ``limit``, excluded.

    Args:
        values: Random integers, 0 to 2**bits - 1.
        limit: Upper end of the result; may differ from value to value.
        bits: Number of random bits in a value.
    """
    return (values.astype(np.int64) * limit) >> bits


def high32(bits: Words) -> Ints:
    """The upper 32 of 64 random bits.

    Args:
        bits: 64 random bits a value.
    """
    return (bits >> np.uint64(32)).astype(np.int64)


def cumcount(counts: Ints) -> Ints:
    """0, 1, 2, … within each of several consecutive groups.

    Args:
        counts: Size of each group.
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) - np.repeat(ends - counts, counts)


def cdf_thresholds(weights: Sequence[float] | npt.NDArray[np.float64], bits: int = 32) -> Ints:
    """The cumulative distribution of weights, scaled to ``2**bits`` and rounded.

    Args:
        weights: Relative probabilities.
        bits: Number of random bits with which the thresholds are compared.
    """
    running = np.cumsum(np.asarray(weights, dtype=np.float64))
    ends: Ints = np.rint(running / running[-1] * 2.0**bits).astype(np.int64)
    ends[-1] = 1 << bits
    return ends


def as_enum(codes: npt.NDArray[np.integer], names: Sequence[str]) -> pl.Series:
    """The name of each code as an enumeration; null for a negative code.

    Args:
        codes: Positions in ``names``.
        names: The categories, 256 at most.
    """
    series = pl.Series(np.maximum(codes, 0).astype(np.uint8)).cat.to(pl.Enum(names))
    negative = pl.Series(codes < 0)
    return series.set(negative, None) if negative.any() else series


@cache
def _table(weights: tuple[float, ...]) -> Small:
    table: Small = categorical_table(weights).astype(np.uint8)
    assert len(table) == LANE_VALUES
    return table
