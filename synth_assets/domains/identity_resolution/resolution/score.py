"""How well clusters say who is who: pairwise and B-cubed figures, against the truth.

A pair is *real* if its two records are one person's, *found* if they are in one cluster, and
*correct* if both. B-cubed looks at records instead: which part of its cluster is the record's
person, and which part of the person is in its cluster, on average. Pairs are many and never
enumerated: everything follows from how many records each cluster has of each person.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.errors import UserError

Counts = npt.NDArray[np.int64]

OVERALL, SOURCE_PAIR, EDGE_CASE = SCOPES = ("overall", "source_pair", "edge_case")
# Name of the only overall score, and of the records that are no edge case.
ALL, NO_EDGE_CASE = "all", "none"


@dataclass(frozen=True)
class Groups:
    """Clusters or persons, and which one each line of counts belongs to."""

    of_line: npt.NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, names: pl.Series) -> Groups:
        """Groups by name."""
        places = names.rank("dense").cast(pl.Int64) - 1
        return cls(places.to_numpy(), names.n_unique())

    def sums(self, lines: Counts) -> Counts:
        """Sums of lines by group."""
        size = len(self.of_line)
        columns = (np.ones(size, np.int64), self.of_line, np.arange(size + 1))
        # Half a second to import, which every command would wait for.
        from scipy.sparse import csr_array

        summed: Counts = csr_array(columns, shape=(size, self.count)).T @ lines
        return summed


@dataclass(frozen=True)
class Contingency:
    """Records by cluster and person: a line for each combination, a column for each label."""

    labels: Sequence[str]
    lines: Counts
    clusters: Groups
    persons: Groups

    @classmethod
    def of(cls, records: pl.LazyFrame, label: str) -> Contingency:
        """Counts of the records by one of their columns."""
        counted = records.group_by("cluster", "person", label).agg(pl.len()).collect()
        wide = counted.pivot(on=label, index=["cluster", "person"], values="len").fill_null(0)
        labels = sorted(wide.columns[2:])
        lines = wide.select(pl.col(labels).cast(pl.Int64)).to_numpy()
        return cls(labels, lines, Groups.of(wide["cluster"]), Groups.of(wide["person"]))

    @cached_property
    def levels(self) -> tuple[Counts, Counts, Counts]:
        """The lines, and their sums by cluster and by person: correct, found and real pairs."""
        return self.lines, self.clusters.sums(self.lines), self.persons.sums(self.lines)

    def b_cubed(self, averaged: Counts, counted: Counts) -> tuple[float, float]:
        """Precision and recall; by line, records that are averaged over, and that are looked at."""
        there = averaged > 0
        part, total = (averaged * counted)[there], int(averaged.sum())
        found, real = (g.sums(counted)[g.of_line][there] for g in (self.clusters, self.persons))
        return _sum_of_shares(part, found) / total, _sum_of_shares(part, real) / total


def _sum_of_shares(parts: Counts, wholes: Counts) -> float:
    """Sum of ``parts / wholes``, to the last digit whatever the order of lines.

    Parts of equal wholes add up to whole numbers, which no order changes.
    """
    by_whole = np.bincount(wholes, weights=parts)
    sizes = np.flatnonzero(by_whole)
    return math.fsum(by_whole[sizes] / sizes)


def score(records: pl.LazyFrame) -> pl.DataFrame:
    """Scores of records with ``source``, ``person_id``, ``edge_case`` and ``cluster_id``.

    Records of nobody known are left out; ``UserError`` where no others are.
    """
    coded = (
        records.filter(pl.col("person_id").is_not_null())
        .select(
            "source",
            cluster=pl.col("cluster_id").hash(),
            person=pl.col("person_id").hash(),
            edge_case=pl.col("edge_case").fill_null(NO_EDGE_CASE),
        )
        .collect()
    )
    if coded.is_empty():
        raise UserError(
            "no record that is resolved has a person in the truth: make all shards of the sources "
            "and of identity_truth first"
        )
    by_source, by_case = (Contingency.of(coded.lazy(), label) for label in ("source", "edge_case"))
    rows = [*_overall(by_source), *_source_pairs(by_source), *_edge_cases(by_case)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").with_columns(**_RATIOS)


def _overall(by: Contingency) -> Iterator[tuple[Any, ...]]:
    records = by.lines.sum(axis=1)
    pairs = [_pairs(level.sum(axis=1)) for level in by.levels]
    yield OVERALL, ALL, records.sum(), *pairs, *by.b_cubed(records, records)


def _source_pairs(by: Contingency) -> Iterator[tuple[Any, ...]]:
    """Pairs between two sources, or within one; B-cubed among the records of these alone."""
    # Entry (s, t) of such a product sums, over groups, records in s times records in t.
    products = [level.T @ level for level in by.levels]
    for one, other in combinations_with_replacement(range(len(by.labels)), 2):
        if one == other:
            pairs = [_pairs(level[:, one]) for level in by.levels]
        else:
            pairs = [int(product[one, other]) for product in products]
        records = by.lines[:, sorted({one, other})].sum(axis=1)
        name = f"{by.labels[one]}/{by.labels[other]}"
        yield SOURCE_PAIR, name, records.sum(), *pairs, *by.b_cubed(records, records)


def _edge_cases(by: Contingency) -> Iterator[tuple[Any, ...]]:
    """Pairs with a record of the case or two; B-cubed of its records among all."""
    everything = by.lines.sum(axis=1)
    for place, case in enumerate(by.labels):
        totals = [(level.sum(axis=1), level[:, place]) for level in by.levels]
        pairs = [_pairs(total) - _pairs(total - of_case) for total, of_case in totals]
        records = by.lines[:, place]
        yield EDGE_CASE, case, records.sum(), *pairs, *by.b_cubed(records, everything)


def _pairs(sizes: Counts) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


_SCHEMA = {
    "scope": pl.String,
    "name": pl.String,
    "records": pl.Int64,
    "correct_pairs": pl.Int64,
    "found_pairs": pl.Int64,
    "real_pairs": pl.Int64,
    "b_cubed_precision": pl.Float64,
    "b_cubed_recall": pl.Float64,
}


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Null where there is nothing to be a part of."""
    return pl.when(whole > 0).then(part / whole)


_CORRECT, _FOUND, _REAL = (pl.col(f"{kind}_pairs") for kind in ("correct", "found", "real"))
_B_PRECISION, _B_RECALL = pl.col("b_cubed_precision"), pl.col("b_cubed_recall")
_RATIOS = {
    "precision": _ratio(_CORRECT, _FOUND),
    "recall": _ratio(_CORRECT, _REAL),
    "f1": _ratio(2 * _CORRECT, _FOUND + _REAL),
    "b_cubed_f1": 2 * _B_PRECISION * _B_RECALL / (_B_PRECISION + _B_RECALL),
}
