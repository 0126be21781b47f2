"""Scores of the reconciliation against the ground truth."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables.journey_gaps import NAME as GAPS
from synth_assets.domains.journey.tables.reconciled import NAME as RECONCILED

NAME = "reconciliation_scores"
OF_CLASS, OF_CAUSE = "class", "cause"


class ReconciliationScores(dy.Schema):
    """Precision and recall of a class, or the recall of a cause."""

    scope = dy.String(primary_key=True, description=f"{OF_CLASS} or {OF_CAUSE}.")
    name = dy.String(primary_key=True, description="The class, or the cause.")
    planted = dy.Int64(min=0, description="Records of it in the ground truth.")
    found = dy.Int64(
        nullable=True, min=0, description="Records found in the class; null for a cause."
    )
    correct = dy.Int64(min=0, description="Planted records that were found in their class.")
    precision = dy.Float64(
        nullable=True, min=0, max=1, description="Correct per found record; null if none was found."
    )
    recall = dy.Float64(
        nullable=True,
        min=0,
        max=1,
        description="Correct per planted record; null if none was planted.",
    )


def derive(stored: TableView, _: str) -> pl.LazyFrame:
    """Scores of the stored tables.

    Args:
        stored: The table, and others of its domain.
    """
    return score(*(stored.other(name).all().collect() for name in (RECONCILED, GAPS))).lazy()


def score(found: pl.DataFrame, gaps: pl.DataFrame) -> pl.DataFrame:
    """Scores of every class but ``matched``, and of every cause.

    Args:
        found: Rows of ``reconciled``.
        gaps: Rows of ``journey_gaps``.

    Returns:
        The columns of the schema.
    """
    classified = found.select("record_key", found_class="gap_class")
    classified = classified.filter(pl.col("found_class") != discrepancies.MATCHED)
    right = pl.col("found_class") == pl.col("gap_class")
    both = gaps.join(classified, on="record_key", how="left").with_columns(
        correct=right.fill_null(value=False)
    )
    counts = [pl.len().cast(pl.Int64).alias("planted"), pl.col("correct").sum().cast(pl.Int64)]
    by_class = both.group_by(name="gap_class").agg(counts)
    by_cause = both.group_by(name="cause").agg(counts)
    found_of = classified.group_by(name="found_class").agg(found=pl.len().cast(pl.Int64))
    # Classes and causes without any record have a row, too.
    classes = pl.DataFrame({"scope": OF_CLASS, "name": discrepancies.CLASSES[1:]})
    causes = pl.DataFrame({"scope": OF_CAUSE, "name": discrepancies.CAUSES})
    zero = pl.col("planted", "correct").fill_null(0)
    rows = pl.concat(
        [
            classes.join(by_class, on="name", how="left")
            .join(found_of, on="name", how="left")
            .with_columns(zero, pl.col("found").fill_null(0)),
            causes.join(by_cause, on="name", how="left").with_columns(
                zero, found=pl.lit(None, dtype=pl.Int64)
            ),
        ],
        how="diagonal",
    )

    def share(of: str) -> pl.Expr:
        return pl.when(pl.col(of) > 0).then(pl.col("correct") / pl.col(of))

    return rows.with_columns(precision=share("found"), recall=share("planted"))


def answers_found() -> Check:
    """All planted records were found in their class, and no others."""

    def measure(stored: TableView) -> list[CheckResult]:
        rows = stored.all().collect()
        numbers = {
            f"{row['scope']}.{row['name']}.{figure}": row[figure]
            for row in rows.to_dicts()
            for figure in ("precision", "recall")
            if row[figure] is not None
        }
        worst = min(numbers.values(), default=1.0)
        wrong = [row for row in rows.to_dicts() if (row["precision"], row["recall"]) != (1, 1)]
        failing_rows = [
            r for r in wrong if any(v not in (None, 1.0) for v in (r["precision"], r["recall"]))
        ]
        return [CheckResult(None, worst == 1, worst, "= 1", numbers, failing_rows[:5])]

    doc = "Precision and recall of every class, and recall of every cause, are 1."
    return Check("planted_gaps_found", doc, measure, per_partition=False)


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Scores of the reconciliation against the ground truth.",
        schema=ReconciliationScores,
        partitioning=Unpartitioned(),
        code_version="2",
        source=Derived(derive),
        deps=[RECONCILED, GAPS],
        checks=[answers_found()],
    )
