"""The export as GA4 itself stores it: a table for each day, `events_YYYYMMDD`.

An option (``tables_by_date``), for tools that read GA4's data set by wildcard. The rows are those
of ``events``, copied day by day; the schema has the name that GA4 gives its data set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.location import TableLocation
from synth_assets.core.model import Check, Source, Table, TableView
from synth_assets.core.partitioning import Daily
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.scenario import DOMAIN, JourneyScenario
from synth_assets.domains.journey.tables import events

PREFIX = "daily_"
NAME = PREFIX + events.NAME
# GA4 names the data set by the property.
SCHEMA = f"analytics_{events.STREAM}"


@dataclass(frozen=True)
class Suffixes(Mapping[str, str]):
    """The suffix of each day's table: its date, YYYYMMDD."""

    partitioning: Daily

    def __getitem__(self, key: str) -> str:
        return "_" + key.replace("-", "")

    def __iter__(self) -> Iterator[str]:
        return iter(self.partitioning.keys())

    def __len__(self) -> int:
        return len(self.partitioning.keys())


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """The events of a day.

    Args:
        stored: The table, and others of its domain.
        key: Day to derive.
    """
    return stored.reader.scan(stored.domain.table(events.NAME), [key])


def same_rows() -> Check:
    """Every day's table has the day's events."""

    def measure(stored: TableView) -> list[CheckResult]:
        source, here = stored.other(events.NAME).partition_stats, stored.partition_stats
        return [
            CheckResult(key, here[key].rows == source[key].rows, float(here[key].rows),
                        f"= {source[key].rows:,}")
            for key in stored.keys
        ]  # fmt: skip

    doc = f"Every day's table has as many rows as the day of `{events.NAME}`."
    return Check("same_rows", doc, measure, reads=(events.NAME,))


def by_date(
    name: str, doc: str, scenario: JourneyScenario, export: Table, source: Source,
    checks: Sequence[Check],
) -> Table:  # fmt: skip
    """A table of events that is stored as a table for each day, in GA4's data set.

    Args:
        name: Its name, of which GA4's is the part after the prefix.
        doc: What it has.
        scenario: The scenario.
        export: The events table, for the schema.
        source: Where its rows come from.
        checks: Its checks.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=name,
        doc=doc,
        schema=export.schema,
        event_time=export.event_time,
        partitioning=partitioning,
        source=source,
        deps=[events.NAME],
        checks=checks,
        location=TableLocation(SCHEMA, Suffixes(partitioning), prefix=PREFIX),
    )


def table(scenario: JourneyScenario, export: Table) -> Table:
    """The table.

    Args:
        scenario: The scenario.
        export: The events table, for the schema.
    """
    doc = "The events, a table for each day as in GA4's own data set."
    return by_date(NAME, doc, scenario, export, Derived(derive), [same_rows()])
