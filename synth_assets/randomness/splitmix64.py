"""The mixer splitmix64: a counter and a key to 64 random bits, of expressions, arrays, integers.

Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; constants from
its reference implementation. Keys and the values made from bits are in ``streams``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.randomness.elementwise import elementwise

Words = npt.NDArray[np.uint64]

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
SHIFTS = (30, 27, 31)
# Values mixed at a time: they stay in the cache of a core.
BLOCK = 8_192


@lru_cache(maxsize=1024)
def u64(value: int) -> pl.Expr:
    """An unsigned 64-bit literal; without the type Polars would widen or overflow.

    Args:
        value: 0 to 2**64 - 1.
    """
    return pl.lit(value, dtype=pl.UInt64)


def mix(counter: pl.Expr, key: int | pl.Expr) -> pl.Expr:
    """64 well-mixed bits (UInt64) for each value of a counter; null where the counter is null.

    Args:
        counter: Any integer type.
        key: Key of the stream, 64 bits, or a UInt64 for each row.
    """
    # Each step uses the result of the one before twice; Polars would compute it twice.
    if isinstance(key, int):
        return pl.map_batches([counter], _mixer(key), pl.UInt64, is_elementwise=True)
    return pl.map_batches(
        [counter, key],
        lambda columns: _mixed(columns[0], columns[1].to_numpy()),
        pl.UInt64,
        is_elementwise=True,
    )


@cache
def _mixer(key: int) -> Callable[[Sequence[pl.Series]], pl.Series]:
    """The function of a key: Polars computes an expression once if it has the same function."""
    return lambda columns: _mixed(columns[0], np.uint64(key))


def _mixed(counter: pl.Series, key: np.uint64 | Words) -> pl.Series:
    return elementwise(counter, lambda values: mix_words(values.astype(np.uint64, copy=False), key))


def mix_words(counter: Words, key: int | np.uint64 | Words) -> Words:
    """``mix`` of a numpy array.

    Args:
        counter: UInt64, any shape.
        key: Key of the stream, 64 bits, or one for each value.
    """
    result = np.empty_like(counter, order="C")
    keys = np.broadcast_to(np.asarray(key, dtype=np.uint64), counter.shape).reshape(-1)
    inputs, outputs = counter.reshape(-1), result.reshape(-1)
    spare = np.empty(min(BLOCK, counter.size), dtype=np.uint64)
    for start in range(0, counter.size, BLOCK):
        block = slice(start, start + BLOCK)
        z = np.multiply(inputs[block], np.uint64(GAMMA), out=outputs[block])
        z += keys[block]
        shifted = spare[: len(z)]
        for shift, multiplier in zip(SHIFTS, MULTIPLIERS, strict=False):
            z ^= np.right_shift(z, np.uint64(shift), out=shifted)
            z *= np.uint64(multiplier)
        z ^= np.right_shift(z, np.uint64(SHIFTS[2]), out=shifted)
    return result


def mix_one(counter: int, key: int) -> int:
    """``mix`` for one Python integer: for per-day constants, and as the reference in tests.

    Args:
        counter: 0 to 2**64 - 1.
        key: Key of the stream, 64 bits.
    """
    z = (counter * GAMMA + key) & MASK
    z = ((z ^ (z >> SHIFTS[0])) * MULTIPLIERS[0]) & MASK
    z = ((z ^ (z >> SHIFTS[1])) * MULTIPLIERS[1]) & MASK
    return z ^ (z >> SHIFTS[2])
