"""Engagements: what individuals do with content, in sessions.

In each period of so many days a person makes about as many engagements as their level says. They
come in sessions of one to five, on one device and within one hour. A person's engagements are
numbered within the period, so a later end adds to them and changes none.
"""

from __future__ import annotations

import math

import dataframely as dy
import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated
from synth_assets.domains.identity_graph import model as world
from synth_assets.domains.identity_graph import terms, timing
from synth_assets.domains.identity_graph.audience import counted
from synth_assets.domains.identity_graph.checks import Counts, at_home, counts, declared, fits
from synth_assets.domains.identity_graph.layout import (
    DOMAIN,
    INDIVIDUALS,
    config_of,
    households_of,
    rows_before,
)
from synth_assets.domains.identity_graph.model import LOYAL, THOUSAND, World, open_world
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.domains.identity_graph.tables import individuals
from synth_assets.quality.building import row_check
from synth_assets.quality.goodness_of_fit import chi_square_test, within_tolerance
from synth_assets.randomness.random_arrays import (
    Ints,
    Small,
    below,
    drawn,
    named,
    part,
    upper,
    within,
    words,
)
from synth_assets.randomness.streams import LOTS
from synth_assets.randomness.values import DAY, HOUR, since_epoch

NAME = "content_engagements"
# An event's number is the person's, the period's and its own, in so many bits.
PERIOD_BITS, EVENT_BITS = 8, 18
# Sixteen events in a row are sessions of these lengths, over and over.
LENGTHS = (1, 3, 2, 5, 1, 4)
LONGEST = max(LENGTHS)
TURN = sum(LENGTHS)
SESSION = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
PLACE = np.concatenate([np.arange(length) for length in LENGTHS])
# Seconds: a session begins within so many of its hour, and events follow each other so fast.
FIRST_IN, GAP_LEAST, GAP_MOST, JITTER = 1_200, 60, 480, 60
# Pieces of content in each category; content is numbered by category.
CONTENTS, OF_CATEGORY = 2_000, 1_000_000
# Of sessions, those of visitors who are not followed from one event to the next.
UNTRACKED = 0.08
# Of a person's sessions, those on the device that they like best, whatever else comes by.
SAME_DEVICE = 0.5
# Only views last.
VIEW = terms.EVENTS.index("view")


class ContentEngagements(dy.Schema):
    """Something that an individual did with content."""

    event_id = dy.Int64(primary_key=True, min=1, description="The event's number.")
    individual_id = dy.Int64(
        description="Who did it.", metadata=references("individual", "individual_id")
    )
    content_id = dy.Int64(min=1, description="The piece of content.")
    content_category = dy.Enum(terms.CATEGORIES, description="What the content is about.")
    engagement_type = dy.Enum(terms.EVENTS, description="What was done.")
    timestamp = dy.Datetime(time_unit="us", description="When (UTC).")
    duration_seconds = dy.Int32(
        nullable=True, min=1, description="How long a view lasted; null for anything else."
    )
    device_type = dy.Enum(terms.DEVICES, description="On what kind of device.")
    session_id = dy.String(
        nullable=True, description="The session, in hexadecimal digits; null if not followed."
    )


def unit(config: GenerationConfig) -> int:
    """Rows a household, about."""
    days = (config.end - config.start_date).days
    each = config.engagement_config.events_per_person.mean
    return max(1, round(2 * each * days / config.engagement_config.time_period_days))


def generate(config: GenerationConfig, partition: Partition) -> pl.LazyFrame:
    """The engagements of a partition."""
    world = open_world(config)
    row, number = households_of(config, partition, unit(config))
    people = world.people(world.households(number))
    level, taste = world.levels(people), world.tastes(people)
    favourite = drawn(words(world.draw("individuals", "device"), people.number), _devices(config))
    made = [
        _period(world, period, people.number, level, taste, favourite)
        for period in range(config.periods)
    ]
    frame = made[0] if len(made) == 1 else pl.concat(made).sort("of", maintain_order=True)
    frame = frame.with_columns(row=pl.Series(row[people.of]).gather(frame["of"]))
    return frame.lazy().with_columns(timestamp=pl.col("timestamp").cast(pl.Datetime("us")))


