"""The backend's tables as the warehouse has them, taken from the database day by day.

A day's watermark is its last microsecond. Its slice holds the rows whose ``updated_at`` lies
above the watermark of the day before and not above its own, as the database has them when it is
asked: to take a day again gives its slice again, and no row twice. An order may change, or come,
days after the purchase whose slice of the database it lies in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import polars as pl

from synth_assets.domains.journey.backend import customers, order_items, orders
from synth_assets.domains.journey.backend.fates import LATE_DAYS
from synth_assets.generation.rules import Rule, Verdict, few, row_rule
from synth_assets.generation.slicing import Daily
from synth_assets.generation.stored import Stored
from synth_assets.generation.table import Placement, Table

PREFIX = "raw_"
PLACEMENT = Placement("raw_backend", prefix=PREFIX)
# Days that a row may come after the purchase that it is about, and one for its own changes.
REACH = LATE_DAYS[1] + 1


def watermark(key: str) -> datetime:
    """The last moment of a day."""
    return datetime.combine(date.fromisoformat(key), time.max)


def changed(stored: Stored, name: str, key: str) -> pl.LazyFrame:
    """Rows of the database's table that changed on a day, with the day whose slice they lie in."""
    source = stored.once(f"source {name}", lambda: stored.other(name))
    day = date.fromisoformat(key)
    there = [k for k in source.keys if day - timedelta(days=REACH) <= date.fromisoformat(k) <= day]
    if key not in there:
        there.append(key)  # the store says how to make it
    rows = source.reader.scan(source.table, there)
    low, high = watermark((day - timedelta(days=1)).isoformat()), watermark(key)
    at = pl.col("updated_at")
    return rows.filter((at > low) & (at <= high)).sort(rows.collect_schema().names()[0])


def below_watermark() -> Rule:
    """Rows changed between the watermark of the day before and that of their own day."""

    def offenders(stored: Stored) -> pl.LazyFrame:
        axis = pl.col(stored.table.slicing.axis)
        return stored.frame.filter(pl.col("updated_at").dt.date().cast(pl.String) != axis)

    doc = "Every row changed after the watermark of the day before, and not after its day's."
    return row_rule("below_watermark", doc, offenders)


def nothing_missing(name: str) -> Rule:
    """What changed up to the last watermark has come, once."""

    def measure(stored: Stored) -> list[Verdict]:
        source, verdicts = stored.other(name), []
        axis, ids = source.table.slicing.axis, source.table.schema.primary_key()
        for key in stored.keys:
            here = stored.reader.scan(stored.table, [key]).select(ids).collect()
            there = changed(stored, name, key).select(axis, *ids).collect()
            missing = there.join(here, on=ids, how="anti")
            # Days that another run has put into the database since the slice was taken.
            late = set(missing[axis]) - set(there.join(here, on=ids, how="semi")[axis]) - {key}
            there = there.filter(~pl.col(axis).is_in(list(late)))
            sound, bound = len(here) == len(there), f"= {len(there):,}"
            if late and sound:
                bound = f"judged once it is taken again: {few(sorted(late))} came after it"
            verdicts.append(Verdict(key, sound, float(len(here)), bound))
        return verdicts

    doc = f"Every row of the database's `{name}` that changed on the day is here."
    return Rule("nothing_missing", doc, measure, reads=(name,))


def table(source: Table) -> Table:
    """The warehouse's copy of a table of the database."""

    def derive(stored: Stored, key: str) -> pl.LazyFrame:
        """Rows that changed on a day."""
        return changed(stored, source.name, key)

    return replace(
        source,
        name=PREFIX + source.name,
        doc=f"The backend's `{source.name}` as taken from its database, by day of change.",
        derive=derive,
        parents={role: PREFIX + parent for role, parent in source.parents.items()},
        follows=[source.name],
        placement=PLACEMENT,
        store=None,
        notes=lambda key: {"watermark": watermark(key).isoformat()},
        rules=[below_watermark(), nothing_missing(source.name)],
    )


def tables(slicing: Daily) -> list[Table]:
    """Copies of all tables of the database, parents first."""
    return [table(module.table(slicing)) for module in (customers, orders, order_items)]
