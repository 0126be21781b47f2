"""Counter-based random numbers: a cell is a function of seed, names and row number, never of state.

``RandomStream(seed, "jaffle", "raw_orders", "status")`` is one stream. Its methods take a
row-number expression and return an expression, so they run inside Polars on every core and
give the same value for a row wherever and in whatever batch it is computed.

The bits are those of ``splitmix64``. Names, not positions, go into the key: adding or reordering
columns and tables changes no other column.
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

from synth_assets.randomness.fixed_width import fixed_width, write_hexadecimal
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import mix, mix_one, u64

# Values of a lane: one of the four 16-bit parts of 64 random bits.
LANE_VALUES = 1 << 16


class RandomStream:
    """One named source of random numbers, addressed by row number.

    Args:
        seed: Seed of the scenario, 0 to 2**64 - 1.
        *names: Names that identify the stream, outermost first (domain, table, column).
    """

    def __init__(self, seed: int, *names: str) -> None:
        self.seed = seed
        self.names = names
        text = "\x1f".join((str(seed), *names))
        self.key = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")

    def substream(self, *names: str) -> RandomStream:
        """A further independent stream.

        Args:
            *names: Names that follow those of this stream.
        """
        return RandomStream(self.seed, *self.names, *names)

    def bits(self, row: pl.Expr) -> pl.Expr:
        """64 random bits (UInt64).

        Args:
            row: Row numbers, any integer type.
        """
        return mix(row, self.key)

    def uniform(self, row: pl.Expr, low: float = 0.0, high: float = 1.0) -> pl.Expr:
        """Float64 in [low, high), of 53 random bits.

        Args:
            row: Row numbers.
            low: Lower end, included.
            high: Upper end, excluded.
        """
        unit = (self.bits(row) // u64(1 << 11)).cast(pl.Float64) * 2.0**-53
        return unit if (low, high) == (0.0, 1.0) else low + unit * (high - low)

    def uniform_one(self, row: int) -> float:
        """``uniform`` in [0, 1) for one row number.

        Args:
            row: The row number.
        """
        return float(mix_one(row, self.key) >> 11) * 2.0**-53

    def integers(self, row: pl.Expr, low: int | pl.Expr, high: int | pl.Expr) -> pl.Expr:
        """Int64 in [low, high). The remainder's bias is below (high - low) / 2**64.

        Args:
            row: Row numbers.
            low: Lower end, included; may differ from row to row.
            high: Upper end, excluded; may differ from row to row.
        """
        span = (pl.lit(high) if isinstance(high, int) else high) - low
        return (self.bits(row) % span.cast(pl.UInt64)).cast(pl.Int64) + low

    def bernoulli(self, row: pl.Expr, probability: float | pl.Expr) -> pl.Expr:
        """Boolean, true with ``probability``.

        Args:
            row: Row numbers.
            probability: 0 to 1; may differ from row to row.
        """
        return self.uniform(row) < probability

    def normal(self, row: pl.Expr, mean: float = 0.0, sd: float = 1.0) -> pl.Expr:
        """Float64, normally distributed, by the Box-Muller transform of two uniforms.

        Args:
            row: Row numbers.
            mean: Mean of the distribution.
            sd: Standard deviation of the distribution.
        """
        radius = (-2.0 * (1.0 - self.uniform(row)).log()).sqrt()
        angle = self.substream("angle").uniform(row, 0.0, 2.0 * math.pi)
        return mean + sd * radius * angle.cos()

    def categorical(self, row: pl.Expr, weights: Sequence[float]) -> pl.Expr:
        """UInt32 position in ``weights``, each with its probability.

        Args:
            row: Row numbers.
            weights: Relative probabilities, some tens at most; their sum need not be one.

        Raises:
            ValueError: A weight is negative or not finite, or their sum is not positive.
        """
        total = math.fsum(weights)
        if not (0 < total < math.inf and min(weights) >= 0):
            raise ValueError(
                f"weights must be finite and non-negative with a positive sum, got {weights}"
            )
        unit = self.uniform(row)
        thresholds = [math.fsum(weights[: i + 1]) / total for i in range(len(weights) - 1)]
        position = pl.lit(0, dtype=pl.UInt32)
        # A sum of comparisons stays element-wise, so the streaming engine never has to stop.
        for threshold in thresholds:
            position = position + (unit >= threshold).cast(pl.UInt32)
        return position

    def choice(self, row: pl.Expr, values: pl.Enum | Mapping[str, float]) -> pl.Expr:
        """One of several words, as a ``pl.Enum`` of them.

        Args:
            row: Row numbers.
            values: An enumeration, from which each word is drawn with the same probability, or
                the words with their weights (see ``categorical``).
        """
        if isinstance(values, pl.Enum):
            size = len(values.categories)
            return (self.bits(row) % u64(size)).cast(pl.UInt32).cat.to(values)
        return self.categorical(row, list(values.values())).cat.to(pl.Enum(list(values)))

    def choice_u16(self, row: pl.Expr, values: Mapping[Any, float]) -> pl.Expr:
        """One of several values of any type, drawn by 16 bits (see ``categorical_u16``).

        Args:
            row: Row numbers.
            values: The values with their weights.
        """
        return gather(list(values), categorical_u16(self.bits(row), list(values.values())))

    def hexadecimal(self, row: pl.Expr, digits: int) -> pl.Expr:
        """String of lower-case hexadecimal digits; null where the row number is null.

        Args:
            row: Row numbers.
            digits: Length of the string, an even number.

        Raises:
            ValueError: ``digits`` is not a positive even number.
        """
        if digits % 2 or digits <= 0:
            raise ValueError(f"digits must be a positive even number, got {digits}")
        words = [self.substream(f"word{n}").bits(row) for n in range(math.ceil(digits / 16))]

        def spell(columns: Sequence[pl.Series]) -> pl.Series:
            return fixed_width(columns, digits, write_hexadecimal)

        return pl.map_batches(words, spell, return_dtype=pl.String, is_elementwise=True)


def categorical_u16(bits: pl.Expr, weights: Sequence[float], lane: int = 0) -> pl.Expr:
    """UInt8 position in ``weights``, each with its probability to within 1 in 65,536.

    A table lookup, which costs a tenth of ``RandomStream.categorical``.

    Args:
        bits: 64 random bits (``RandomStream.bits``), which have four independent lanes.
        weights: Relative probabilities, 256 at most.
        lane: Which 16 of the bits decide, 0 (the lowest) to 3.
    """
    shifted = bits // u64(1 << 16 * lane) if lane else bits
    return gather(_categorical_series(tuple(weights)), shifted % u64(LANE_VALUES))


@cache
def categorical_table(weights: tuple[float, ...]) -> npt.NDArray[np.int64]:
    """The position in ``weights`` that each of the 65,536 values of a lane selects.

    Args:
        weights: Relative probabilities.
    """
    thresholds = np.cumsum(weights) / math.fsum(weights) * LANE_VALUES
    return np.searchsorted(thresholds, np.arange(LANE_VALUES), side="right").astype(np.int64)


@cache
def _categorical_series(weights: tuple[float, ...]) -> pl.Series:
    return pl.Series(categorical_table(weights).astype(np.uint8))