def _period(
    world: World, period: int, number: Ints, level: Ints, taste: Small, favourite: Small
) -> pl.DataFrame:
    """The engagements that people make in one period, before the end."""
    config = world.config
    person = number << PERIOD_BITS | period
    bits = words(world.draw(NAME, "count"), person)
    count = np.minimum(
        (level + below(part(bits, 0), THOUSAND)) // THOUSAND, (1 << EVENT_BITS) - TURN
    )
    # Where in the turn of lengths a person begins.
    phase = part(bits, 1) % TURN
    sessions = np.where(count > 0, _session(phase + count - 1) - _session(phase) + 1, 0)

    # Sessions.
    of = np.repeat(np.arange(len(number)), sessions)
    nth = within(sessions)
    session = (person[of] << EVENT_BITS) | nth
    when = words(world.draw(NAME, "when"), session)
    day = np.searchsorted(timing.day_steps(config, period), upper(when), side="right")
    hour = drawn(when, timing.hour_shares(config.engagement_config.temporal_pattern), 0)
    begin = timing.period_start(config, period) + day * DAY + hour.astype(np.int64) * HOUR
    begin += below(part(when, 1), FIRST_IN)
    how = words(world.draw(NAME, "session"), session)
    gap = GAP_LEAST + below(part(how, 0), GAP_MOST - GAP_LEAST)
    device = drawn(how, _devices(config), 1)
    device = np.where(part(how, 2) < round(SAME_DEVICE * LOTS), favourite[of], device)
    tracked = part(how, 3) >= round(UNTRACKED * LOTS)

    # Events.
    by = np.repeat(np.arange(len(number)), count)
    nth = within(count)
    event = (person[by] << EVENT_BITS) | nth
    turn = phase[by] + nth
    in_session = np.repeat(np.cumsum(sessions) - sessions - _session(phase), count) + _session(turn)
    what = words(world.draw(NAME, "what"), event)
    liked = taste[by]
    loyal = (part(what, 0) < round(LOYAL * LOTS)) & (liked < len(terms.CATEGORIES))
    category = np.where(loyal, liked, drawn(what, world.categories, 1))
    kinds = world.config.engagement_config.event_types
    kind = drawn(what, tuple(kinds.get(name, 0.0) for name in terms.EVENTS), 2)
    more = words(world.draw(NAME, "more"), event)
    place = PLACE[turn % TURN]
    second = begin[in_session] + place * gap[in_session] + below(part(more, 0), JITTER)
    # Few contents are popular, and few views are long.
    lot = part(more, 1)
    content = category.astype(np.int64) * OF_CATEGORY + below(lot * lot >> 16, CONTENTS) + 1
    lasting = config.engagement_config.duration_range
    lot = part(more, 2)
    duration = lasting.min + below(lot * lot >> 16, lasting.max - lasting.min + 1)
    end = since_epoch(config.end)
    frame = pl.DataFrame(
        {
            "of": by,
            "event_id": event + 1,
            "individual_id": number[by] + 1,
            "content_id": content,
            "content_category": named(category, terms.CATEGORIES),
            "engagement_type": named(kind, terms.EVENTS),
            "timestamp": second * 1_000_000,
            "duration_seconds": pl.Series(duration.astype(np.int32)).set(
                pl.Series(kind != VIEW), None
            ),
            "device_type": named(device[in_session], terms.DEVICES),
            "session_id": _session_ids(world, session, tracked).gather(in_session),
        }
    )
    late = timing.period_start(config, period + 1) > end
    return frame.filter(pl.col("timestamp") < end * 1_000_000) if late else frame


def _session(event: Ints) -> Ints:
    """Which session an event of the endless turn belongs to."""
    found: Ints = SESSION[event % TURN] + event // TURN * len(LENGTHS)
    return found


