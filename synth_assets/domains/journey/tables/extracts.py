"""The backend's tables as the warehouse has them, taken from the database day by day.

A day's watermark is its last microsecond. Its partition holds the rows whose ``updated_at`` lies
above the watermark of the day before and not above its own, as the database has them when it is
asked: taking a day again gives its partition again, and no row twice. An order may change, or come,
days after the purchase whose partition of the database it lies in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.location import TableLocation
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Daily
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend.discrepancies import LATE_DAYS
from synth_assets.domains.journey.tables import order_items, orders
from synth_assets.domains.journey.tables import users as customers
from synth_assets.quality.building import abbreviated, row_check

PREFIX = "raw_"
LOCATION = TableLocation("raw_backend", prefix=PREFIX)
# Days that a row may come after the purchase that it is about, and one for its own changes.
REACH = LATE_DAYS[1] + 1


def watermark(key: str) -> datetime:
    """The last moment of a day."""
    return datetime.combine(date.fromisoformat(key), time.max)


def changed(stored: TableView, name: str, key: str) -> pl.LazyFrame:
    """Rows of the database's table that changed on a day, with the day of their partition."""
    source = stored.cached(f"source {name}", lambda: stored.other(name))
    day = date.fromisoformat(key)
    there = [k for k in source.keys if day - timedelta(days=REACH) <= date.fromisoformat(k) <= day]
    if key not in there:
        there.append(key)  # the store says how to make it
    rows = source.reader.scan(source.table, there)
    low, high = watermark((day - timedelta(days=1)).isoformat()), watermark(key)
    at = pl.col("updated_at")
    return rows.filter((at > low) & (at <= high)).sort(rows.collect_schema().names()[0])


def below_watermark() -> Check:
    """Rows changed between the watermark of the day before and that of their own day."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = pl.col(stored.table.partitioning.partition_column)
        return stored.current().filter(
            pl.col("updated_at").dt.date().cast(pl.String) != partition_column
        )

    doc = "Every row changed after the watermark of the day before, and not after its day's."
    return row_check("below_watermark", doc, failing_rows)


def nothing_missing(name: str) -> Check:
    """What changed up to the last watermark has come, once."""

    def measure(stored: TableView) -> list[CheckResult]:
        source, results = stored.other(name), []
        partition_column, ids = (
            source.table.partitioning.partition_column,
            source.table.schema.primary_key(),
        )
        for key in stored.keys:
            here = stored.reader.scan(stored.table, [key]).select(ids).collect()
            there = changed(stored, name, key).select(partition_column, *ids).collect()
            missing = there.join(here, on=ids, how="anti")
            # Days that another run has put into the database since the partition was taken.
            late = (
                set(missing[partition_column])
                - set(there.join(here, on=ids, how="semi")[partition_column])
                - {key}
            )
            there = there.filter(~pl.col(partition_column).is_in(list(late)))
            sound, bound = len(here) == len(there), f"= {len(there):,}"
            if late and sound:
                bound = f"judged once it is taken again: {abbreviated(sorted(late))} came after it"
            results.append(CheckResult(key, sound, float(len(here)), bound))
        return results

    doc = f"Every row of the database's `{name}` that changed on the day is here."
    return Check("nothing_missing", doc, measure, reads=(name,))


def table(source: Table) -> Table:
    """The warehouse's copy of a table of the database."""

    def derive(stored: TableView, key: str) -> pl.LazyFrame:
        """Rows that changed on a day."""
        return changed(stored, source.name, key)

    return replace(
        source,
        name=PREFIX + source.name,
        doc=f"The backend's `{source.name}` as taken from its database, by day of change.",
        source=Derived(derive),
        parents={role: PREFIX + parent for role, parent in source.parents.items()},
        deps=[source.name],
        location=LOCATION,
        store=None,
        extra_metadata=lambda key: {"watermark": watermark(key).isoformat()},
        checks=[below_watermark(), nothing_missing(source.name)],
    )


def tables(partitioning: Daily) -> list[Table]:
    """Copies of all tables of the database, parents first."""
    return [table(module.table(partitioning)) for module in (customers, orders, order_items)]
