"""Chance without luck: numbers that any stretch of positions holds evenly.

A hash gives every row a number by itself, and a thousand rows stray from the expected by a few
percent. A Kronecker sequence (multiples of an irrational number, modulo one) gives neighbouring
positions numbers far apart, so that totals over any stretch come out as they should. Square roots
are irrational in different ways, so several of them are as good as independent. All in whole
numbers: a step is a fraction of 2**64.
"""

from __future__ import annotations

from math import isqrt

import numpy as np
import numpy.typing as npt

from synth_assets.randomness.permutations import Words
from synth_assets.randomness.random_arrays import TOP_LANE, categorical_u16
from synth_assets.randomness.streams import RandomStream, mix_one

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
ROOTS = (2, 3, 5, 7, 13, 21, 6, 14)
STEPS = [isqrt(number << 128) % (1 << 64) | 1 for number in ROOTS]


def even(position: npt.ArrayLike, dimension: int, draw: RandomStream) -> Words:
    """64 bits for each position, evenly spread over any stretch of positions."""
    shift = np.uint64(mix_one(dimension, draw.key))
    return np.asarray(position).astype(np.uint64) * np.uint64(STEPS[dimension]) + shift


def lots(bits: Words, weights: tuple[float, ...], number: int = TOP_LANE) -> Numbers:
    """As ``drawn``, for sums and products; by the upper part, the one that is evenly spread."""
    return categorical_u16(bits, weights, number).astype(np.int64)