def _session_ids(world: World, session: Ints, tracked: npt.NDArray[np.bool_]) -> pl.Series:
    frame = pl.DataFrame({"session": session, "tracked": tracked})
    spelled = world.draw(NAME, "session_id").hexadecimal(pl.col("session"), 16)
    return frame.select(id=pl.when("tracked").then(spelled)).to_series()


def _devices(config: GenerationConfig) -> tuple[float, ...]:
    given = config.engagement_config.device_types
    return tuple(given.get(name, 0.0) for name in terms.DEVICES)


def _period_judged(stored: TableView) -> pl.LazyFrame:
    config = config_of(stored)
    first, end = (
        pl.lit(since_epoch(day) * 1_000_000).cast(pl.Datetime("us"))
        for day in (config.start_date, config.end)
    )
    at = pl.col("timestamp")
    return stored.frame.filter((at < first) | (at >= end))


def _durations(stored: TableView) -> pl.LazyFrame:
    of = config_of(stored).engagement_config.duration_range
    lasted, view = pl.col("duration_seconds"), pl.col("engagement_type").cast(pl.String) == "view"
    outside = (lasted < of.min) | (lasted > of.max)
    return stored.frame.filter((lasted.is_null() == view) | outside.fill_null(value=False))


def _categories(stored: TableView) -> dict[str, tuple[float, float, float]]:
    """Share of each category, with the error that people's liking for one category makes."""
    share = np.array(world.open_world(config_of(stored)).categories)
    share = share / share.sum()
    total, gap, square = 0, np.zeros(len(share)), np.zeros(len(share))
    for key in stored.partition_stats:
        counts = counted(stored, key)["by_category"].to_numpy()
        events = counts.sum(axis=1)
        stray = counts - events[:, None] * share
        total += int(events.sum())
        gap, square = gap + stray.sum(axis=0), square + (stray**2).sum(axis=0)
    rows = max(total, 1)
    return {
        name: (share[n] + gap[n] / rows, float(share[n]), math.sqrt(square[n]) / rows)
        for n, name in enumerate(terms.CATEGORIES)
    }


def _hours(config: GenerationConfig) -> Counts:
    shares = timing.hour_shares(config.engagement_config.temporal_pattern)
    return {str(hour): share for hour, share in enumerate(shares)}


def _days(config: GenerationConfig) -> Counts:
    days = config.engagement_config.time_period_days
    whole = (config.end - config.start_date).days // days
    return {
        str(period * days + day): float(share)
        for period in range(whole)
        for day, share in enumerate(timing.day_shares(config, period))
    }


def _counted_days(stored: TableView) -> Counts:
    first = since_epoch(config_of(stored).start_date) // 86_400
    day = pl.col("timestamp").cast(pl.Date).cast(pl.Int32) - first
    days = _days(config_of(stored))
    return {d: n for d, n in counts(day)(stored).items() if d in days}


def _checks() -> list[Check]:
    session = float(LONGEST)
    return [
        at_home("individual_id"),
        row_check("within_period", "Events lie between the first day and the end.", _period_judged),
        row_check("durations", "Views last as long as declared; nothing else lasts.", _durations),
        fits("event_types", "engagement_type", lambda c: c.engagement_config.event_types),
        within_tolerance(
            "categories", "Categories have the declared shares.", _categories, reads=[INDIVIDUALS]
        ),
        chi_square_test(
            "hours",
            "Hours of the day are busy as the temporal pattern says.",
            counts(pl.col("timestamp").dt.hour()),
            declared(_hours),
            design=session,
        ),
        chi_square_test(
            "days",
            "Days are busy as the temporal pattern says.",
            _counted_days,
            declared(_days),
            design=session,
        ),
    ]


def table(partitioning: Sharded) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Engagements with content: views, clicks, shares, likes and comments, in sessions.",
        schema=ContentEngagements,
        partitioning=partitioning,
        colocated=["individual_id"],
        checks=_checks(),
        grows_with=["num_households", "end_date"],
        source=Generated(rows_before(unit), generate),
        parents={"individual": individuals.NAME},
        cluster_by=["timestamp", "individual_id"],
    )
