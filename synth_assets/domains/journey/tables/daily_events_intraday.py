"""The streaming export as GA4 stores it: a table for each day, `events_intraday_YYYYMMDD`.

An option (``intraday_until_hour``), for queries of the current day. The rows are those of
``events`` that happened before an hour of the day; what GA4 knows of users only after the day is
null. Sources: Google Analytics Help, "[GA4] BigQuery Export", section "Streaming export" (no
``traffic_source`` of new users), and "[GA4] BigQuery Export schema" (no ``user_ltv``, no
``is_active_user``). GA4 deletes the table when the day's is complete; here both stay.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.domains.journey.tables import daily_events, events
from synth_assets.quality.building import partition_check

NAME = f"{daily_events.NAME}_intraday"
# Columns that GA4 fills after the day; the last one is in the schema of 2025 alone.
OF_NEW_USERS, AFTER_THE_DAY = "traffic_source", ("user_ltv", "is_active_user")
MICROSECONDS_AN_HOUR = 3_600_000_000


def day_start(key: str) -> int:
    """The first microsecond of a day (UTC), since 1970.

    Args:
        key: The day.
    """
    midnight = datetime.combine(date.fromisoformat(key), time(), UTC)
    return int(midnight.timestamp()) * 1_000_000


def is_new(key: str) -> pl.Expr:
    """Whether the event's user is new on a day.

    Args:
        key: The day.
    """
    return pl.col("user_first_touch_timestamp") >= day_start(key)


def arrived(stored: TableView, key: str) -> pl.LazyFrame:
    """The stored events of a day up to the hour, as ``events`` has them.

    Args:
        stored: The table, and others of its domain.
        key: The day.
    """
    hour = stored.scenario.intraday_until_hour  # type: ignore[attr-defined]
    stop = day_start(key) + hour * MICROSECONDS_AN_HOUR
    return daily_events.derive(stored, key).filter(pl.col("event_timestamp") < stop)


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """The events of a day up to the hour, as the streaming export has them.

    Args:
        stored: The table, and others of its domain.
        key: Day to derive.
    """
    later = [name for name in AFTER_THE_DAY if name in stored.table.schema.column_names()]
    return arrived(stored, key).with_columns(
        pl.when(~is_new(key).fill_null(value=False)).then(OF_NEW_USERS).alias(OF_NEW_USERS),
        *(pl.when(pl.lit(value=False)).then(name).alias(name) for name in later),
    )


def same_events() -> Check:
    """The table has the day's events up to the hour, and no others."""

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        names = stored.table.schema.column_names()
        same = [name for name in names if name not in (OF_NEW_USERS, *AFTER_THE_DAY)]
        shown = ["event_timestamp", "event_name", "user_pseudo_id"]

        def counted(rows: pl.LazyFrame, number: str) -> pl.LazyFrame:
            event = rows.select(*shown, event=pl.struct(same).hash())
            return event.group_by("event").agg(pl.col(shown).first(), pl.len().alias(number))

        here = counted(stored.reader.scan(stored.table, [key]), "rows")
        there = counted(arrived(stored, key), "events")
        return (
            here.join(there, on="event", how="full", coalesce=True)
            .filter(pl.col("rows").ne_missing(pl.col("events")))
            .select(
                pl.coalesce(name, f"{name}_right").alias(name) for name in shown
            )
            .with_columns(pl.lit(key).alias(stored.table.partitioning.partition_column))
        )  # fmt: skip

    doc = f"Every event of `{events.NAME}` before the hour is here once, and no other event."
    return partition_check("same_events", doc, failing_rows, reads=(events.NAME,))


def known_so_far() -> Check:
    """What GA4 knows only after the day is null, and nothing else of a user's attribution."""

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        names = stored.table.schema.column_names()
        unknown = [pl.col(name).is_null() for name in AFTER_THE_DAY if name in names]
        new = is_new(key).fill_null(value=False)
        source = pl.col(OF_NEW_USERS)
        known = arrived(stored, key).select("user_pseudo_id", OF_NEW_USERS).drop_nulls()
        first = known.group_by("user_pseudo_id").agg(source.first().alias("first"))
        rows = stored.reader.scan(stored.table, [key])
        fine = pl.when(new).then(source.is_null()).otherwise(source.eq_missing(pl.col("first")))
        return rows.join(first, on="user_pseudo_id", how="left").filter(
            ~pl.all_horizontal(fine, *unknown)
        ).drop("first")  # fmt: skip

    doc = (
        f"`{OF_NEW_USERS}` is null for users who are new on the day and that of "
        f"`{events.NAME}` for others; {' and '.join(f'`{name}`' for name in AFTER_THE_DAY)} "
        "are null."
    )
    return partition_check("known_so_far", doc, failing_rows, reads=(events.NAME,))


def table(scenario: JourneyScenario, export: Table) -> Table:
    """The table.

    Args:
        scenario: The scenario.
        export: The events table, for the schema.
    """
    doc = f"The day's events before {scenario.intraday_until_hour}:00 UTC, as GA4 streams them."
    return daily_events.by_date(
        NAME, doc, scenario, export, Derived(derive), [same_events(), known_so_far()]
    )
