"""Sessions and events of engagements, for arrays of people.

In a period of ``time_period_days`` a person has about as many events as the activity rate says.
Events come in sessions, each on one device and one after another: a session's next event is after
its last view, and a person's next session after the last one. Events are numbered within person
and period in order of time, so a later end adds events and changes none.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.activity import AFFINITY, PER_MILLE
from synth_assets.domains.identity_graph.content import (
    CATEGORY_STEP,
    pauses,
    popular_contents,
    view_seconds,
)
from synth_assets.domains.identity_graph.layout import ENGAGEMENTS
from synth_assets.domains.identity_graph.model import Model
from synth_assets.domains.identity_graph.population import People
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.domains.identity_graph.session_starts import (
    after_each_other,
    presence,
    starts,
)
from synth_assets.randomness.random_arrays import (
    LANE_BITS,
    Ints,
    Small,
    as_enum,
    categorical_u16,
    cumcount,
    lane,
    random_bits,
    scale_to,
)
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, categorical_table
from synth_assets.randomness.values import since_epoch

# An event's number is the person's, the period's and the one within them, in so many bits.
PERIOD_BITS, EVENT_BITS = 8, 18
# Sessions have lengths of a geometric distribution: the probability that there is no further event,
# and the longest. They repeat in a cycle of so many events, in a random order, and people begin at
# any event of it.
ENDS, LONGEST, CYCLE = 0.35, 24, 1_024


def _lengths() -> list[int]:
    """Lengths of consecutive sessions, which sum to ``CYCLE``."""
    number = round(CYCLE * ENDS)
    lots = (np.arange(number) + 0.5) / number
    lengths = np.minimum(np.floor(np.log(1 - lots) / np.log(1 - ENDS)).astype(int) + 1, LONGEST)
    order = np.argsort(random_bits(RandomStream(0, "session_lengths"), np.arange(number)))
    found: list[int] = lengths[order].tolist()
    # The last sessions make up for rounding.
    while sum(found) + LONGEST < CYCLE:
        found.append(min(CYCLE - sum(found), 3))
    while sum(found) > CYCLE:
        found.pop()
    return [*found, CYCLE - sum(found)] if sum(found) < CYCLE else found


LENGTHS = _lengths()
# Session of each event of the cycle, and whether it is the session's first.
SESSION = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
BEGINS = np.diff(SESSION, prepend=-1) > 0
# Share of sessions without a session id.
UNTRACKED = 0.08
# Probability that a session is on the person's preferred device; the other sessions follow the
# declared shares.
SAME_DEVICE = 0.5
# Seconds that anything but a view takes.
ACTION_SECONDS = 2
# Arrays of so many people's events fit into the processor's cache, which takes a third of the time
# that those of a whole partition take.
PEOPLE_AT_ONCE = 8_192
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
    firsts = range(0, max(len(people), 1), PEOPLE_AT_ONCE)
    parts = [_events(model, people.part(start, start + PEOPLE_AT_ONCE)) for start in firsts]
    return pl.concat(
        part.with_columns(pl.col("of") + start) for start, part in zip(firsts, parts, strict=True)
    )


def _events(model: Model, people: People) -> pl.DataFrame:
    """The events of so few people that the processor's cache holds their arrays."""
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
    begin, end = presence(model, period, number)
    rate = (rate * (end - begin)) >> LANE_BITS
    count = np.minimum(
        (rate + scale_to(lane(bits, 0), PER_MILLE)) // PER_MILLE, (1 << EVENT_BITS) - CYCLE
    )
    count[end == begin] = 0
    # Position in the cycle of session lengths at which a person begins.
    phase = lane(bits, 1) % CYCLE
    sessions = np.where(count > 0, _session(phase + count - 1) - _session(phase) + 1, 0)

    # Sessions.
    of = np.repeat(np.arange(len(number)), sessions)
    session = (person[of] << EVENT_BITS) | cumcount(sessions)
    start = starts(model, period, session, sessions, begin, end)
    how = random_bits(model.stream(ENGAGEMENTS, "session"), session)
    device = categorical_u16(how, _device_shares(config), 1)
    device = np.where(lane(how, 2) < round(SAME_DEVICE * LANE_VALUES), preferred_device[of], device)
    tracked = lane(how, 3) >= round(UNTRACKED * LANE_VALUES)

    # Events.
    by = np.repeat(np.arange(len(number)), count)
    nth = cumcount(count)
    event = (person[by] << EVENT_BITS) | nth
    position = (phase[by] + nth) % CYCLE
    begins = BEGINS[position]
    opens = begins | (nth == 0)
    in_session = np.cumsum(opens) - 1
    what = random_bits(model.stream(ENGAGEMENTS, "what"), event)
    kind = _kinds(config)[begins.astype(np.int64), lane(what, 2)]
    favorite = preferred[by]
    in_favorite = lane(what, 0) < round(AFFINITY * LANE_VALUES)
    in_favorite &= favorite < len(terms.CATEGORIES)
    category = np.where(in_favorite, favorite, categorical_u16(what, model.category_shares, 1))
    more = random_bits(model.stream(ENGAGEMENTS, "more"), event)
    numbers = popular_contents(config.engagement_config.popularity_exponent)
    content = category.astype(np.int64) * CATEGORY_STEP + numbers[lane(more, 1)]
    # Anything but a view is done to what was viewed before it in the session.
    viewed = np.maximum.accumulate(np.where(opens | (kind == VIEW), np.arange(len(by)), 0))
    on = device[in_session]
    duration = view_seconds(config)[on.astype(np.int64) * LANE_VALUES + lane(more, 2)]
    lasting = np.where(kind == VIEW, duration, ACTION_SECONDS) + pauses()[lane(more, 0)]
    passed = np.cumsum(lasting) - lasting
    before = passed[opens]
    whole = np.diff(before, append=lasting.sum())
    start = after_each_other(start, whole, of)
    second = (start - before)[in_session] + passed
    frame = pl.DataFrame(
        {
            "of": by,
            "event_id": event + 1,
            "individual_id": number[by] + 1,
            "content_id": content[viewed],
            "content_category": as_enum(category[viewed], terms.CATEGORIES),
            "engagement_type": as_enum(kind, terms.EVENTS),
            "timestamp": second * 1_000_000,
            "duration_seconds": pl.Series(duration.astype(np.int32)).set(
                pl.Series(kind != VIEW), None
            ),
            "device_type": as_enum(on, terms.DEVICES),
            "session_id": _session_ids(model, session, tracked).gather(in_session),
        }
    )
    inside = second < since_epoch(config.end)
    return frame if inside.all() else frame.filter(pl.Series(inside))


@cache
def _kinds(config: IdentityGraphScenario) -> Small:
    """Kinds of events within sessions and at their beginning, by a draw of 16 bits.

    Sessions begin with a view as far as the declared share of views allows.
    """
    given = config.engagement_config.event_types
    shares = np.array([given.get(name, 0.0) for name in terms.EVENTS])
    shares = shares / shares.sum()
    view, first = shares[VIEW], float(BEGINS.mean())
    at_first = min(1.0, view / first)
    later = (view - first * at_first) / (1 - first)
    rows = []
    for of_views in (later, at_first):
        others = shares * (1 - of_views) / max(1 - view, 1e-12)
        others[VIEW] = of_views
        rows.append(categorical_table(tuple(others.tolist())).astype(np.uint8))
    return np.stack(rows)


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
