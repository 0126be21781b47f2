"""Which sources know a person: the table of memberships, and persons numbered along it.

A membership is a set of sources; ``MEMBERSHIPS`` has its number of persons per thousand. The
numbers solve three sets of equations at once, all of them shares of persons:

- the persons of each source (``MEMBERS``: CRM 640 of 1,000, e-commerce 360, and so on);
- the overlap with CRM (``IN_CRM``): 70% of e-commerce persons, 80% of loyalty's, 50% of mobile's,
  60% of the surveys', 40% of the reviews', all of POS;
- strata (``STRATA``): 300 of 1,000 persons in one source, 600 in two or three, 100 in five or more.

The solution was found by hand. 100 persons are in five or more sources, all of them in CRM; what
each source still lacks then determines the numbers of singles, pairs and triples within CRM and
outside it (two equations each); the triples are distributed freely. POS persons are loyalty
members in CRM, since POS knows people by their card alone. The tests check every sum.

Persons are numbered along the table: the first run of numbers has the first membership, and so on.
So the k-th person of a source is found by a lookup of k in that source's runs, and the inverse.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import polars as pl

from synth_assets.randomness.lookup import gather
from synth_assets.randomness.run_lengths import RunLengths

CRM, ECOM, LOYALTY, MOBILE, POS, SURVEYS, REVIEWS = SOURCES = (
    "crm", "ecom", "loyalty", "mobile", "pos", "surveys", "reviews",
)  # fmt: skip

# Persons of a source per 1,000.
MEMBERS = {CRM: 640, ECOM: 360, LOYALTY: 600, MOBILE: 600, POS: 90, SURVEYS: 120, REVIEWS: 70}
# Share of a source's persons who are in CRM.
IN_CRM = {ECOM: 0.70, LOYALTY: 0.80, MOBILE: 0.50, POS: 1.0, SURVEYS: 0.60, REVIEWS: 0.40}

MEMBERSHIPS: dict[frozenset[str], int] = {
    frozenset(sources): persons
    for sources, persons in [
        # One source.
        ((CRM,), 120),
        ((ECOM,), 30),
        ((LOYALTY,), 8),
        ((MOBILE,), 130),
        ((SURVEYS,), 4),
        ((REVIEWS,), 8),
        # Two or three, in CRM.
        ((CRM, LOYALTY), 35),
        ((CRM, MOBILE), 8),
        ((CRM, ECOM), 4),
        ((CRM, LOYALTY, MOBILE), 178),
        ((CRM, LOYALTY, ECOM), 125),
        ((CRM, MOBILE, ECOM), 9),
        ((CRM, LOYALTY, POS), 38),
        ((CRM, ECOM, SURVEYS), 6),
        ((CRM, LOYALTY, SURVEYS), 4),
        ((CRM, ECOM, REVIEWS), 8),
        ((CRM, MOBILE, REVIEWS), 5),
        # Two or three, not in CRM.
        ((LOYALTY, MOBILE), 66),
        ((LOYALTY, ECOM), 4),
        ((ECOM, MOBILE), 22),
        ((SURVEYS, MOBILE), 2),
        ((REVIEWS, MOBILE), 8),
        ((ECOM, MOBILE, SURVEYS), 22),
        ((ECOM, LOYALTY, MOBILE), 16),
        ((LOYALTY, MOBILE, SURVEYS), 14),
        ((LOYALTY, MOBILE, REVIEWS), 12),
        ((ECOM, MOBILE, REVIEWS), 8),
        ((ECOM, SURVEYS, REVIEWS), 6),
        # Five or more.
        ((CRM, ECOM, LOYALTY, MOBILE, POS), 30),
        ((CRM, ECOM, LOYALTY, MOBILE, SURVEYS), 40),
        ((CRM, ECOM, LOYALTY, MOBILE, REVIEWS), 8),
        ((CRM, ECOM, LOYALTY, MOBILE, SURVEYS, POS), 15),
        ((CRM, ECOM, LOYALTY, MOBILE, SURVEYS, REVIEWS, POS), 7),
    ]
}
# The membership of persons whom rounding leaves over.
LEFT, THOUSAND = frozenset([MOBILE]), 1_000
# Least and greatest number of sources of each stratum, and its share of persons.
STRATA = {"one_time": (1, 1, 0.30), "regular": (2, 3, 0.60), "high_value": (5, 7, 0.10)}


class SourceMembership:
    """The memberships of ``persons`` people, numbered along the table.

    Expressions are Int64: a person is 0 to ``persons`` - 1, a member of a source is 0 to the
    source's members - 1.
    """

    def __init__(self, persons: int) -> None:
        # Rounded down, so that no source has more members than records; who is left is in one.
        sizes = np.array([n * persons // THOUSAND for n in MEMBERSHIPS.values()], np.int64)
        sizes[list(MEMBERSHIPS).index(LEFT)] += persons - sizes.sum()
        self.persons = persons
        self._size = sizes
        self._first = np.cumsum(sizes) - sizes

    @cached_property
    def _sources(self) -> dict[str, RunLengths]:
        return {source: self._members_of(source) for source in SOURCES}

    def _members_of(self, source: str) -> RunLengths:
        inside = np.array([source in membership for membership in MEMBERSHIPS])
        size = self._size[inside]
        before = np.cumsum(size) - size
        return RunLengths(
            size, shift=self._first[inside] - before, membership=np.flatnonzero(inside)
        )

    @cached_property
    def _shifts(self) -> dict[str, pl.Series]:
        """For each source, by membership: a person's number minus the member's number."""
        return {source: self._shift(runs) for source, runs in self._sources.items()}

    def _shift(self, runs: RunLengths) -> pl.Series:
        known = dict(zip(runs.columns["membership"], runs.columns["shift"], strict=True))
        return pl.Series([known.get(i) for i in range(len(MEMBERSHIPS))], dtype=pl.Int64)

    def members(self, source: str) -> int:
        """Number of persons in a source.

        Args:
            source: The source.
        """
        return self._sources[source].total

    def persons_of(self, source: str, frame: pl.LazyFrame, member: pl.Expr) -> pl.LazyFrame:
        """Adds the members' ``person`` and ``membership``, an index into ``MEMBERSHIPS``.

        Args:
            source: The source.
            frame: The rows.
            member: Number of the source's member.
        """
        runs, run = self._sources[source], pl.col("membership")
        return frame.with_columns(person=member, membership=runs.locate(member)).with_columns(
            person=pl.col("person") + runs.lookup("shift", run),
            membership=runs.lookup("membership", run),
        )

    def member(self, source: str, person: pl.Expr, membership: pl.Expr) -> pl.Expr:
        """Number of a person among the members of a source; null for other persons.

        Args:
            source: The source.
            person: The person's number.
            membership: The person's membership, an index into ``MEMBERSHIPS``.
        """
        return person - gather(self._shifts[source], membership)

    def first(self, *sources: str) -> int:
        """Number of the first person who is in exactly these sources.

        Args:
            sources: A membership of the table.
        """
        return int(self._first[list(MEMBERSHIPS).index(frozenset(sources))])
