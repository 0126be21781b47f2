"""The mixer splitmix64: a counter and a key to 64 random bits, as expression and for one integer.

Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; constants from
its reference implementation. Keys and the values made from bits are in ``streams``.
"""

from __future__ import annotations

import polars as pl

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
SHIFTS = (30, 27, 31)


def u64(value: int) -> pl.Expr:
    """An unsigned 64-bit literal; without the type Polars would widen or overflow.

    Args:
        value: 0 to 2**64 - 1.
    """
    return pl.lit(value, dtype=pl.UInt64)


def mix(counter: pl.Expr, key: int | pl.Expr) -> pl.Expr:
    """64 well-mixed bits (UInt64) for each value of a counter.

    Args:
        counter: UInt64.
        key: Key of the stream, 64 bits, or a UInt64 for each row.
    """
    z = counter * u64(GAMMA) + (u64(key) if isinstance(key, int) else key)
    z = (z ^ (z // u64(1 << SHIFTS[0]))) * u64(MULTIPLIERS[0])
    z = (z ^ (z // u64(1 << SHIFTS[1]))) * u64(MULTIPLIERS[1])
    return z ^ (z // u64(1 << SHIFTS[2]))


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
