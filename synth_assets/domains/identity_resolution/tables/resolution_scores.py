"""Scores of the baseline resolver: overall, between sources, and by edge case."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.sources import Derived
from synth_assets.domains.identity_resolution.resolution.score import OVERALL, SCOPES, score
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.tables.identity_truth import NAME as TRUTH
from synth_assets.domains.identity_resolution.tables.resolved_identities import NAME as RESOLVED
from synth_assets.domains.identity_resolution.tables.resolved_identities import came_later
from synth_assets.quality.building import abbreviated, waiting
from synth_assets.quality.structural import accepted_values, holds

NAME = "resolution_scores"
# Range of B-cubed F1: the data can be resolved, but not by exact identifiers alone.
LEAST, MOST = 0.7, 0.99


class ResolutionScores(dy.Schema):
    """Scores of a subset of the records with a known person."""

    scope = dy.String(primary_key=True, description=f"One of {', '.join(SCOPES)}.")
    name = dy.String(
        primary_key=True, description="Edge case (none: no edge case), or two sources; all."
    )
    records = dy.Int64(min=1, description="Records that B-cubed averages over.")
    real_pairs = dy.Int64(min=0, description="Pairs of records of one person.")
    found_pairs = dy.Int64(min=0, description="Pairs of records in one cluster.")
    correct_pairs = dy.Int64(min=0, description="Pairs that are both.")
    precision = dy.Float64(
        nullable=True, min=0, max=1, description="Correct of the found pairs; null if none are."
    )
    recall = dy.Float64(
        nullable=True, min=0, max=1, description="Correct of the real pairs; null if none are."
    )
    f1 = dy.Float64(
        nullable=True, min=0, max=1, description="Harmonic mean of precision and recall."
    )
    b_cubed_precision = dy.Float64(
        min=0, max=1, description="Share of a record's cluster that is its person's, on average."
    )
    b_cubed_recall = dy.Float64(
        min=0, max=1, description="Share of a record's person that is in its cluster, on average."
    )
    b_cubed_f1 = dy.Float64(min=0, max=1, description="Harmonic mean of the two.")


def derive(stored: TableView, _: str) -> pl.LazyFrame:
    """The scores of the stored clusters.

    Args:
        stored: The table, with the domain's stored tables.
    """
    # Joins of hashes take half the memory of joins of texts.
    record = pl.col("record_id").hash()
    clusters = stored.other(RESOLVED).all().select(pl.col("cluster_id").hash(), record=record)
    known = stored.other(TRUTH).all().filter(pl.col("person_id").is_not_null())
    truth = known.select("source", "edge_case", pl.col("person_id").hash(), record=record)
    return score(truth.join(clusters, on="record")).lazy()


def every_person() -> Check:
    """A check that the overall score covers all records with a person."""

    def measure(stored: TableView) -> list[CheckResult]:
        known = pl.col("person_id").is_not_null().sum()
        expected = stored.other(TRUTH).all().select(known).collect().item()
        overall = stored.all().filter(pl.col("scope") == OVERALL)
        scored = overall.select(pl.col("records").sum()).collect().item()
        if scored < expected and (late := came_later(stored.other(RESOLVED))):
            return [
                waiting(None, f"the clusters are scored again: {abbreviated(late)} came after them")
            ]
        return [CheckResult(None, scored == expected, float(scored), f"= {expected:,}")]

    doc = f"The overall score counts every record of `{TRUTH}` with a person."
    return Check("every_person_scored", doc, measure, per_partition=False, reads=(TRUTH,))


def solvable() -> Check:
    """A check that exact identifiers resolve most records and not all."""

    def measure(stored: TableView) -> list[CheckResult]:
        overall = stored.all().filter(pl.col("scope") == OVERALL).collect().row(0, named=True)
        names = ("precision", "recall", "f1", "b_cubed_precision", "b_cubed_recall", "b_cubed_f1")
        numbers = {name: overall[name] for name in names}
        reached = numbers["b_cubed_f1"]
        inside = LEAST <= reached <= MOST
        return [CheckResult(None, inside, reached, f"{LEAST:g} to {MOST:g}", numbers)]

    doc = "The baseline gets most people right and not all: its B-cubed F1 is between bounds."
    return Check("baseline_f1_in_range", doc, measure, blocking=False, per_partition=False)


def table(scenario: IdentityScenario) -> Table:
    """The table of resolution scores.

    Args:
        scenario: The scenario.
    """
    correct = pl.col("correct_pairs")
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Pairwise and B-cubed scores of the baseline resolver against the truth.",
        schema=ResolutionScores,
        partitioning=Unpartitioned(),
        source=Derived(derive),
        deps=[RESOLVED, TRUTH],
        checks=[
            accepted_values("scope", SCOPES),
            holds(
                "correct_pairs_real_and_found",
                "A correct pair is real and found.",
                (correct <= pl.col("found_pairs")) & (correct <= pl.col("real_pairs")),
            ),
            every_person(),
            solvable(),
        ],
    )
