"""When people's sessions begin: in order of time, in the part of a period that they are there."""

from __future__ import annotations

import numpy as np

from synth_assets.domains.identity_graph import timing
from synth_assets.domains.identity_graph.layout import ENGAGEMENTS
from synth_assets.domains.identity_graph.model import Model
from synth_assets.domains.identity_graph.timing import RANK_BITS
from synth_assets.randomness.random_arrays import (
    LANE_BITS,
    Ints,
    high32,
    lane,
    random_bits,
)
from synth_assets.randomness.streams import LANE_VALUES

# Turns of periods that a person's number leaves room for.
TURNS = 512
# Waiting times: quantiles of the exponential distribution, in units of its mean over this.
WAITING_UNIT = 1 << 14
WAITING = np.rint(-np.log1p(-(np.arange(LANE_VALUES) + 0.5) / LANE_VALUES) * WAITING_UNIT).astype(
    np.int64
)
# A step between the times of persons, larger than all times, in seconds.
STEP = 1 << 36


def presence(model: Model, period: int, number: Ints) -> tuple[Ints, Ints]:
    """From and to which part of a period people are there, in units of 1/65,536.

    Args:
        model: The domain's model.
        period: Number of the period.
        number: Numbers of the people.

    Returns:
        Both ends; the second one is not below the first.
    """
    stream = model.stream("individuals", "break")
    share = round(model.config.engagement_config.break_share * 2**32)
    before, after = (random_bits(stream, number * TURNS + period + turn) for turn in (0, 1))
    begin = np.where(high32(before) < share, lane(before, 0), 0)
    end = np.where(high32(after) < share, lane(after, 1), LANE_VALUES)
    return begin, np.maximum(begin, end)


def starts(model: Model, period: int, session: Ints, counts: Ints, begin: Ints, end: Ints) -> Ints:
    """When sessions begin, in seconds since 1970, in order of time within each person.

    Args:
        model: The domain's model.
        period: Number of the period.
        session: Numbers of the sessions, by person.
        counts: Sessions of each person.
        begin: Part of the period from which on each person is there, in units of 1/65,536.
        end: Part until which each person is there.
    """
    bits = random_bits(model.stream(ENGAGEMENTS, "when"), session)
    # Points of a Poisson process, of which the number is given, are sums of waiting times over the
    # sum of all of them: so they come in order.
    waited = np.cumsum(WAITING[lane(bits, 0)])
    has = counts > 0
    last = np.cumsum(counts)[has] - 1
    before = np.concatenate([[0], waited[last[:-1]]]) if len(last) else waited[:0]
    rest = WAITING[lane(bits[last], 1)]
    total = waited[last] - before + rest + 1
    room = (end - begin)[has] << (RANK_BITS - LANE_BITS)
    times = counts[has]
    part = ((waited - np.repeat(before, times)) << RANK_BITS) // np.repeat(total, times)
    rank = np.repeat(begin[has] << (RANK_BITS - LANE_BITS), times)
    rank += (part * np.repeat(room >> 1, times)) >> (RANK_BITS - 1)
    return timing.seconds_at(model.config, period, rank)


def after_each_other(start: Ints, lasting: Ints, person: Ints) -> Ints:
    """Later starts for sessions that would begin before the person's previous one has ended.

    Args:
        start: When sessions begin, in order of time within each person.
        lasting: How long they last, in seconds.
        person: The person of each, in ascending order.
    """
    offset = np.cumsum(lasting) - lasting - person * STEP
    moved: Ints = np.maximum.accumulate(start - offset) + offset
    return moved
