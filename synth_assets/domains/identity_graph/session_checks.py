"""Checks of when sessions happen and what happens in them, on stored engagements."""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import ROWS_AT_ONCE, Check, TableView
from synth_assets.domains.identity_graph import timing
from synth_assets.domains.identity_graph.checks import this_shard
from synth_assets.domains.identity_graph.kinship import Floats
from synth_assets.domains.identity_graph.layout import MOST_MEMBERS, config_of
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.domains.identity_graph.sessions import EVENT_BITS
from synth_assets.quality.building import partition_check, when_complete
from synth_assets.quality.tolerance import STANDARD_ERRORS, share_tolerance

# Engagements that are judged at most, about: those of every n-th household.
SAMPLED = 1_000_000
# Tolerance of shares of hours and days that sessions which begin later, since the person's previous
# one was not over, take from their own.
MOVED_HOURS, MOVED_DAYS = 0.012, 0.006
WEEK = 7


def _sampled(stored: TableView) -> pl.LazyFrame:
    """Engagements of some households, in sessions that were followed."""
    rows = sum(stats.rows for stats in stored.partition_stats.values())
    household = (pl.col("individual_id") - 1) // MOST_MEMBERS
    return stored.all().filter(
        pl.col("session_id").is_not_null() & (household % (rows // SAMPLED + 1) == 0)
    )


def _starts(stored: TableView) -> pl.DataFrame:
    """The person and the start of sessions that begin in whole periods."""
    config = config_of(stored)
    days = config.engagement_config.time_period_days
    whole = (config.end - config.start_date).days // days * days
    starts = _sampled(stored).group_by("individual_id", "session_id").agg(pl.col("timestamp").min())
    day = (pl.col("timestamp").dt.date() - pl.lit(config.start_date)).dt.total_days()
    return (
        starts.with_columns(day=day, hour=pl.col("timestamp").dt.hour())
        .filter(pl.col("day") < whole)
        .collect(engine="streaming")
    )


def _verdict(found: Floats, expected: Floats, allowed: Floats, label: str) -> list[CheckResult]:
    off = np.abs(found - expected)
    bad = [
        {label: n, "found": round(float(found[n]), 6), "expected": round(float(expected[n]), 6)}
        for n in np.flatnonzero(off > allowed)
    ]
    numbers = {f"share.{n}": float(share) for n, share in enumerate(found)}
    return [CheckResult(None, not bad, float(off.max()), "within tolerance", numbers, bad)]


def hours() -> Check:
    """A check that sessions begin at the hours that the temporal pattern says."""

    def measure(stored: TableView) -> list[CheckResult]:
        starts = _starts(stored)["hour"].to_numpy()
        pattern = config_of(stored).engagement_config.temporal_pattern
        expected = np.array(timing.hour_shares(pattern))
        found = np.bincount(starts, minlength=timing.HOURS) / max(len(starts), 1)
        allowed = np.array(
            [share_tolerance(e, len(starts), least=MOVED_HOURS) for e in expected.tolist()]
        )
        return _verdict(found, expected, allowed, "hour")

    doc = "Sessions begin at the hours that the temporal pattern says."
    return when_complete(Check("hour_of_day_distribution", doc, measure, per_partition=False))


def weekdays() -> Check:
    """A check that sessions begin on the days of the week that the temporal pattern says."""

    def measure(stored: TableView) -> list[CheckResult]:
        starts = _starts(stored)
        expected = expected_weekdays(config_of(stored))
        first = config_of(stored).start_date.weekday()
        person = starts["individual_id"].rank("dense").to_numpy().astype(np.int64) - 1
        weekday = (starts["day"].to_numpy() + first) % WEEK
        counts = np.bincount(person * WEEK + weekday, minlength=(person.max(initial=0) + 1) * WEEK)
        each = counts.reshape(-1, WEEK)
        rows = max(len(starts), 1)
        # Sessions of a person are alike: those who are away miss days.
        gaps = each - each.sum(axis=1, keepdims=True) * expected
        errors = np.sqrt((gaps**2).sum(axis=0)) / rows
        allowed = np.maximum(STANDARD_ERRORS * errors, MOVED_DAYS)
        return _verdict(each.sum(axis=0) / rows, expected, allowed, "weekday")

    doc = "Sessions begin on the days of the week that the temporal pattern says."
    return when_complete(Check("weekday_distribution", doc, measure, per_partition=False))


def expected_weekdays(config: IdentityGraphScenario) -> Floats:
    """Share of sessions on each day of the week, Monday first, over all whole periods.

    Args:
        config: The configuration.
    """
    days = config.engagement_config.time_period_days
    whole = (config.end - config.start_date).days // days
    shares = np.zeros(WEEK)
    for period in range(whole):
        weekday = (config.start_date.weekday() + period * days + np.arange(days)) % WEEK
        np.add.at(shares, weekday, timing.present_day_shares(config, period))
    found: Floats = shares / max(whole, 1)
    return found


def views_apart() -> Check:
    """A check that no view begins before the person's previous one has ended."""

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        here = this_shard(stored, key).select(
            "event_id", "individual_id", "timestamp", "duration_seconds",
            stored.table.partitioning.partition_column,
        )  # fmt: skip
        found = [_overlapping(here.head(0))]
        for at in range(0, stored.partition_stats[key].rows, ROWS_AT_ONCE):
            # Events are stored in order: a part of them begins with the event before it.
            part = here.slice(max(at - 1, 0), ROWS_AT_ONCE + 1).collect(engine="streaming")
            if not part["event_id"].is_sorted():
                return _overlapping(here.sort("event_id"))
            found.append(_overlapping(part.lazy()))
        return pl.concat(rows.collect() for rows in found).lazy()

    doc = "No engagement begins before the individual's previous view of the period has ended."
    return partition_check("views_do_not_overlap", doc, failing_rows)


def _overlapping(events: pl.LazyFrame) -> pl.LazyFrame:
    """Events, of some in order, that begin before the same person's previous view has ended."""
    # A view may last beyond the end of a period, in which events are numbered.
    person = (pl.col("event_id") - 1) // (1 << EVENT_BITS)
    ended = pl.col("timestamp") + pl.duration(seconds=pl.col("duration_seconds").fill_null(0))
    same = person.shift() == person
    return events.filter(same & (ended.shift() > pl.col("timestamp")))


def actions_follow_views() -> Check:
    """A check that what is done to content in a session follows a view of it."""

    def measure(stored: TableView) -> list[CheckResult]:
        view = pl.col("engagement_type").cast(pl.String) == "view"
        viewed = pl.when(view).then("content_id").forward_fill().over("session_id")
        events = _sampled(stored).sort("event_id").with_columns(viewed=viewed)
        other = pl.col("viewed").is_not_null() & (pl.col("viewed") != pl.col("content_id"))
        bad = events.filter(other & ~view)
        count = bad.select(pl.len()).collect().item()
        return [CheckResult(None, count == 0, float(count), "= 0 engagements")]

    doc = "In a session, clicks, shares, likes and comments are on the content viewed last."
    return when_complete(Check("actions_follow_views", doc, measure, per_partition=False))
