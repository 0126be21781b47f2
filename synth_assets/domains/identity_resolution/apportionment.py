"""Households of every market divided among pairs of values (last and first name, city and street).

The households of a market are permuted. Each major value (a last name) has a run of them, as long
as its share; within the run minor values (first names) have their shares. So the pair of a
household, and the household's number among those with the same pair, are closed formulas, and both
have their frequencies.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
import polars as pl

from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.permutations import AffinePermutation, AffinePermutations
from synth_assets.randomness.random_arrays import cdf_thresholds, random_bits
from synth_assets.randomness.run_lengths import Counts, RunLengths
from synth_assets.randomness.streams import RandomStream

# Bits of a share.
BITS = 31
UNIT = 1 << BITS
# Where the runs of further layers are entered: fractions of the run that spread its households.
SPREAD = (0.0, 0.618, 0.276)

Shares = Sequence[Sequence[float]]


class Apportionment:
    """Pairs of values of the households of every market.

    Args:
        sizes: Households of each market.
        majors: Shares of the major values of each market.
        minors: Shares of the minor values of each market.
        stream: The random stream.
        layers: Minor values of a household that are independent of each other (its members').
    """

    def __init__(
        self,
        sizes: Sequence[int],
        majors: Shares,
        minors: Shares,
        stream: RandomStream,
        layers: int = 1,
    ) -> None:
        self._order = AffinePermutations(
            [AffinePermutation(size, stream.substream(str(i))) for i, size in enumerate(sizes)]
        )
        self._bases = pl.Series(offsets(sizes))
        runs = np.concatenate([_divided(n, s) for n, s in zip(sizes, majors, strict=True)])
        self._runs = RunLengths(runs)
        self._majors = len(runs)
        factors = [[_coprime(int(n * SPREAD[k]), int(n)) for n in runs] for k in range(layers)]
        self._factors = pl.Series(np.concatenate(factors), dtype=pl.Int64)
        keys = np.arange(layers * self._majors)
        phases = random_bits(stream.substream("phase"), keys) >> np.uint64(64 - BITS)
        self._phases = pl.Series(phases.astype(np.int64))
        ends = [cdf_thresholds(shares, BITS) for shares in minors]
        starts = [np.concatenate([[0], end[:-1]]) for end in ends]
        self._starts = pl.Series(np.concatenate(starts))
        self._shares = RunLengths(np.concatenate([np.diff(end, prepend=0) for end in ends]))

    def placed(
        self, frame: pl.LazyFrame, locale: pl.Expr, household: pl.Expr, names: tuple[str, str, str]
    ) -> pl.LazyFrame:
        """Adds the major value, the number among households with it, and its number of households.

        Args:
            frame: The rows.
            locale: The market.
            household: Number of the household in the market.
            names: Names of the three columns.
        """
        major, rank, size = names
        place = gather(self._bases, locale) + self._order.apply(locale, household)
        return (
            frame.with_columns(place.alias(rank))
            .with_columns(self._runs.locate(pl.col(rank)).alias(major))
            .with_columns(
                pl.col(rank) - self._runs.lookup("start", pl.col(major)),
                self._runs.lookup("size", pl.col(major)).alias(size),
            )
        )

    def major(self, locale: pl.Expr, place: pl.Expr) -> pl.Expr:
        """The major value at a place among a market's households.

        Args:
            locale: The market.
            place: 0 to the market's number of households - 1.
        """
        return self._runs.locate(gather(self._bases, locale) + place)

    def paired(
        self,
        frame: pl.LazyFrame,
        locale: pl.Expr,
        names: tuple[str, str, str],
        added: tuple[str, str],
        layer: pl.Expr | None = None,
    ) -> pl.LazyFrame:
        """Adds the minor value, and the number among those with the same pair in the same layer.

        Args:
            frame: Rows with the columns of ``placed``.
            locale: The market.
            names: Names of the columns of ``placed``.
            added: Names of the two columns.
            layer: The layer, the first one by default.
        """
        major, rank, size = map(pl.col, names)
        minor, number = added
        if layer is not None:
            key = major + layer * self._majors
            rank = rank * gather(self._factors, key) % size
            phase = gather(self._phases, key)
        else:
            phase = gather(self._phases, major)
        share = (pl.col(number) * UNIT + pl.col("phase")) // size + locale * UNIT
        first = (gather(self._starts, pl.col(minor)) * size - pl.col("phase") + UNIT - 1) // UNIT
        return (
            frame.with_columns(rank.alias(number), phase=phase)
            .with_columns(self._shares.locate(share).alias(minor))
            .with_columns((pl.col(number) - first).alias(number))
            .drop("phase")
        )


def _divided(size: int, shares: Sequence[float]) -> Counts:
    """A number of households divided by shares."""
    ends = np.cumsum(np.asarray(shares, np.float64))
    counts: Counts = np.diff(np.rint(ends / ends[-1] * size).astype(np.int64), prepend=0)
    return counts


def _coprime(least: int, size: int) -> int:
    factor = max(least, 1)
    while gcd(factor, size) > 1:
        factor += 1
    return factor
