"""Checks that several tables share; the checks of one table are in its file.

All rows about a household are in its shard, so checks run shard by shard and memory stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.sources import derived
from synth_assets.domains.identity_graph.layout import (
    CAMPAIGNS,
    ENGAGEMENTS,
    INDIVIDUALS,
    MOST_MEMBERS,
    config_of,
    shard_starts,
)
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.quality.building import partition_check
from synth_assets.quality.goodness_of_fit import chi_square_test
from synth_assets.randomness.values import since_epoch

# Least number of individuals among which every segment is certain to occur.
MIN_INDIVIDUALS = 1_000

Counts = dict[str, float]


def counts_of(frame: pl.LazyFrame, column: pl.Expr) -> Counts:
    """The number of rows by value, as text.

    Args:
        frame: The rows.
        column: The values.
    """
    counts = frame.group_by(column.cast(pl.String).alias("value")).agg(pl.len())
    return {str(v): n for v, n in counts.collect(engine="streaming").iter_rows()}


def value_counts(column: pl.Expr, where: pl.Expr | None = None) -> Callable[[TableView], Counts]:
    """A function from a stored table to its number of rows by value, as text.

    Args:
        column: The values.
        where: Rows that are counted; all rows if None.
    """

    def measure(stored: TableView) -> Counts:
        frame = stored.all() if where is None else stored.all().filter(where)
        return counts_of(frame, column)

    return measure


def declared(
    of: Callable[[IdentityGraphScenario], Mapping[str, float]],
) -> Callable[[TableView], Counts]:
    """A function from a stored table to the shares that its configuration declares.

    Args:
        of: The configuration to the declared shares, by value.
    """
    return lambda stored: dict(of(config_of(stored)))


def has_declared_shares(
    name: str,
    column: str,
    of: Callable[[IdentityGraphScenario], Mapping[str, float]],
    design: float = 1.0,
    where: pl.Expr | None = None,
) -> Check:
    """A check that the values of a column have the shares that the configuration declares.

    Args:
        name: The check's name.
        column: The column.
        of: The configuration to the declared shares, by value.
        design: Design effect: the factor by which similar rows inflate the statistic.
        where: Rows that are tested; all rows if None.
    """
    doc = f"Values of `{column}` have the declared shares."
    return chi_square_test(
        name, doc, value_counts(pl.col(column), where), declared(of), design=design
    )


def recomputed(*lists: str) -> Check:
    """A check that computing the rows again from stored engagements gives the same rows.

    Args:
        lists: Columns of lists, which failing rows leave out.
    """

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        table: Table = stored.table
        names = list(table.schema.columns())
        here = this_shard(stored, key).with_columns(
            pl.col(n).cast(table.schema.columns()[n].dtype) for n in names
        )
        again = (
            derived(table)
            .derive(stored, key)
            .select(pl.col(n).cast(table.schema.columns()[n].dtype) for n in names)
        )
        one = here.sort("individual_id").collect()
        two = again.sort("individual_id").collect()
        if one.select(names).equals(two):
            return this_shard(stored, key).head(0)
        reported = [n for n in names if n not in lists]
        hashes = [pl.col(n).hash().alias(n) for n in names]
        known = two.select("individual_id", *(h.name.suffix("_hash") for h in hashes[2:]))
        joined = one.join(known, on="individual_id", how="full", coalesce=True)
        same = [pl.col(n).hash().eq_missing(pl.col(f"{n}_hash")) for n in names[2:]]
        bad = joined.filter(~pl.all_horizontal(same)).with_columns(
            pl.col(stored.table.partitioning.partition_column).fill_null(key)
        )
        return bad.select(*reported, stored.table.partitioning.partition_column).lazy()

    return partition_check(
        "aggregates_match_engagements",
        "Every row is what the stored engagements give when they are counted again.",
        failing_rows,
        [INDIVIDUALS, ENGAGEMENTS],
    )


def with_campaign(frame: pl.LazyFrame, stored: TableView, *columns: str) -> pl.LazyFrame:
    """Adds columns of each row's campaign.

    Args:
        frame: Rows with ``campaign_id``.
        stored: A table of the domain.
        columns: Columns of ``campaigns``.
    """
    return frame.join(
        stored.other(CAMPAIGNS).all().select("campaign_id", *columns), on="campaign_id"
    )


def within_flight(at: str) -> Check:
    """A check that timestamps are in the campaign's flight, and before the end of all data.

    Args:
        at: The column of timestamps.
    """

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        joined = with_campaign(this_shard(stored, key), stored, "start_date", "end_date")
        inside = pl.col(at).cast(pl.Date).is_between(pl.col("start_date"), pl.col("end_date"))
        end = pl.lit(since_epoch(config_of(stored).end) * 1_000_000).cast(pl.Datetime("us"))
        return joined.filter(~inside | (pl.col(at) >= end)).drop("start_date", "end_date")

    return partition_check(
        "timestamp_within_flight", f"`{at}` is in the campaign's flight.", failing_rows, [CAMPAIGNS]
    )


def this_shard(stored: TableView, key: str) -> pl.LazyFrame:
    """The stored rows of the checked table in one shard.

    Args:
        stored: The checked table.
        key: The shard's partition key.
    """
    return stored.reader.scan(stored.table, [key])


def in_own_shard(column: str, people: int = MOST_MEMBERS) -> Check:
    """A check that every row is in the shard of its household.

    Args:
        column: The column of individual or household ids.
        people: Ids per household: 1 for households.
    """

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        shard, _ = stored.table.partitioning.index_range(key)
        household = (pl.col(column) - 1) // people
        return this_shard(stored, key).filter(household % config_of(stored).shards != shard)

    return partition_check(
        "household_in_partition", "Every row is in the shard of its household.", failing_rows
    )


def household_count() -> Check:
    """A check that every shard has exactly its households."""

    def measure(stored: TableView) -> list[CheckResult]:
        starts, results = shard_starts(config_of(stored)), []
        for key in stored.keys:
            first, last = stored.table.partitioning.index_range(key)
            expected, rows = int(starts[last] - starts[first]), stored.partition_stats[key].rows
            results.append(CheckResult(key, rows == expected, float(rows), f"= {expected:,}"))
        return results

    return Check("row_count", "Every shard has exactly its share of the households.", measure)
