"""The campaigns: flight, targeted segments, channels, response rate, budget and goal.

A campaign targets people by their preferred category, not by the segments that are computed from
engagements later: so more campaigns or a later end change no exposure that exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.campaign_budgets import budgets, planned_spend
from synth_assets.domains.identity_graph.model import Model, open_model
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import (
    Ints,
    Small,
    categorical_u16,
    high32,
    lane,
    random_bits,
    scale_to,
)
from synth_assets.randomness.values import DAY, HOUR, since_epoch

# Shares of campaigns with one, two and three targeted segments, and with as many channels.
TARGETS, CHANNELS = (0.4, 0.4, 0.2), (0.3, 0.4, 0.3)
GOAL_SHARES = (0.3, 0.4, 0.3)
# Campaigns are planned in office hours.
OPENS, CLOSES = 9 * HOUR, 18 * HOUR


@dataclass(frozen=True)
class Campaigns:
    """The campaigns, one entry each.

    ``start`` is days after the first day of events, ``days`` the length of the flight. ``targets``
    and ``channels`` are indices into ``terms.SEGMENTS`` and ``terms.CHANNELS``; ``targeted`` is
    the former as a matrix of campaigns and segments. ``rate`` is a probability times 2**32,
    ``budget`` in US cents, ``created`` in seconds since 1970.
    """

    start: Ints
    days: Ints
    targets: list[list[int]]
    targeted: npt.NDArray[np.bool_]
    channels: list[list[int]]
    rate: Ints
    budget: Ints
    goal: Small
    created: Ints


@cache
def campaigns_of(config: IdentityGraphScenario) -> Campaigns:
    """The campaigns of a configuration.

    Args:
        config: The configuration.
    """
    model, of = open_model(config), config.campaign_config
    number = np.arange(of.num_campaigns, dtype=np.int64)
    flight = random_bits(model.stream("campaigns", "flight"), number)
    period = config.engagement_config.time_period_days
    days = of.campaign_duration_days.min + scale_to(
        lane(flight, 0), of.campaign_duration_days.max - of.campaign_duration_days.min + 1
    )
    days = np.minimum(days, period)
    start = scale_to(lane(flight, 1), period - days + 1)
    created = (start - 1 - scale_to(lane(flight, 2), 30)) * DAY + OPENS
    created += scale_to(lane(flight, 3), CLOSES - OPENS)
    rates = random_bits(model.stream("campaigns", "rate"), number)
    least, most = (
        round(r * 2**32) for r in (of.response_rate_range.min, of.response_rate_range.max)
    )
    present = sorted(
        {
            int(model.segment_of_preference[n])
            for n, share in enumerate(model.preference_shares)
            if share
        }
    )
    targets = _choices(model, "target", number, present, TARGETS)
    targeted = np.zeros((len(number), len(terms.SEGMENTS)), dtype=np.bool_)
    for campaign, segments in enumerate(targets):
        targeted[campaign, segments] = True
    used = [terms.CHANNELS.index(name) for name in of.channels]
    channels = _choices(model, "channel", number, used, CHANNELS)
    planned = planned_spend(model, days, targets, channels)
    return Campaigns(
        start=start,
        days=days,
        targets=targets,
        targeted=targeted,
        channels=channels,
        rate=least + scale_to(high32(rates), most - least + 1, 32),
        budget=budgets(model, number, planned),
        goal=categorical_u16(random_bits(model.stream("campaigns", "goal"), number), GOAL_SHARES),
        created=created + since_epoch(config.start_date),
    )


def _choices(
    model: Model, name: str, number: Ints, among: list[int], shares: tuple[float, ...]
) -> list[list[int]]:
    """One, two or three distinct options for each campaign, in ascending order."""
    counts = categorical_u16(random_bits(model.stream("campaigns", name), number), shares) + 1
    rank = [random_bits(model.stream("campaigns", name, str(n)), number) for n in among]
    order = np.argsort(np.array(rank), axis=0, kind="stable").T
    return [
        sorted(among[n] for n in row[:count])
        for row, count in zip(order.tolist(), counts.tolist(), strict=True)
    ]
