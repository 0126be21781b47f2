"""Whom campaigns reach, when, and what comes of it: three tables are told from here.

A campaign is for people of certain tastes: those who place it go by what they believe of people,
not by segments computed later, so more campaigns or a later end change no exposure that was there.
Of its audience it reaches a share, each of them one to ten times within its flight. An exposure
may bring a response, sooner or later; one that would come after the flight never comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.core.partitioning import Partition
from synth_assets.domains.identity_graph import terms, timing
from synth_assets.domains.identity_graph.layout import households_of
from synth_assets.domains.identity_graph.model import World, open_world
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.randomness.random_arrays import (
    Ints,
    Small,
    below,
    drawn,
    part,
    upper,
    within,
    words,
)
from synth_assets.randomness.values import DAY, HOUR, since_epoch

# A pair's number is the person's and the campaign's, an exposure's also its own, in so many bits.
CAMPAIGN_BITS, TURN_BITS = 10, 4
# How often those whom a campaign reaches see it: once, twice, … ten times.
OFTEN = (0.5, 0.4, 0.095, *(0.005 / 7,) * 7)
MEAN_OFTEN = sum(n * share for n, share in enumerate(OFTEN, start=1))
# Segments that a campaign is for, and channels that it has: one, two or three.
TARGETS, CHANNELS = (0.4, 0.4, 0.2), (0.3, 0.4, 0.3)
GOAL_SHARES = (0.3, 0.4, 0.3)
# US dollars.
BUDGET, BUDGET_SPREAD, BUDGET_LEAST, BUDGET_MOST = 100_000, 50_000, 10_000, 500_000
# Responses that are no conversions: clicks, visits, engagements.
OTHERS = (0.63, 0.26, 0.11)
# Hours after the exposure at which responses come, and how many do.
DELAYS, DELAY_SHARES = ((0, 48), (48, 168), (168, 288)), (0.70, 0.27, 0.03)
# Propensity of each class of people, in percent, by how much they engage.
PROPENSITY = (75, 45, 20, 5)


@dataclass(frozen=True)
class Campaigns:
    """The campaigns, an entry each. Days count from the first day of events.

    ``targets`` and ``channels`` are ranked: which segments and channels come first, and how many
    of them are taken. ``aimed`` says of each segment whether the campaign is for it.
    """

    start: Ints
    days: Ints
    targets: list[list[int]]
    aimed: npt.NDArray[np.bool_]
    channels: list[list[int]]
    rate: Ints
    budget: Ints
    goal: Small
    created: Ints


@cache
def campaigns_of(config: GenerationConfig) -> Campaigns:
    """The campaigns of a configuration."""
    world, of = open_world(config), config.campaign_config
    number = np.arange(of.num_campaigns, dtype=np.int64)
    lasts = words(world.draw("campaigns", "flight"), number)
    whole = config.engagement_config.time_period_days
    days = of.campaign_duration_days.min + below(
        part(lasts, 0), of.campaign_duration_days.max - of.campaign_duration_days.min + 1
    )
    days = np.minimum(days, whole)
    start = below(part(lasts, 1), whole - days + 1)
    created = (start - 1 - below(part(lasts, 2), 30)) * DAY + below(part(lasts, 3), DAY)
    money = words(world.draw("campaigns", "budget"), number)
    # The sum of four even parts is near to a normal distribution, of which the spread is known.
    lots = sum(part(money, n) for n in range(4))
    spread = round(BUDGET_SPREAD * 100 / (65_536 / 3**0.5))
    budget = BUDGET * 100 + (lots - 2 * 65_536) * spread
    rates = words(world.draw("campaigns", "rate"), number)
    least, most = (
        round(r * 2**32) for r in (of.response_rate_range.min, of.response_rate_range.max)
    )
    present = sorted(
        {int(world.segment_of_taste[t]) for t, share in enumerate(world.taste_shares) if share}
    )
    targets = _some(world, "target", number, present, TARGETS)
    aimed = np.zeros((len(number), len(terms.SEGMENTS)), dtype=np.bool_)
    for campaign, segments in enumerate(targets):
        aimed[campaign, segments] = True
    used = [terms.CHANNELS.index(name) for name in of.channels]
    return Campaigns(
        start=start,
        days=days,
        targets=targets,
        aimed=aimed,
        channels=_some(world, "channel", number, used, CHANNELS),
        rate=least + below(upper(rates), most - least + 1, 32),
        budget=np.clip(budget, BUDGET_LEAST * 100, BUDGET_MOST * 100),
        goal=drawn(words(world.draw("campaigns", "goal"), number), GOAL_SHARES),
        created=created + since_epoch(config.start_date),
    )


def _some(
    world: World, name: str, number: Ints, among: list[int], shares: tuple[float, ...]
) -> list[list[int]]:
    """One, two or three of several, for each campaign, in order."""
    counts = drawn(words(world.draw("campaigns", name), number), shares) + 1
    rank = [words(world.draw("campaigns", name, str(n)), number) for n in among]
    order = np.argsort(np.array(rank), axis=0, kind="stable").T
    return [
        sorted(among[n] for n in row[:count])
        for row, count in zip(order.tolist(), counts.tolist(), strict=True)
    ]


@dataclass(frozen=True)
class Exposures:
    """Exposures in order of person, campaign and turn; ``number`` is each one's own.

    ``first`` is where, among these, the exposures of the same person to the same campaign begin,
    ``turn`` how many of them came before.
    """

    row: Ints
    person: Ints
    campaign: Ints
    number: Ints
    first: Ints
    turn: Ints
    count: Ints
    at: Ints
    channel: Small
    placement: Ints
    propensity: Ints


def unit(config: GenerationConfig) -> int:
    """Exposures a household, about."""
    of = config.campaign_config
    return max(1, round(2 * of.num_campaigns * of.reach_percentage * 0.3 * MEAN_OFTEN))


def exposures(config: GenerationConfig, partition: Partition, rows: int) -> Exposures:
    """The exposures of the households of a partition, of a table with so many rows a household."""
    world, campaigns = open_world(config), campaigns_of(config)
    row, number = households_of(config, partition, rows)
    people = world.people(world.households(number))
    segment = world.segment_of_taste[world.tastes(people)]
    reached = round(config.campaign_config.reach_percentage * 2**32)
    who, which, bits = [], [], []
    for nth in range(len(campaigns.start)):
        audience = np.flatnonzero(campaigns.aimed[nth][segment])
        pairs = people.number[audience] << CAMPAIGN_BITS | nth
        each = words(world.draw("campaign_exposures", "reached"), pairs)
        hit = upper(each) < reached
        who.append(audience[hit])
        bits.append(each[hit])
        which.append(np.full(int(hit.sum()), nth, dtype=np.int64))
    person, campaign, lots = np.concatenate(who), np.concatenate(which), np.concatenate(bits)
    order = np.argsort(person, kind="stable")
    person, campaign, lots = person[order], campaign[order], lots[order]
    count = np.minimum(drawn(lots, OFTEN).astype(np.int64) + 1, campaigns.days[campaign])
    propensity = _propensity(world, world.levels(people))
    rows_of = row[people.of]

    of = np.repeat(np.arange(len(person)), count)
    turn = within(count)
    first = (np.cumsum(count) - count)[of]
    pair = people.number[person] << CAMPAIGN_BITS | campaign
    exposure = pair[of] << TURN_BITS | turn
    when = words(world.draw("campaign_exposures", "when"), exposure)
    days, times = campaigns.days[campaign[of]], count[of]
    # Each in its own part of the flight, so that they come in turn.
    low, high = days * turn // times, days * (turn + 1) // times
    day = campaigns.start[campaign[of]] + low + below(part(when, 0), high - low)
    hour = drawn(when, timing.hour_shares(config.engagement_config.temporal_pattern), 1)
    at = since_epoch(config.start_date) + day * DAY + hour.astype(np.int64) * HOUR
    at += below(part(when, 2), HOUR)
    how = words(world.draw("campaign_exposures", "channel"), exposure)
    most = max(map(len, campaigns.channels))
    table = np.array([(c * most)[:most] for c in campaigns.channels], dtype=np.uint8)
    sizes = np.array([len(c) for c in campaigns.channels], dtype=np.int64)
    channel = table[campaign[of], below(part(how, 0), sizes[campaign[of]])]
    return Exposures(
        row=rows_of[person[of]],
        person=people.number[person[of]],
        campaign=campaign[of],
        number=exposure,
        first=first,
        turn=turn,
        count=times,
        at=at,
        channel=channel,
        placement=below(part(how, 1), 3),
        propensity=propensity[person[of]],
    )


def _propensity(world: World, level: Ints) -> Ints:
    """How readily people respond, in percent: by the engagements that they make a day."""
    of = world.config.audience_config.behavioral_thresholds
    days = world.config.engagement_config.time_period_days
    steps = [round(step * 1_000) * days for step in (of.heavy, of.moderate, of.light)]
    place = sum((level < step).astype(np.int64) for step in steps)
    return np.array(PROPENSITY)[place]


@dataclass(frozen=True)
class Responses:
    """Responses: the place of each one's exposure among those made, its kind and time.

    ``value`` is in US cents, 0 for what is no conversion.
    """

    of: Ints
    kind: Ints
    at: Ints
    value: Ints


def responses(config: GenerationConfig, made: Exposures) -> Responses:
    """What comes of exposures within the flight and before the end."""
    world, campaigns = open_world(config), campaigns_of(config)
    bits = words(world.draw("response_events", "responds"), made.number)
    chance = campaigns.rate[made.campaign] * (100 + made.propensity) // 100
    of = np.flatnonzero(upper(bits) < chance)
    number = made.number[of]
    how = words(world.draw("response_events", "how"), number)
    rate = config.campaign_config.conversion_rate
    kind = drawn(how, (*(share * (1 - rate) for share in OTHERS), rate), 0).astype(np.int64)
    low, high = (np.array(DELAYS, dtype=np.int64) * HOUR)[drawn(how, DELAY_SHARES, 1)].T
    later = words(world.draw("response_events", "delay"), number)
    at = made.at[of] + 1 + low + below(upper(later), high - low, 32)
    worth = part(how, 2)
    span = config.campaign_config.conversion_value_range
    least, most = round(span.min * 100), round(span.max * 100)
    value = least + below(worth, most - least + 1)
    flight = campaigns.start + campaigns.days
    end = np.minimum(since_epoch(config.start_date) + flight * DAY, since_epoch(config.end))
    kept = at < end[made.campaign[of]]
    value = np.where(kind == terms.RESPONSES.index("conversion"), value, 0)
    return Responses(of[kept], kind[kept], at[kept], value[kept])
