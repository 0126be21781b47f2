"""Sessions and events of engagements, for arrays of people.

In a period of ``time_period_days`` a person has about as many events as the activity rate says.
Events come in sessions of one to five, each on one device and within one hour. Events are numbered
within person and period, so a later end adds events and changes none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.identity_graph import terms, timing
from synth_assets.domains.identity_graph.activity import AFFINITY, PER_MILLE
from synth_assets.domains.identity_graph.layout import ENGAGEMENTS
from synth_assets.domains.identity_graph.model import Model
from synth_assets.domains.identity_graph.population import People
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import (
    Ints,
    Small,
    as_enum,
    categorical_u16,
    cumcount,
    high32,
    lane,
    random_bits,
    scale_to,
)
from synth_assets.randomness.streams import LANE_VALUES
from synth_assets.randomness.values import DAY, HOUR, since_epoch

# An event's number is the person's, the period's and the one within them, in so many bits.
PERIOD_BITS, EVENT_BITS = 8, 18
# Lengths of consecutive sessions, a cycle of sixteen events that repeats.
LENGTHS = (1, 3, 2, 5, 1, 4)
LONGEST = max(LENGTHS)
CYCLE = sum(LENGTHS)
# Session of each event of the cycle, and the event's position in the session.
SESSION = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
POSITION = np.concatenate([np.arange(length) for length in LENGTHS])
# Seconds: the latest start of a session in its hour, the range of the gap between its events, and
# the range of the random time added to each event.
LATEST_START, GAP_LEAST, GAP_MOST, JITTER = 1_200, 60, 480, 60
# Pieces of content in each category, and the step between the content ids of categories.
CONTENTS, CATEGORY_STEP = 2_000, 1_000_000
# Share of sessions without a session id.
UNTRACKED = 0.08
# Probability that a session is on the person's preferred device; the other sessions follow the
# declared shares.
SAME_DEVICE = 0.5
# Only views have a duration.
VIEW = terms.EVENTS.index("view")


def events(model: Model, people: People) -> pl.DataFrame:
    """The events of people, over all periods and before the end.

    Args:
        model: The domain's model.
        people: The people.

    Returns:
        The table's columns, with ``timestamp`` in microseconds since 1970, and ``of``, the index
        of the person, in ascending order.
    """
    config = model.config
    rate, preferred = model.activity_rates(people), model.preferred_categories(people)
    bits = random_bits(model.stream("individuals", "device"), people.number)
    device = categorical_u16(bits, _device_shares(config))
    periods = [
        _period(model, period, people.number, rate, preferred, device)
        for period in range(config.periods)
    ]
    if len(periods) == 1:
        return periods[0]
    return pl.concat(periods).sort("of", maintain_order=True)


def _period(
    model: Model, period: int, number: Ints, rate: Ints, preferred: Small, preferred_device: Small
) -> pl.DataFrame:
    """The events of people in one period, before the end."""
    config = model.config
    person = number << PERIOD_BITS | period
    bits = random_bits(model.stream(ENGAGEMENTS, "count"), person)
    count = np.minimum(
        (rate + scale_to(lane(bits, 0), PER_MILLE)) // PER_MILLE, (1 << EVENT_BITS) - CYCLE
    )
    # Position in the cycle of session lengths at which a person begins.
    phase = lane(bits, 1) % CYCLE
    sessions = np.where(count > 0, _session(phase + count - 1) - _session(phase) + 1, 0)

    # Sessions.
    of = np.repeat(np.arange(len(number)), sessions)
    nth = cumcount(sessions)
    session = (person[of] << EVENT_BITS) | nth
    when = random_bits(model.stream(ENGAGEMENTS, "when"), session)
    day = np.searchsorted(timing.day_thresholds(config, period), high32(when), side="right")
    hour = categorical_u16(when, timing.hour_shares(config.engagement_config.temporal_pattern), 0)
    begin = timing.period_start(config, period) + day * DAY + hour.astype(np.int64) * HOUR
    begin += scale_to(lane(when, 1), LATEST_START)
    how = random_bits(model.stream(ENGAGEMENTS, "session"), session)
    gap = GAP_LEAST + scale_to(lane(how, 0), GAP_MOST - GAP_LEAST)
    device = categorical_u16(how, _device_shares(config), 1)
    device = np.where(lane(how, 2) < round(SAME_DEVICE * LANE_VALUES), preferred_device[of], device)
    tracked = lane(how, 3) >= round(UNTRACKED * LANE_VALUES)

    # Events.
    by = np.repeat(np.arange(len(number)), count)
    nth = cumcount(count)
    event = (person[by] << EVENT_BITS) | nth
    position = phase[by] + nth
    begins = np.cumsum(sessions) - sessions - _session(phase)
    in_session = np.repeat(begins, count) + _session(position)
    what = random_bits(model.stream(ENGAGEMENTS, "what"), event)
    favorite = preferred[by]
    in_favorite = lane(what, 0) < round(AFFINITY * LANE_VALUES)
    in_favorite &= favorite < len(terms.CATEGORIES)
    category = np.where(in_favorite, favorite, categorical_u16(what, model.category_shares, 1))
    kinds = config.engagement_config.event_types
    kind = categorical_u16(what, tuple(kinds.get(name, 0.0) for name in terms.EVENTS), 2)
    more = random_bits(model.stream(ENGAGEMENTS, "more"), event)
    nth_in_session = POSITION[position % CYCLE]
    second = begin[in_session] + nth_in_session * gap[in_session] + scale_to(lane(more, 0), JITTER)
    # Squares favour low values: few pieces of content are popular, and few views are long.
    draw = lane(more, 1)
    content = category.astype(np.int64) * CATEGORY_STEP + scale_to(draw * draw >> 16, CONTENTS) + 1
    lasting = config.engagement_config.duration_range
    draw = lane(more, 2)
    duration = lasting.min + scale_to(draw * draw >> 16, lasting.max - lasting.min + 1)
    end = since_epoch(config.end)
    frame = pl.DataFrame(
        {
            "of": by,
            "event_id": event + 1,
            "individual_id": number[by] + 1,
            "content_id": content,
            "content_category": as_enum(category, terms.CATEGORIES),
            "engagement_type": as_enum(kind, terms.EVENTS),
            "timestamp": second * 1_000_000,
            "duration_seconds": pl.Series(duration.astype(np.int32)).set(
                pl.Series(kind != VIEW), None
            ),
            "device_type": as_enum(device[in_session], terms.DEVICES),
            "session_id": _session_ids(model, session, tracked).gather(in_session),
        }
    )
    late = timing.period_start(config, period + 1) > end
    return frame.filter(pl.col("timestamp") < end * 1_000_000) if late else frame


def _session(event: Ints) -> Ints:
    """The session of an event, by its position in the repeated cycle of session lengths."""
    session: Ints = SESSION[event % CYCLE] + event // CYCLE * len(LENGTHS)
    return session


def _session_ids(model: Model, session: Ints, tracked: npt.NDArray[np.bool_]) -> pl.Series:
    frame = pl.DataFrame({"session": session, "tracked": tracked})
    digits = model.stream(ENGAGEMENTS, "session_id").hexadecimal(pl.col("session"), 16)
    return frame.select(id=pl.when("tracked").then(digits)).to_series()


def _device_shares(config: IdentityGraphScenario) -> tuple[float, ...]:
    given = config.engagement_config.device_types
    return tuple(given.get(name, 0.0) for name in terms.DEVICES)
