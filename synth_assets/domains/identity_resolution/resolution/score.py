"""Pairwise and B-cubed scores of clusters against the ground truth.

A pair of records is *real* if both are of one person, *found* if both are in one cluster, and
*correct* if it is real and found. B-cubed (Bagga and Baldwin, 1998) averages over records: the
share of a record's cluster that is of its person, and the share of the person's records that are in
its cluster. Pairs are never enumerated: everything follows from the number of records of each
person in each cluster.
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
# Names of the one overall score, and of the records without an edge case.
ALL, NO_EDGE_CASE = "all", "none"


@dataclass(frozen=True)
class Groups:
    """Clusters or persons: the group of each line of counts, and the number of groups."""

    of_line: npt.NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, names: pl.Series) -> Groups:
        """Groups of lines by name.

        Args:
            names: The group's name, one per line.
        """
        places = names.rank("dense").cast(pl.Int64) - 1
        return cls(places.to_numpy(), names.n_unique())

    def sums(self, lines: Counts) -> Counts:
        """Sums of counts by group.

        Args:
            lines: Counts, one row per line.
        """
        size = len(self.of_line)
        columns = (np.ones(size, np.int64), self.of_line, np.arange(size + 1))
        # Importing scipy takes half a second, which every command would wait for.
        from scipy.sparse import csr_array

        summed: Counts = csr_array(columns, shape=(size, self.count)).T @ lines
        return summed


@dataclass(frozen=True)
class Contingency:
    """Numbers of records: a line for each cluster and person, a column for each label."""

    labels: Sequence[str]
    lines: Counts
    clusters: Groups
    persons: Groups

    @classmethod
    def of(cls, records: pl.LazyFrame, label: str) -> Contingency:
        """The records counted by cluster, person and one of their columns.

        Args:
            records: Records with ``cluster`` and ``person``.
            label: The column.
        """
        counted = records.group_by("cluster", "person", label).agg(pl.len()).collect()
        wide = counted.pivot(on=label, index=["cluster", "person"], values="len").fill_null(0)
        labels = sorted(wide.columns[2:])
        lines = wide.select(pl.col(labels).cast(pl.Int64)).to_numpy()
        return cls(labels, lines, Groups.of(wide["cluster"]), Groups.of(wide["person"]))

    @cached_property
    def levels(self) -> tuple[Counts, Counts, Counts]:
        """The lines and their sums by cluster and by person, for correct, found and real pairs."""
        return self.lines, self.clusters.sums(self.lines), self.persons.sums(self.lines)

    def b_cubed(self, averaged: Counts, counted: Counts) -> tuple[float, float]:
        """B-cubed precision and recall.

        Args:
            averaged: Records that are averaged over, by line.
            counted: Records that clusters and persons consist of, by line.
        """
        there = averaged > 0
        part, total = (averaged * counted)[there], int(averaged.sum())
        found, real = (g.sums(counted)[g.of_line][there] for g in (self.clusters, self.persons))
        return _sum_of_shares(part, found) / total, _sum_of_shares(part, real) / total


def _sum_of_shares(parts: Counts, wholes: Counts) -> float:
    """Sum of ``parts / wholes``, exactly the same for any order of lines.

    Parts of equal wholes are added as whole numbers first.
    """
    by_whole = np.bincount(wholes, weights=parts)
    sizes = np.flatnonzero(by_whole)
    return math.fsum(by_whole[sizes] / sizes)


def score(records: pl.LazyFrame) -> pl.DataFrame:
    """Scores of clusters: overall, by pair of sources, and by edge case.

    Args:
        records: ``source``, ``person_id``, ``edge_case`` and ``cluster_id``; those without a person
            are left out.

    Returns:
        The columns of ``resolution_scores``.

    Raises:
        UserError: No record has a person.
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
    """Pairs between two sources, or within one; B-cubed among the records of these sources only."""
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
    """Pairs with at least one record of the case; B-cubed of its records among all records."""
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
    """The ratio; null if the whole is zero."""
    return pl.when(whole > 0).then(part / whole)


_CORRECT, _FOUND, _REAL = (pl.col(f"{kind}_pairs") for kind in ("correct", "found", "real"))
_B_PRECISION, _B_RECALL = pl.col("b_cubed_precision"), pl.col("b_cubed_recall")
_RATIOS = {
    "precision": _ratio(_CORRECT, _FOUND),
    "recall": _ratio(_CORRECT, _REAL),
    "f1": _ratio(2 * _CORRECT, _FOUND + _REAL),
    "b_cubed_f1": 2 * _B_PRECISION * _B_RECALL / (_B_PRECISION + _B_RECALL),
}
