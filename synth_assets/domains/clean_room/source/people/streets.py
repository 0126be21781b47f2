"""Street addresses in the form of a country."""

from __future__ import annotations

from functools import cache
from itertools import product

import polars as pl

from synth_assets.domains.clean_room.source.people.names import ALL_CULTURES
from synth_assets.domains.clean_room.source.people.street_lists import STREETS
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.streams import RandomStream

# Low numbers are the most frequent ones: a uniform number is raised to this power.
SKEW = 2.0
JAPAN = ALL_CULTURES.index("ja_JP")


def street_address(draw: RandomStream, row: pl.Expr, culture: pl.Expr) -> pl.Expr:
    """The number of a house and its street.

    Args:
        draw: The random stream.
        row: The row's number.
        culture: Positions in ``ALL_CULTURES``.
    """
    before, after, sizes, starts = _parts()
    at = gather(starts, culture) + (draw.bits(row) % gather(sizes, culture).cast(pl.UInt64)).cast(
        pl.Int64
    )
    most = [STREETS[name].most for name in ALL_CULTURES]
    number = 1 + (draw.substream("house").uniform(row) ** SKEW * gather(most, culture)).cast(
        pl.Int64
    )
    block = draw.substream("block")
    # Japanese houses are numbered by quarter and block.
    blocks = pl.concat_str(
        block.integers(row, 1, 6).cast(pl.String),
        pl.lit("-"),
        block.substream("second").integers(row, 1, 25).cast(pl.String),
        pl.lit("-"),
    )
    return pl.concat_str(
        gather(before, at),
        pl.when(culture == JAPAN).then(blocks).otherwise(pl.lit("")),
        number.cast(pl.String),
        gather(after, at),
    )


@cache
def _parts() -> tuple[pl.Series, pl.Series, list[int], list[int]]:
    """What is before and after the number for every street, with the streets of each culture."""
    parts: list[tuple[str, ...]] = []
    sizes = []
    for culture in ALL_CULTURES:
        some = STREETS[culture]
        for pattern, word in product(some.patterns, some.words):
            street = pattern.format(word)
            whole = some.house.format(street=street, number="\0")
            parts.append(tuple(whole.split("\0")))
        sizes.append(len(some.patterns) * len(some.words))
    before, after = zip(*parts, strict=True)
    return pl.Series(before), pl.Series(after), sizes, offsets(sizes)
