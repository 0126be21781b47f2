"""How often each person has a record: the records (or orders) of a source, assigned to persons.

Every person of a source has a first record, fewer have a second one, still fewer a third: a record
is one person's in one of these rounds. Records are numbered in a shuffled order. The person of a
record and a person's n-th record are both closed formulas.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from synth_assets.domains.identity_resolution.source_membership import SourceMembership
from synth_assets.randomness.permutations import AffinePermutation
from synth_assets.randomness.run_lengths import RunLengths
from synth_assets.randomness.streams import RandomStream


class RecordFrequency:
    """``total`` records of a source; ``shares`` are those of its persons with a further record.

    The last share is repeated until every record has a person.
    """

    def __init__(
        self,
        membership: SourceMembership,
        source: str,
        total: int,
        shares: Sequence[float],
        stream: RandomStream,
    ) -> None:
        self._membership, self._source = membership, source
        self.total = total
        self.members = membership.members(source)
        self.rounds = RunLengths(_rounds(self.members, total, shares))
        self._records = AffinePermutation(total, stream.substream("visits"))
        # Further records are independent of which other sources know the person.
        self._ranks = AffinePermutation(self.members, stream.substream("ranks"))

    def owners(self, frame: pl.LazyFrame, record: pl.Expr) -> pl.LazyFrame:
        """Adds the person of each record: ``person``, ``membership``, ``nth``, ``rank``, ``slot``.

        ``nth`` counts the person's earlier records, ``rank`` is the person's position in each
        round, and ``slot`` the record's position in all rounds together.

        Args:
            frame: The rows.
            record: Number of the record.
        """
        slot, nth = pl.col("slot"), pl.col("nth")
        frame = (
            frame.with_columns(slot=self._records.apply(record))
            .with_columns(nth=self.rounds.locate(slot))
            .with_columns(rank=slot - self.rounds.lookup("start", nth))
        )
        member = self._ranks.invert(pl.col("rank"))
        return self._membership.persons_of(self._source, frame, member)

    def rank(self, person: pl.Expr, membership: pl.Expr) -> pl.Expr:
        """A person's position in each round; null for persons outside the source.

        Args:
            person: The person's number.
            membership: The person's membership, an index into ``MEMBERSHIPS``.
        """
        return self._ranks.apply(self._membership.member(self._source, person, membership))

    def count(self, rank: pl.Expr) -> pl.Expr:
        """Number of records of a person.

        Args:
            rank: The person's rank.
        """
        sizes = pl.lit(pl.Series(np.sort(self.rounds.size)))
        fewer = sizes.search_sorted(rank, side="right").cast(pl.Int64)
        return len(self.rounds.size) - fewer

    def record(self, rank: pl.Expr, nth: pl.Expr) -> pl.Expr:
        """Number of a person's n-th record.

        Args:
            rank: The person's rank.
            nth: Which record of the person, 0 and up.
        """
        return self._records.invert(self.rounds.lookup("start", nth) + rank)


def _rounds(members: int, total: int, shares: Sequence[float]) -> list[int]:
    sizes = [min(members, total)]
    targets = [int(members * share) for share in shares]
    while (left := total - sum(sizes)) > 0:
        target = targets[min(len(sizes), len(targets)) - 1]
        sizes.append(min(left, max(target, 1), sizes[-1]))
    return sizes
