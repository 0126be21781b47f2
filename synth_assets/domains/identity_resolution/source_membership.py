"""Which sources know a person: the pattern table, and how persons are laid out along it.

A pattern is a set of sources, and ``PATTERNS`` says how many persons of a thousand have it.
The numbers solve three sets of equations at once, all of them shares of persons:

- each source's persons (``MEMBERS``: CRM 640 of 1,000, e-commerce 360, and so on);
- overlap with CRM: 70% of e-commerce persons, 80 of loyalty's, 50 of mobile's, 60 of the
  surveys', 40 of the reviews', all of POS;
- strata: 300 of 1,000 persons in one source, 600 in two or three, 100 in five or more.

They were found by hand: 100 persons in five or more sources, all of them in CRM; from what each
source still needs, the counts of singles, pairs and triples follow within CRM and without
(two equations each); the rest is sharing out triples. POS persons are loyalty members in CRM,
since POS knows people by their card alone. The tests check every sum.

Persons are numbered along the table: the first run of numbers has the first pattern, and so on.
So the k-th person of a source is found by looking up k among that source's runs, and back.
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

# Persons of a source, of 1,000.
MEMBERS = {CRM: 640, ECOM: 360, LOYALTY: 600, MOBILE: 600, POS: 90, SURVEYS: 120, REVIEWS: 70}
# Share of a source's persons who are in CRM.
IN_CRM = {ECOM: 0.70, LOYALTY: 0.80, MOBILE: 0.50, POS: 1.0, SURVEYS: 0.60, REVIEWS: 0.40}

PATTERNS: dict[frozenset[str], int] = {
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
# Strata by the number of sources, and the share of persons in each.
STRATA = {"one_time": (1, 1, 0.30), "regular": (2, 3, 0.60), "high_value": (5, 7, 0.10)}


class Layout:
    """``persons`` people numbered along the patterns.

    Expressions take and give Int64: a person is 0 to ``persons`` - 1, a member of a source is
    0 to the source's members - 1.
    """

    def __init__(self, persons: int) -> None:
        weights = np.cumsum([0, *PATTERNS.values()]) / sum(PATTERNS.values())
        bounds = np.rint(weights * persons).astype(np.int64)
        self.persons = persons
        self._first = bounds[:-1]
        self._size = np.diff(bounds)

    @cached_property
    def _sources(self) -> dict[str, RunLengths]:
        return {source: self._members_of(source) for source in SOURCES}

    def _members_of(self, source: str) -> RunLengths:
        inside = np.array([source in pattern for pattern in PATTERNS])
        size = self._size[inside]
        before = np.cumsum(size) - size
        return RunLengths(size, shift=self._first[inside] - before, pattern=np.flatnonzero(inside))

    @cached_property
    def _shifts(self) -> dict[str, pl.Series]:
        """For each source, by pattern: a person's number less its place among the members."""
        return {source: self._shift(runs) for source, runs in self._sources.items()}

    def _shift(self, runs: RunLengths) -> pl.Series:
        known = dict(zip(runs.columns["pattern"], runs.columns["shift"], strict=True))
        return pl.Series([known.get(i) for i in range(len(PATTERNS))], dtype=pl.Int64)

    def members(self, source: str) -> int:
        """Persons of a source."""
        return self._sources[source].total

    def persons_of(self, source: str, frame: pl.LazyFrame, member: pl.Expr) -> pl.LazyFrame:
        """Adds ``person``, who the source's member is, and ``pattern``, a place in ``PATTERNS``."""
        runs, run = self._sources[source], pl.col("pattern")
        return frame.with_columns(person=member, pattern=runs.locate(member)).with_columns(
            person=pl.col("person") + runs.lookup("shift", run), pattern=runs.lookup("pattern", run)
        )

    def member(self, source: str, person: pl.Expr, pattern: pl.Expr) -> pl.Expr:
        """Which member of the source a person is; null for whoever is none."""
        return person - gather(self._shifts[source], pattern)

    def first(self, *sources: str) -> int:
        """The first of the persons who are known to exactly these sources."""
        return int(self._first[list(PATTERNS).index(frozenset(sources))])
