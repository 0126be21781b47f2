"""Noise in addresses: kinds, and how streets and flats are shown with each.

A kind that an address has no use for (no word to shorten, no flat) is shown as the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import polars as pl

from synth_assets.domains.identity_resolution.misspelling import TYPOS, typos
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64

# How an address is shown; the first is as it is, the last is the one before the household moved.
KINDS = ("clean", "no_flat", "abbreviated", "street_typo", "moved")
CLEAN, NO_FLAT, ABBREVIATED, STREET_TYPO, MOVED = range(len(KINDS))


class Misspelt:
    """Streets as they are, shortened and with typing errors.

    Args:
        streets: The streets of all markets.
        short: Each of them shortened, None where it is not.
    """

    def __init__(self, streets: Sequence[str], short: Sequence[str | None]) -> None:
        self._size = len(streets)
        mistyped = [typos(street) for street in streets]
        shortened = [s or wrong[0] for s, wrong in zip(short, mistyped, strict=True)]
        wrong = chain.from_iterable(zip(*mistyped, strict=True))
        self._shown = pl.Series([*streets, *shortened, *wrong])
        self._has_short = pl.Series([s is not None for s in short])

    def effective(self, drawn: pl.Expr) -> pl.Expr:
        """The kind that an address is shown with; reads ``flat`` and ``street``.

        Args:
            drawn: The drawn kind.
        """
        other = (
            pl.when((drawn == NO_FLAT) & (pl.col("flat") == 0)).then(ABBREVIATED).otherwise(drawn)
        )
        shortable = gather(self._has_short, pl.col("street"))
        return pl.when((other == ABBREVIATED) & ~shortable).then(STREET_TYPO).otherwise(other)

    def street(
        self, street: pl.Expr, state: pl.Expr | None = None, bits: pl.Expr | None = None
    ) -> pl.Expr:
        """The street as it is shown.

        Args:
            street: Index of the street.
            state: Index into ``KINDS``, as ``effective`` returns it; as it is by default.
            bits: Random bits that choose the typing error; without, it is the first, and no
                street is shortened.
        """
        if state is None:
            return gather(self._shown, street)
        if bits is None:
            return gather(
                self._shown,
                street + pl.when(state == STREET_TYPO).then(2 * self._size).otherwise(0),
            )
        error = 2 + (bits // u64(1 << 48) % u64(TYPOS)).cast(pl.Int64)
        variant = (
            pl.when(state == ABBREVIATED)
            .then(1)
            .when(state == STREET_TYPO)
            .then(error)
            .otherwise(0)
        )
        return gather(self._shown, street + variant * self._size)

    @staticmethod
    def flat(flat: pl.Expr, state: pl.Expr | None = None) -> pl.Expr:
        """The flat as it is shown, 0 for none.

        Args:
            flat: The flat's number, 0 for none.
            state: Index into ``KINDS``; as it is by default.
        """
        return flat if state is None else pl.when(state == NO_FLAT).then(0).otherwise(flat)
