"""Checks judged shard by shard: all about a household is in its shard, so memory stays small."""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import Check, CheckResult, TableView
from synth_assets.domains.identity_graph.audience import config_of
from synth_assets.domains.identity_graph.layout import MOST_MEMBERS, shard_starts
from synth_assets.quality.building import partition_check


def own(stored: TableView, key: str) -> pl.LazyFrame:
    """The table's own rows in a shard."""
    return stored.reader.scan(stored.table, [key])


def at_home(column: str, people: int = MOST_MEMBERS) -> Check:
    """Every row lies in the shard of its household."""

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        shard, _ = stored.table.partitioning.steps(key)
        household = (pl.col(column) - 1) // people
        return own(stored, key).filter(household % config_of(stored).shards != shard)

    return partition_check("at_home", "Every row lies in the shard of its household.", failing_rows)


def household_count() -> Check:
    """Every shard has exactly its households."""

    def measure(stored: TableView) -> list[CheckResult]:
        starts, results = shard_starts(config_of(stored)), []
        for key in stored.keys:
            first, last = stored.table.partitioning.steps(key)
            wanted, rows = int(starts[last] - starts[first]), stored.partition_stats[key].rows
            results.append(CheckResult(key, rows == wanted, float(rows), f"= {wanted:,}"))
        return results

    return Check("row_count", "Every shard has exactly its share of the households.", measure)
