"""Checks that several tables share; those of one table alone are in its file.

All about a household is in its shard, so they are judged shard by shard and memory stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from synth_assets.core.model import Check, CheckResult, Table, TableView
from synth_assets.core.sources import derived
from synth_assets.domains.identity_graph.layout import (
    CAMPAIGNS,
    ENGAGEMENTS,
    INDIVIDUALS,
    MOST_MEMBERS,
    config_of,
    shard_starts,
)
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.quality.building import partition_check
from synth_assets.quality.goodness_of_fit import chi_square_test
from synth_assets.randomness.values import since_epoch

# Individuals from whom on every segment is sure to be there.
ENOUGH = 1_000


Counts = dict[str, float]


def counts(column: pl.Expr, where: pl.Expr | None = None) -> Callable[[TableView], Counts]:
    """How many rows have each value, as text."""

    def found(stored: TableView) -> Counts:
        frame = stored.whole if where is None else stored.whole.filter(where)
        counted_ = frame.group_by(column.cast(pl.String).alias("value")).agg(pl.len())
        return {str(v): n for v, n in counted_.collect(engine="streaming").iter_rows()}

    return found


def declared(
    of: Callable[[GenerationConfig], Mapping[str, float]],
) -> Callable[[TableView], Counts]:
    """The shares that the configuration declares, of what is stored."""
    return lambda stored: dict(of(config_of(stored)))


def fits(
    name: str,
    column: str,
    of: Callable[[GenerationConfig], Mapping[str, float]],
    design: float = 1.0,
    where: pl.Expr | None = None,
) -> Check:
    """Values of a column have the shares that the configuration declares.

    Args:
        name: The check's name.
        column: The column.
        of: The configuration to the declared shares, by value.
        design: By how much rows that are alike inflate the statistic.
        where: Which rows are looked at; by default all.
    """
    doc = f"Values of `{column}` have the declared shares."
    return chi_square_test(name, doc, counts(pl.col(column), where), declared(of), design=design)


def recomputed(*lists: str) -> Check:
    """Every row is what the stored engagements give when counted again."""

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        table: Table = stored.table
        names = list(table.schema.columns())
        here = own(stored, key).with_columns(
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
            return own(stored, key).head(0)
        told = [n for n in names if n not in lists]
        marks = [pl.col(n).hash().alias(n) for n in names]
        known = two.select("individual_id", *(m.name.suffix("_mark") for m in marks[2:]))
        joined = one.join(known, on="individual_id", how="full", coalesce=True)
        same = [pl.col(n).hash().eq_missing(pl.col(f"{n}_mark")) for n in names[2:]]
        bad = joined.filter(~pl.all_horizontal(same)).with_columns(
            pl.col(stored.table.partitioning.partition_column).fill_null(key)
        )
        return bad.select(*told, stored.table.partitioning.partition_column).lazy()

    return partition_check(
        "recomputed",
        "Every row is what the stored engagements give when they are counted again.",
        failing_rows,
        [INDIVIDUALS, ENGAGEMENTS],
    )


def with_campaign(frame: pl.LazyFrame, stored: TableView, *columns: str) -> pl.LazyFrame:
    """A frame with columns of the campaign that each row is about."""
    return frame.join(
        stored.other(CAMPAIGNS).whole.select("campaign_id", *columns), on="campaign_id"
    )


def in_flight(at: str) -> Check:
    """Moments of a column are in the campaign's flight, and before the end of all data."""

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        joined = with_campaign(own(stored, key), stored, "start_date", "end_date")
        inside = pl.col(at).cast(pl.Date).is_between(pl.col("start_date"), pl.col("end_date"))
        end = pl.lit(since_epoch(config_of(stored).end) * 1_000_000).cast(pl.Datetime("us"))
        return joined.filter(~inside | (pl.col(at) >= end)).drop("start_date", "end_date")

    return partition_check(
        "in_flight", f"`{at}` lies in the campaign's flight.", failing_rows, [CAMPAIGNS]
    )


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
