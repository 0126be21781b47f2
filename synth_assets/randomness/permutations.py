"""Bijections on ``[0, n)``, so that the order of rows tells nothing about the rows.

Swap-or-not (Hoang, Morris and Rogaway, "An enciphering scheme based on a card shuffle",
CRYPTO 2012) rather than a Feistel network: it works for any ``n`` without walking cycles,
``n`` may differ from row to row, and each round is its own inverse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.randomness.lookup import at
from synth_assets.randomness.streams import GAMMA, MULTIPLIERS, SHIFTS, RandomStream, mix_one, u64

Words = npt.NDArray[np.uint64]

# Two neighbours stay neighbours with probability 2**-ROUNDS.
ROUNDS = 16


def permute(
    position: pl.Expr, size: pl.Expr, draw: RandomStream, group: pl.Expr | int = 0
) -> pl.Expr:
    """Where ``position`` goes under a random bijection of ``[0, size)``.

    ``group`` (a day, a shard) selects one of many bijections. Int64 in, Int64 out; the size
    must be positive and the position inside it, per row.
    """
    return _shuffled(position, size, draw, group, range(ROUNDS))


def unpermute(
    position: pl.Expr, size: pl.Expr, draw: RandomStream, group: pl.Expr | int = 0
) -> pl.Expr:
    """The inverse of ``permute`` with the same arguments."""
    return _shuffled(position, size, draw, group, range(ROUNDS)[::-1])


def _shuffled(
    position: pl.Expr, size: pl.Expr, draw: RandomStream, group: pl.Expr | int, order: Sequence[int]
) -> pl.Expr:
    keys = [draw.substream(f"round{number}").key for number in order]
    which = pl.lit(group) if isinstance(group, int) else group

    # Rounds feed each other several times over: as one Polars expression they would grow by a
    # factor of four a round, so they run as numpy steps inside the expression.
    def rounds(columns: Sequence[pl.Series]) -> pl.Series:
        at, n, salts = (c.cast(pl.UInt64).to_numpy() for c in columns)
        return pl.Series(_rounds(at, n, salts, keys).astype(np.int64))

    inputs = [position, size, which]
    return pl.map_batches(inputs, rounds, return_dtype=pl.Int64, is_elementwise=True)


def _rounds(at: Words, n: Words, which: Words, keys: Sequence[int]) -> Words:
    for key in keys:
        salt = mix_words(which, key)
        partner = (salt % n + n - at) % n
        heads = mix_words(np.maximum(at, partner) ^ salt, key) >> np.uint64(63) == 1
        at = np.where(heads, partner, at)
    return at


def mix_words(counter: Words, key: int) -> Words:
    """``draws.mix`` on a numpy array."""
    z = counter * np.uint64(GAMMA) + np.uint64(key)
    for shift, multiplier in zip(SHIFTS, MULTIPLIERS, strict=False):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(multiplier)
    return z ^ (z >> np.uint64(SHIFTS[2]))


class AffinePermutation:
    """A bijection of ``[0, size)`` by one multiplication: cheap, and even over any range.

    Neighbours land about 0.618 of the range apart (the golden ratio, so that every stretch of
    positions is sampled evenly), which hides an order but is no secret. A draw gives as many
    as there are numbers.
    """

    def __init__(self, size: int, draw: RandomStream, number: int = 0) -> None:
        self.size = max(int(size), 1)
        self.factor = _coprime_to(self.size)
        self.offset = mix_one(number, draw.key) % self.size

    def apply(self, position: pl.Expr) -> pl.Expr:
        """Where a position goes; Int64 in, Int64 out."""
        moved = position.reinterpret(signed=False) * u64(self.factor) + u64(self.offset)
        return (moved % u64(self.size)).reinterpret(signed=True)

    def invert(self, position: pl.Expr) -> pl.Expr:
        """The inverse of ``forth``."""
        inverse = pow(self.factor, -1, self.size)
        moved = position.reinterpret(signed=False) + u64(self.size - self.offset)
        # Twice modulo, since the product of two large numbers must not wrap.
        back = (moved % u64(self.size)) * u64(inverse) % u64(self.size)
        return back.reinterpret(signed=True)


class Spreads:
    """Several ``AffinePermutation``s, of which each row has one."""

    def __init__(self, spreads: Sequence[AffinePermutation]) -> None:
        self._sizes, self._factors, self._offsets = (
            pl.Series([getattr(s, name) for s in spreads], dtype=pl.UInt64)
            for name in ("size", "factor", "offset")
        )

    def size(self, which: pl.Expr) -> pl.Expr:
        """The size of a row's range, Int64."""
        return at(self._sizes.cast(pl.Int64), which)

    def apply(self, which: pl.Expr, position: pl.Expr) -> pl.Expr:
        """Where a position goes; Int64 in, Int64 out."""
        moved = position.reinterpret(signed=False) * at(self._factors, which)
        moved = (moved + at(self._offsets, which)) % at(self._sizes, which)
        return moved.reinterpret(signed=True)


def _coprime_to(size: int) -> int:
    """The number nearest above 0.618 times ``size`` that shares no divisor with it."""
    factor = int(size * (math.sqrt(5) - 1) / 2) or 1
    while math.gcd(factor, size) != 1:
        factor += 1
    return factor
