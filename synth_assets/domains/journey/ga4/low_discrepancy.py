"""Low-discrepancy sequences: numbers that are spread evenly over any range of positions.

With independent random numbers the total over a thousand rows deviates by a few percent from the
expected one. A Kronecker sequence (multiples of an irrational number modulo one) has almost no such
deviation. The square roots of different numbers are linearly independent over the rationals, so
their sequences serve as independent dimensions. All arithmetic is on whole numbers: a step is a
fraction of 2**64.
"""

from __future__ import annotations

from math import isqrt

import numpy as np
import numpy.typing as npt

from synth_assets.randomness.random_arrays import TOP_LANE, categorical_u16
from synth_assets.randomness.splitmix64 import Words, mix_one
from synth_assets.randomness.streams import RandomStream

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
ROOTS = (2, 3, 5, 7, 13, 21, 6, 14)
STEPS = [isqrt(number << 128) % (1 << 64) | 1 for number in ROOTS]


def low_discrepancy(position: npt.ArrayLike, dimension: int, draw: RandomStream) -> Words:
    """64 bits for each position, spread evenly over any range of positions.

    Args:
        position: Positions in the sequence.
        dimension: Which of the sequences (index into ``ROOTS``).
        draw: Random stream; its key shifts the sequence.
    """
    shift = np.uint64(mix_one(dimension, draw.key))
    return np.asarray(position).astype(np.uint64) * np.uint64(STEPS[dimension]) + shift


def categorical(bits: Words, weights: tuple[float, ...], number: int = TOP_LANE) -> Numbers:
    """Random categories as Int64, by default from the top lane, which is the evenly spread one.

    Args:
        bits: 64 bits for each element.
        weights: Weights of the categories.
        number: Lane of the bits to use.
    """
    return categorical_u16(bits, weights, number).astype(np.int64)
