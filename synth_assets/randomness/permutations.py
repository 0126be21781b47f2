"""Bijections on ``[0, n)``, so that the order of rows tells nothing about the rows.

Swap-or-not (Hoang, Morris and Rogaway, "An enciphering scheme based on a card shuffle",
CRYPTO 2012) rather than a Feistel network: it works for any ``n`` without walking cycles,
``n`` may differ from row to row, and each round is its own inverse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import Words, mix_one, mix_words, u64
from synth_assets.randomness.streams import RandomStream

# Two neighbours stay neighbours with probability 2**-ROUNDS.
ROUNDS = 16


def permute(
    position: pl.Expr, size: pl.Expr, stream: RandomStream, group: pl.Expr | int = 0
) -> pl.Expr:
    """The image (Int64) of a position under a random bijection of ``[0, size)``.

    Args:
        position: Int64, 0 to ``size - 1``.
        size: Int64, positive; may differ from row to row.
        stream: The source of the bijections.
        group: Selects one of many bijections (a day, a shard).
    """
    return _shuffled(position, size, stream, group, range(ROUNDS))


def unpermute(
    position: pl.Expr, size: pl.Expr, stream: RandomStream, group: pl.Expr | int = 0
) -> pl.Expr:
    """The inverse of ``permute`` with the same stream, size and group.

    Args:
        position: Int64, 0 to ``size - 1``.
        size: Int64, positive; may differ from row to row.
        stream: The source of the bijections.
        group: Selects one of many bijections.
    """
    return _shuffled(position, size, stream, group, range(ROUNDS)[::-1])


def _shuffled(
    position: pl.Expr,
    size: pl.Expr,
    stream: RandomStream,
    group: pl.Expr | int,
    order: Sequence[int],
) -> pl.Expr:
    keys = [stream.substream(f"round{number}").key for number in order]
    which = pl.lit(group) if isinstance(group, int) else group

    # Each round uses the result of the one before several times: one Polars expression of all
    # rounds would grow by a factor of four a round, so they run in numpy inside the expression.
    def rounds(columns: Sequence[pl.Series]) -> pl.Series:
        known = columns[0].is_not_null()
        # numpy has no null: where there is no position, that of 1 is computed and dropped.
        at, n, salts = (c.cast(pl.UInt64).fill_null(1).to_numpy() for c in columns)
        images = pl.Series(_rounds(at, n, salts, keys).astype(np.int64))
        return images if known.all() else images.zip_with(known, pl.Series([None], dtype=pl.Int64))

    inputs = [position, size, which]
    return pl.map_batches(inputs, rounds, return_dtype=pl.Int64, is_elementwise=True)


def _rounds(at: Words, n: Words, which: Words, keys: Sequence[int]) -> Words:
    for key in keys:
        salt = mix_words(which, key)
        partner = (salt % n + n - at) % n
        heads = mix_words(np.maximum(at, partner) ^ salt, key) >> np.uint64(63) == 1
        at = np.where(heads, partner, at)
    return at


class AffinePermutation:
    """A bijection of ``[0, size)`` by one multiplication and one addition, modulo ``size``.

    Neighbours are mapped about 0.618 of the range apart (the golden ratio), so that the images of
    any run of positions are spread evenly. This hides an order, but is not a secret.

    Args:
        size: Size of the range; below 1 it counts as 1.
        stream: The source of the offset.
        number: Selects one of the stream's offsets.
    """

    def __init__(self, size: int, stream: RandomStream, number: int = 0) -> None:
        self.size = max(int(size), 1)
        self.factor = _coprime_to(self.size)
        self.offset = mix_one(number, stream.key) % self.size

    def apply(self, position: pl.Expr) -> pl.Expr:
        """The image (Int64) of a position.

        Args:
            position: Int64, 0 to ``size - 1``.
        """
        moved = position.reinterpret(signed=False) * u64(self.factor) + u64(self.offset)
        return (moved % u64(self.size)).reinterpret(signed=True)

    def invert(self, position: pl.Expr) -> pl.Expr:
        """The inverse of ``apply``.

        Args:
            position: Int64, 0 to ``size - 1``.
        """
        inverse = pow(self.factor, -1, self.size)
        moved = position.reinterpret(signed=False) + u64(self.size - self.offset)
        # Twice modulo, since the product of two large numbers must not wrap.
        back = (moved % u64(self.size)) * u64(inverse) % u64(self.size)
        return back.reinterpret(signed=True)


class AffinePermutations:
    """Several affine permutations, one of which applies to each row.

    Args:
        permutations: The permutations, which rows refer to by their index.
    """

    def __init__(self, permutations: Sequence[AffinePermutation]) -> None:
        self._sizes, self._factors, self._offsets = (
            pl.Series([getattr(p, name) for p in permutations], dtype=pl.UInt64)
            for name in ("size", "factor", "offset")
        )

    def size(self, which: pl.Expr) -> pl.Expr:
        """The size (Int64) of a row's range.

        Args:
            which: Index of the row's permutation.
        """
        return gather(self._sizes.cast(pl.Int64), which)

    def apply(self, which: pl.Expr, position: pl.Expr) -> pl.Expr:
        """The image (Int64) of a position.

        Args:
            which: Index of the row's permutation.
            position: Int64, 0 to the size of the row's range - 1.
        """
        moved = position.reinterpret(signed=False) * gather(self._factors, which)
        moved = (moved + gather(self._offsets, which)) % gather(self._sizes, which)
        return moved.reinterpret(signed=True)


def _coprime_to(size: int) -> int:
    """The smallest number from 0.618 times ``size`` up that has no common divisor with it."""
    factor = int(size * (math.sqrt(5) - 1) / 2) or 1
    while math.gcd(factor, size) != 1:
        factor += 1
    return factor
