"""Who comes how often: the records (or orders) of a source, shared out among its persons.

Every person of the source comes once, fewer come a second time, fewer still a third: a visit is
one person's turn in one of these rounds. Visits are numbered from 0 in scrambled order, and both
ways are closed formulas: who makes visit v, and which visit is a person's j-th.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from synth_assets.domains.identity_resolution.source_membership import Layout
from synth_assets.randomness.permutations import AffinePermutation
from synth_assets.randomness.run_lengths import RunLengths
from synth_assets.randomness.streams import RandomStream


class Visits:
    """``total`` visits to a source; ``rounds`` are shares of its persons who come again.

    The last share is repeated until every visit has its person.
    """

    def __init__(
        self, layout: Layout, source: str, total: int, rounds: Sequence[float], draw: RandomStream
    ) -> None:
        self._layout, self._source = layout, source
        self.total = total
        self.members = layout.members(source)
        self.rounds = RunLengths(_rounds(self.members, total, rounds))
        self._visits = AffinePermutation(total, draw.substream("visits"))
        # Who comes again has nothing to do with which other sources know the person.
        self._ranks = AffinePermutation(self.members, draw.substream("ranks"))

    def made(self, frame: pl.LazyFrame, visit: pl.Expr) -> pl.LazyFrame:
        """Whose a visit is: adds ``person`` and ``pattern``.

        And ``nth`` (which of the person's visits it is), ``rank`` (the person's place in each
        round), and ``slot`` (the visit's place in all rounds together).
        """
        slot = pl.col("slot")
        return (
            frame.with_columns(slot=self._visits.apply(visit))
            .with_columns(nth=self.rounds.locate(slot))
            .with_columns(rank=slot - self.rounds.lookup("start", pl.col("nth")))
        ).pipe(self._whose)

    def _whose(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        member = self._ranks.invert(pl.col("rank"))
        return self._layout.persons_of(self._source, frame, member)

    def rank(self, person: pl.Expr, pattern: pl.Expr) -> pl.Expr:
        """A person's place in each round (Int64); null for whoever never comes."""
        return self._ranks.apply(self._layout.member(self._source, person, pattern))

    def count(self, rank: pl.Expr) -> pl.Expr:
        """How many visits the person with a rank makes."""
        sizes = pl.lit(pl.Series(np.sort(self.rounds.size)))
        fewer = sizes.search_sorted(rank, side="right").cast(pl.Int64)
        return len(self.rounds.size) - fewer

    def visit(self, rank: pl.Expr, nth: pl.Expr) -> pl.Expr:
        """The number of the nth visit of the person with a rank."""
        return self._visits.invert(self.rounds.lookup("start", nth) + rank)


def _rounds(members: int, total: int, shares: Sequence[float]) -> list[int]:
    sizes = [min(members, total)]
    wanted = [int(members * share) for share in shares]
    while (left := total - sum(sizes)) > 0:
        again = wanted[min(len(sizes), len(wanted)) - 1]
        sizes.append(min(left, max(again, 1), sizes[-1]))
    return sizes
