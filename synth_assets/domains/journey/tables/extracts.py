"""Incremental extracts: the warehouse's copies of the backend's tables, day by day.

A day's watermark is its last microsecond. Its partition has the rows with ``updated_at`` after the
watermark of the day before and up to its own, as the database has them at the time of the extract.
Repeating an extract replaces its partition and duplicates no row. An order may be created or
changed days after its purchase, while its row in the database stays in the purchase's partition.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.location import TableLocation
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend.discrepancies import LATE_DAYS
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables import order_items, orders, users
from synth_assets.quality.building import abbreviated, row_check

PREFIX = "raw_"
LOCATION = TableLocation("raw_backend", prefix=PREFIX)
# Most days from a purchase to the last change of its rows.
MAX_DELAY_DAYS = LATE_DAYS[1] + 1


def watermark(key: str) -> datetime:
    """The last microsecond of a day.

    Args:
        key: The day.
    """
    return datetime.combine(date.fromisoformat(key), time.max)


def changed(stored: TableView, name: str, key: str) -> pl.LazyFrame:
    """Rows of a table in the database that changed on a day.

    Args:
        stored: The table, and others of its domain.
        name: Table in the database.
        key: The day.

    Returns:
        The rows with the day of their partition in the database.
    """
    source = stored.cached(f"source {name}", lambda: stored.other(name))
    day = date.fromisoformat(key)
    there = [
        k
        for k in source.keys
        if day - timedelta(days=MAX_DELAY_DAYS) <= date.fromisoformat(k) <= day
    ]
    if key not in there:
        there.append(key)  # the store's error then says how to create it
    rows = source.reader.scan(source.table, there)
    low, high = watermark((day - timedelta(days=1)).isoformat()), watermark(key)
    at = pl.col("updated_at")
    return rows.filter((at > low) & (at <= high)).sort(rows.collect_schema().names()[0])


def below_watermark() -> Check:
    """Rows changed after the watermark of the day before, and not after their own day's."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        partition_column = pl.col(stored.table.partitioning.partition_column)
        return stored.current().filter(
            pl.col("updated_at").dt.date().cast(pl.String) != partition_column
        )

    doc = "Every row changed after the watermark of the day before, and not after its day's."
    return row_check("updated_at_within_watermarks", doc, failing_rows)


def nothing_missing(name: str) -> Check:
    """Every row that changed on a day is in its extract, once.

    Args:
        name: Table in the database.
    """

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
            # Days that another run has written to the database since the extract.
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
    return Check("every_changed_row_present", doc, measure, reads=(name,))


def _extract(source: Table) -> Table:
    """The warehouse's copy of a table in the database."""

    def derive(stored: TableView, key: str) -> pl.LazyFrame:
        """Rows that changed on a day."""
        return changed(stored, source.name, key)

    return replace(
        source,
        name=PREFIX + source.name,
        doc=f"The backend's `{source.name}` as extracted from its database, by day of change.",
        source=Derived(derive),
        parents={role: PREFIX + parent for role, parent in source.parents.items()},
        deps=[source.name],
        location=LOCATION,
        store=None,
        extra_metadata=lambda key: {"watermark": watermark(key).isoformat()},
        checks=[below_watermark(), nothing_missing(source.name)],
    )


def tables(scenario: JourneyScenario) -> list[Table]:
    """Copies of all tables of the database, parents first.

    Args:
        scenario: The scenario.
    """
    return [_extract(module.table(scenario)) for module in (users, orders, order_items)]
