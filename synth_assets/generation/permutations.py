"""Bijections on ``[0, n)``, so that the order of rows tells nothing about the rows.

Swap-or-not (Hoang, Morris and Rogaway, "An enciphering scheme based on a card shuffle",
CRYPTO 2012) rather than a Feistel network: it works for any ``n`` without walking cycles,
``n`` may differ from row to row, and each round is its own inverse.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.generation.draws import GAMMA, MULTIPLIERS, SHIFTS, Draw

Words = npt.NDArray[np.uint64]

# Two neighbours stay neighbours with probability 2**-ROUNDS.
ROUNDS = 16


def permute(position: pl.Expr, size: pl.Expr, draw: Draw, group: pl.Expr | int = 0) -> pl.Expr:
    """Where ``position`` goes under a random bijection of ``[0, size)``.

    ``group`` (a day, a shard) selects one of many bijections. Int64 in, Int64 out; the size
    must be positive and the position inside it, per row.
    """
    return _shuffled(position, size, draw, group, range(ROUNDS))


def unpermute(position: pl.Expr, size: pl.Expr, draw: Draw, group: pl.Expr | int = 0) -> pl.Expr:
    """The inverse of ``permute`` with the same arguments."""
    return _shuffled(position, size, draw, group, range(ROUNDS)[::-1])


def _shuffled(
    position: pl.Expr, size: pl.Expr, draw: Draw, group: pl.Expr | int, order: Sequence[int]
) -> pl.Expr:
    keys = [draw.named(f"round{number}").key for number in order]
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
