"""The clusters of the baseline resolver: one row per record of the sources."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.sources import Derived
from synth_assets.domains.identity_resolution.identifiers import IDENTIFIERS
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.resolution.resolve import resolve
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.tables.identity_truth import NAME as TRUTH
from synth_assets.quality.building import abbreviated, row_check, waiting, when_complete

NAME = "resolved_identities"
# Largest share of records with an identifier above the limit; more would mean that the limit is
# wrong.
MOST_SKIPPED = 0.02


class ResolvedIdentities(dy.Schema):
    """A record of one of the sources."""

    source = dy.String(primary_key=True, description="Table of the record.")
    record_id = dy.String(primary_key=True, description="Key of the record there.")
    cluster_id = dy.String(description="Who it is to the resolver: the cluster's least record_id.")
    cluster_size = dy.Int32(min=1, description="Records of the cluster.")
    skipped = dy.Int32(
        min=0,
        description="Identifiers not followed, since too many records share them.",
    )


def derive(stored: TableView, _: str) -> pl.LazyFrame:
    """The clusters of all stored records.

    Args:
        stored: The table, with the domain's stored tables.
    """
    sources = {
        of.table: stored.other(of.table).all().select(record_id=of.key, **IDENTIFIERS[of.table])
        for of in SOURCES.values()
    }
    scenario = stored.scenario
    assert isinstance(scenario, IdentityScenario)
    return resolve(sources, scenario.max_group_size).lazy()


def every_record() -> Check:
    """A check that the records are those of the ground truth."""
    keys = ["source", "record_id"]

    def measure(stored: TableView) -> list[CheckResult]:
        # Joins of hashes take half the memory of joins of texts.
        record = pl.struct(keys).hash()
        here, there = (
            table.all().select(*keys, record=record) for table in (stored, stored.other(TRUTH))
        )
        missing, unknown = _only_in(there, here), _only_in(here, there)
        if len(missing) and unknown.is_empty() and (late := came_later(stored)):
            return [
                waiting(None, f"the records are resolved again: {abbreviated(late)} came after it")
            ]
        numbers = {"missing": float(len(missing)), "unknown": float(len(unknown))}
        failing_rows = pl.concat([missing, unknown]).head(5).to_dicts()
        wrong = sum(numbers.values())
        return [CheckResult(None, wrong == 0, wrong, "= 0", numbers, failing_rows)]

    doc = f"Every record of `{TRUTH}` is resolved, and no other."
    # Shards of the ground truth cross sources: half of them are not half of each source.
    names = (TRUTH, *(source.table for source in SOURCES.values()))
    check = Check("every_record_resolved", doc, measure, per_partition=False, reads=(TRUTH,))
    return when_complete(check, *names)


def came_later(resolved: TableView) -> list[str]:
    """Partitions of the sources without a resolved record: another run has stored them.

    Args:
        resolved: The resolved records.

    Returns:
        Table and partition key of each.
    """
    known, late = resolved.all().select("record_id"), []
    for source in SOURCES.values():
        of = resolved.other(source.table)
        partition_column = of.table.partitioning.partition_column
        rows = of.all().select(partition_column, record_id=source.key)
        seen = (
            rows.join(known, on="record_id", how="semi")
            .select(partition_column)
            .unique()
            .collect()[partition_column]
        )
        late += [f"{source.table} {key}" for key in sorted(set(of.partition_stats) - set(seen))]
    return late


def _only_in(one: pl.LazyFrame, other: pl.LazyFrame) -> pl.DataFrame:
    left = one.join(other.select("record"), on="record", how="anti").drop("record")
    return left.collect(engine="streaming")


def whole_clusters() -> Check:
    """A check that size and id of clusters agree with their records."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        clusters = (
            stored.all().group_by("cluster_id").agg(size=pl.len(), least=pl.col("record_id").min())
        )
        joined = stored.current().join(clusters, on="cluster_id")
        right = (pl.col("size") == pl.col("cluster_size")) & (
            pl.col("least") == pl.col("cluster_id")
        )
        return joined.filter(~right).drop("size", "least")

    doc = "`cluster_size` counts the records of `cluster_id`, which is the least of them."
    return row_check("cluster_size_counts_records", doc, failing_rows)


def few_skipped() -> Check:
    """A check that few identifiers are shared by too many records."""

    def measure(stored: TableView) -> list[CheckResult]:
        size = pl.col("cluster_size")
        numbers = (
            stored.all()
            .select(
                records=pl.len(),
                skipped=(pl.col("skipped") > 0).sum(),
                clusters=(1 / size).sum().round(),
                singletons=(size == 1).sum(),
                largest=size.max(),
            )
            .collect()
            .cast(pl.Float64)
            .row(0, named=True)
        )
        share = numbers["skipped"] / numbers["records"]
        bound = f"<= {MOST_SKIPPED:g}"
        return [CheckResult(None, share <= MOST_SKIPPED, share, bound, numbers)]

    doc = f"At most {MOST_SKIPPED:.0%} of records have an identifier that too many share."
    return Check("skipped_record_share", doc, measure, blocking=False, per_partition=False)


def table(scenario: IdentityScenario) -> Table:
    """The table of resolved identities.

    Args:
        scenario: The scenario.
    """
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Clusters of a baseline resolver: records that exact identifiers connect.",
        schema=ResolvedIdentities,
        partitioning=Unpartitioned(),
        source=Derived(derive),
        deps=[source.table for source in SOURCES.values()],
        checks=[every_record(), whole_clusters(), few_skipped()],
        cluster_by=["cluster_id"],
    )
