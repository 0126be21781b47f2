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

from synth_assets.generation.draws import Draw, lot_table, mix_one
from synth_assets.generation.permutations import Words
from synth_assets.generation.words import words

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
ROOTS = (2, 3, 5, 7, 13, 21, 6, 14)
STEPS = [isqrt(number << 128) % (1 << 64) | 1 for number in ROOTS]


def even(position: npt.ArrayLike, dimension: int, draw: Draw) -> Words:
    """64 bits for each position, evenly spread over any stretch of positions."""
    shift = np.uint64(mix_one(dimension, draw.key))
    return np.asarray(position).astype(np.uint64) * np.uint64(STEPS[dimension]) + shift


def hashed(number: npt.ArrayLike, draw: Draw) -> Words:
    """64 bits for each number, as ``Draw.bits`` has them."""
    return words(draw, np.asarray(number))


def part(bits: Words, which: int = 0) -> Numbers:
    """16 of 64 bits; the upper ones (0) are those that are evenly spread."""
    return ((bits >> np.uint64(48 - 16 * which)) & np.uint64(0xFFFF)).astype(np.int64)


def below(bits: Words, bound: npt.ArrayLike) -> Numbers:
    """A number from 0 up to a bound (at most 2**31), by the upper half of the bits."""
    upper = (bits >> np.uint64(32)).astype(np.uint64)
    return ((upper * np.asarray(bound).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def lots(bits: Words, weights: tuple[float, ...], which: int = 0) -> Numbers:
    """A position drawn with weights, each exact to 1 in 65,536."""
    return lot_table(weights)[part(bits, which)]
