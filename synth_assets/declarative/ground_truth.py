"""The table of all changes that noise and anomalies made to a table, and how checks find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition
from synth_assets.core.scenario import Scenario
from synth_assets.core.sources import Generated
from synth_assets.declarative.model import TableSpec
from synth_assets.quality.structural import accepted_values
from synth_assets.quality.structural import checks_of as all_checks_of

# The key of a changed row before any change, as text.
KEY = "#key"
SEPARATOR = "/"
LEAST_RECALL = 0.99

# The last change of a value: what earlier ones made of it is not there to be found.
_LAST = pl.col("step") == pl.col("step").max().over("record", "column_name")


class GroundTruth(dy.Schema):
    """A change of one value."""

    record = dy.String(description="Key of the row; the values of a compound key joined by `/`.")
    step = dy.Int64(min=0, description="Order of the changes of a row.")
    kind = dy.String(description="Kind of the noise, or name of the anomaly.")
    column_name = dy.String(description="Column that was changed.")
    before = dy.String(nullable=True, description="Value before the change, as text.")
    after = dy.String(nullable=True, description="Value after the change, as text.")


def name_of(table: str, spec: TableSpec) -> str:
    """The name of the ground truth of a table.

    Args:
        table: The table's name.
        spec: Its declaration.
    """
    return spec.ground_truth or f"{table}_ground_truth"


def key_of(spec: TableSpec) -> pl.Expr:
    """The key of a row as text; its number in a table without a primary key.

    Args:
        spec: The declaration of the table.
    """
    keys = [name for name, column in spec.columns.items() if column.primary_key] or ["row"]
    return pl.concat_str([pl.col(key).cast(pl.String) for key in keys], separator=SEPARATOR)


def ground_truth(
    changed: Table, spec: TableSpec, edits: Callable[[Scenario, Partition], pl.LazyFrame]
) -> Table:
    """The table of all changes of a table, partitioned like it.

    Args:
        changed: The table.
        spec: Its declaration.
        edits: ``(scenario, partition)`` to the changes of its rows, with ``row`` and ``KEY``.
    """
    assert isinstance(changed.source, Generated)

    def generate_ground_truth(scenario: Scenario, partition: Partition) -> pl.LazyFrame:
        found = edits(scenario, partition).rename({"record": "row", "column": "column_name"})
        return found.rename({KEY: "record"}).sort("row", maintain_order=True)

    kinds = [*(noise.kind for noise in spec.noise), *(a.name for a in spec.anomalies)]
    checks = [accepted_values("kind", list(dict.fromkeys(kinds)))]
    # A row with another key than the true one is not found by its key.
    keys = {name for name, column in spec.columns.items() if column.primary_key}
    if any(a.detected_by and a.column not in keys for a in spec.anomalies):
        checks.append(anomalies_found(changed.name, key_of(spec)))
    return Table(
        domain=changed.domain,
        name=name_of(changed.name, spec),
        doc=f"One row for each change that noise or an anomaly made to `{changed.name}`.",
        schema=GroundTruth,
        partitioning=changed.partitioning,
        source=Generated(changed.source.rows_before, generate_ground_truth),
        checks=checks,
        deps=[changed.name],
        code_version=changed.code_version,
        cluster_by=["record"],
    )


def anomalies_found(table: str, key: pl.Expr) -> Check:
    """The checks of a table find its planted anomalies.

    ``measured`` is the lowest recall of any kind, in the partitions that both tables have.

    Args:
        table: The table's name.
        key: The key of its rows as text.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        target = stored.other(table)
        keys = [key for key in target.keys if key in stored.partition_stats]
        target = replace(target, keys=keys)
        column = stored.table.partitioning.partition_column
        truth = stored.all().filter(pl.col(column).is_in(keys)).filter(_LAST).collect()
        recalls: dict[str, float] = {}
        for check in all_checks_of(target.table):
            if check.detects and check.failing_rows is not None:
                found = check.failing_rows(target).select(key).collect()
                for kind in check.detects:
                    planted = truth.filter(pl.col("kind") == kind)
                    hits = planted.filter(pl.col("record").is_in(found.to_series().implode()))
                    share = len(hits) / len(planted) if len(planted) else 1.0
                    recalls[kind] = max(recalls.get(kind, 0.0), share)
        worst = min(recalls.values(), default=1.0)
        numbers = {f"recall.{kind}": recall for kind, recall in recalls.items()}
        bound = f">= {LEAST_RECALL}, the recall of each kind"
        missed = [{"kind": k, "recall": r} for k, r in recalls.items() if r < LEAST_RECALL]
        return [CheckResult(None, worst >= LEAST_RECALL, worst, bound, numbers, missed)]

    doc = f"The checks of {table} find at least {LEAST_RECALL:.0%} of each planted anomaly."
    return Check("anomalies_found", doc, measure, per_partition=False, reads=(table,))
