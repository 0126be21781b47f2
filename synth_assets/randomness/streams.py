"""Counter-based random numbers: a cell is a function of seed, names and row number, never of state.

``RandomStream(seed, "jaffle", "raw_orders", "status")`` is one stream. Its methods take a
row-number expression and return an expression, so they run inside Polars on every core and
give the same value for a row wherever and in whatever batch it is computed.

The mixer is splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014; constants from its reference implementation). Names, not positions,
go into the key: adding or reordering columns and tables changes no other column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from synth_assets.randomness.lookup import at

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
SHIFTS = (30, 27, 31)
# Values of one of the four parts of a draw.
LOTS = 1 << 16


def u64(value: int) -> pl.Expr:
    """An unsigned 64-bit literal; without the type Polars would widen or overflow."""
    return pl.lit(value, dtype=pl.UInt64)


def mix(counter: pl.Expr, key: int) -> pl.Expr:
    """64 well-mixed bits for each value of ``counter`` (UInt64) under ``key``."""
    z = counter * u64(GAMMA) + u64(key)
    z = (z ^ (z // u64(1 << SHIFTS[0]))) * u64(MULTIPLIERS[0])
    z = (z ^ (z // u64(1 << SHIFTS[1]))) * u64(MULTIPLIERS[1])
    return z ^ (z // u64(1 << SHIFTS[2]))


def mix_one(counter: int, key: int) -> int:
    """``mix`` for one Python integer: for per-day constants, and as the oracle in tests."""
    z = (counter * GAMMA + key) & MASK
    z = ((z ^ (z >> SHIFTS[0])) * MULTIPLIERS[0]) & MASK
    z = ((z ^ (z >> SHIFTS[1])) * MULTIPLIERS[1]) & MASK
    return z ^ (z >> SHIFTS[2])


class RandomStream:
    """One named source of chance, addressed by row number.

    Parameters: ``seed`` of the scenario (0 to 2**64 - 1) and the names that make this source
    unlike any other, outermost first (domain, table, column).
    """

    def __init__(self, seed: int, *names: str) -> None:
        self.seed = seed
        self.names = names
        text = "\x1f".join((str(seed), *names))
        self.key = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")

    def substream(self, *names: str) -> RandomStream:
        """A further independent source under this one."""
        return RandomStream(self.seed, *self.names, *names)

    def bits(self, row: pl.Expr) -> pl.Expr:
        """64 random bits (UInt64)."""
        return mix(row.cast(pl.UInt64), self.key)

    def uniform(self, row: pl.Expr, low: float = 0.0, high: float = 1.0) -> pl.Expr:
        """Float64 in [low, high), of 53 random bits."""
        unit = (self.bits(row) // u64(1 << 11)).cast(pl.Float64) * 2.0**-53
        return unit if (low, high) == (0.0, 1.0) else low + unit * (high - low)

    def uniform_one(self, row: int) -> float:
        """``uniform`` for one Python row number."""
        return float(mix_one(row, self.key) >> 11) * 2.0**-53

    def integers(self, row: pl.Expr, low: int | pl.Expr, high: int | pl.Expr) -> pl.Expr:
        """Int64 in [low, high). The remainder's bias is below (high - low) / 2**64."""
        span = (pl.lit(high) if isinstance(high, int) else high) - low
        return (self.bits(row) % span.cast(pl.UInt64)).cast(pl.Int64) + low

    def bernoulli(self, row: pl.Expr, probability: float | pl.Expr) -> pl.Expr:
        """Boolean, true with ``probability``."""
        return self.uniform(row) < probability

    def normal(self, row: pl.Expr, mean: float = 0.0, sd: float = 1.0) -> pl.Expr:
        """Float64, Gaussian, by Box and Muller's transform of two uniforms."""
        radius = (-2.0 * (1.0 - self.uniform(row)).log()).sqrt()
        angle = self.substream("angle").uniform(row, 0.0, 2.0 * math.pi)
        return mean + sd * radius * angle.cos()

    def index(self, row: pl.Expr, weights: Sequence[float]) -> pl.Expr:
        """UInt32 position drawn with ``weights`` (need not sum to one; some tens at most)."""
        total = math.fsum(weights)
        if not (0 < total < math.inf and min(weights) >= 0):
            raise ValueError(
                f"weights must be finite and non-negative with a positive sum, got {weights}"
            )
        unit = self.uniform(row)
        steps = [math.fsum(weights[: i + 1]) / total for i in range(len(weights) - 1)]
        at = pl.lit(0, dtype=pl.UInt32)
        # A sum of comparisons stays element-wise, so the streaming engine never has to stop.
        for step in steps:
            at = at + (unit >= step).cast(pl.UInt32)
        return at

    def choice(self, row: pl.Expr, shares: Mapping[str, float]) -> pl.Expr:
        """A weighted pick among the keys of ``shares``, as a ``pl.Enum`` of them."""
        return self.index(row, list(shares.values())).cat.to(pl.Enum(list(shares)))

    def one_of(self, row: pl.Expr, shares: Mapping[Any, float]) -> pl.Expr:
        """A weighted pick among the keys of ``shares``, as they are; exact to 1 in 65,536."""
        return at(list(shares), lot(self.bits(row), list(shares.values())))

    def pick(self, row: pl.Expr, vocabulary: pl.Enum) -> pl.Expr:
        """An even pick from a vocabulary, as its ``pl.Enum``."""
        size = len(vocabulary.categories)
        return (self.bits(row) % u64(size)).cast(pl.UInt32).cat.to(vocabulary)

    def hexadecimal(self, row: pl.Expr, digits: int) -> pl.Expr:
        """String of ``digits`` lower-case hexadecimal digits (an even number); null for null."""
        if digits % 2 or digits <= 0:
            raise ValueError(f"digits must be a positive even number, got {digits}")
        words = [self.substream(f"word{n}").bits(row) for n in range(math.ceil(digits / 16))]

        def spell(columns: Sequence[pl.Series]) -> pl.Series:
            # Within a condition Polars passes nulls where it does not hold.
            there = columns[0].is_not_null()
            filled = [c.fill_null(0).to_numpy() for c in columns]
            pairs = np.column_stack(filled).byteswap().view(np.uint16)
            text = _PAIRS[pairs].view(np.uint8).reshape(len(pairs), 16 * len(words))[:, :digits]
            offsets = np.arange(len(pairs) + 1, dtype=np.int64) * digits
            buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text))]
            made = pl.Series(pa.Array.from_buffers(pa.large_utf8(), len(pairs), buffers))
            return made if there.all() else made.set(~there, None)

        return pl.map_batches(words, spell, return_dtype=pl.String, is_elementwise=True)


def lot(bits: pl.Expr, weights: Sequence[float], part: int = 0) -> pl.Expr:
    """UInt8 position drawn with ``weights``, each exact to 1 in 65,536.

    ``bits`` is a draw's; it serves four lots, ``part`` 0 to 3. Looked up in a table, this costs a
    tenth of ``RandomStream.index``.
    """
    part_of = bits // u64(1 << 16 * part) if part else bits
    return at(_lots(tuple(weights)), part_of % u64(LOTS))


@cache
def lot_table(weights: tuple[float, ...]) -> npt.NDArray[np.int64]:
    """The position that each of the ``LOTS`` 16-bit numbers stands for."""
    steps = np.cumsum(weights) / math.fsum(weights) * LOTS
    return np.searchsorted(steps, np.arange(LOTS), side="right").astype(np.int64)


@cache
def _lots(weights: tuple[float, ...]) -> pl.Series:
    return pl.Series(lot_table(weights).astype(np.uint8))


# The four ASCII digits of each pair of octets, as a little-endian machine reads the pair.
_PAIRS = np.frombuffer(
    "".join(f"{n & 255:02x}{n >> 8:02x}" for n in range(1 << 16)).encode(), dtype=np.uint32
)
