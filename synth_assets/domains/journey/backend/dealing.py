"""Stratified sampling of records in order: shares that are exact over any first part of them.

Records are numbered from 0. At a rate of 17% one of about six consecutive records is chosen, at
random. A later record changes no earlier choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import RandomStream

# Rates are whole millionths.
MILLION = 1_000_000
# Cards of a deck, and of each part of it that is shuffled.
DECK, PART = 100, 10


def dealt(ordinal: pl.Expr, rate: float, stream: RandomStream, *, early: bool = False) -> pl.Expr:
    """Whether a record is chosen; the number of chosen ones differs by at most one from the rate's.

    Args:
        ordinal: Numbers of the records, from 0.
        rate: Share of the records that are chosen.
        stream: The stream that decides.
        early: Whether the first record is chosen within half of the usual distance, so that rare
            ones occur in small data; the number then differs by at most 1.5.
    """
    parts = round(rate * MILLION)
    if parts == 0:
        return pl.lit(value=False)
    shift = MILLION // 2 if early else 0
    stratum = (ordinal.cast(pl.Int64) * parts + shift) // MILLION

    def begin(of: pl.Expr) -> pl.Expr:
        return pl.max_horizontal((of * MILLION - shift + parts - 1) // parts, 0)

    first = begin(stratum)
    size = begin(stratum + 1) - first
    chosen = first + (stream.bits(stratum) // u64(1 << 20)).cast(pl.Int64) % size
    return ordinal == chosen


def dealt_choice(ordinal: pl.Expr, shares: Mapping[str, float], stream: RandomStream) -> pl.Expr:
    """A value for each record, such that all values are early and each has its share.

    Args:
        ordinal: Numbers of the records, from 0.
        shares: Relative shares of the values.
        stream: The stream that decides.
    """
    ordinal = ordinal.cast(pl.Int64)
    part, place = ordinal // PART, ordinal % PART
    bits = stream.bits(part)
    # Multiplication by a number without common factors with ten permutes a part.
    factors = pl.lit(pl.Series([1, 3, 7, 9])).gather((bits % u64(4)).cast(pl.UInt32))
    moved = (place * factors + (bits // u64(1 << 20) % u64(PART)).cast(pl.Int64)) % PART
    deck = pl.lit(pl.Series(_deck(tuple(shares.items()))))
    return deck.gather((part * PART + moved) % DECK)


@cache
def _deck(shares: tuple[tuple[str, float], ...]) -> list[str]:
    """Values in turn: always the one whose count is the furthest below its share."""
    total = sum(share for _, share in shares)
    counts, deck = dict.fromkeys((name for name, _ in shares), 0), []
    for number in range(1, DECK + 1):
        short = {name: share / total * number - counts[name] for name, share in shares}
        chosen = max(short, key=lambda name: round(short[name], 9))
        counts[chosen] += 1
        deck.append(chosen)
    return deck
