"""Delivery of campaigns: which people see a campaign, how often and when.

A campaign reaches a share of the people that it targets, and each of them sees it one to fifteen
times within the flight. What follows is in ``campaign_responses`` and ``attribution``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_assets.core.partitioning import Partition
from synth_assets.domains.identity_graph import terms, timing
from synth_assets.domains.identity_graph.campaign_budgets import (
    ADDRESS,
    frequency_shares,
    mean_frequency,
    without_email,
)
from synth_assets.domains.identity_graph.campaign_plan import campaigns_of
from synth_assets.domains.identity_graph.identifiers import known_by
from synth_assets.domains.identity_graph.layout import households_of
from synth_assets.domains.identity_graph.model import Model, open_model
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import (
    Ints,
    Small,
    categorical_u16,
    cumcount,
    high32,
    lane,
    random_bits,
    scale_to,
)
from synth_assets.randomness.values import DAY, HOUR, since_epoch

# An exposure's number is the person's, the campaign's and the sequence number, in so many bits.
CAMPAIGN_BITS, SEQUENCE_BITS = 10, 4
# How much more readily people of each behavioral class respond, in percent.
PROPENSITY = (75, 45, 20, 5)


@dataclass(frozen=True)
class Exposures:
    """Exposures in order of person, campaign and sequence.

    ``number`` identifies an exposure. ``sequence`` counts the earlier exposures of the person to
    the campaign, ``count`` all of them, and ``first`` is the index of the first of them. ``at`` is
    in seconds since 1970; ``channel`` and ``placement`` are indices into ``terms.CHANNELS`` and
    the channel's ``terms.PLACEMENTS``; ``propensity`` is the person's, in percent.
    """

    row: Ints
    person: Ints
    campaign: Ints
    number: Ints
    first: Ints
    sequence: Ints
    count: Ints
    at: Ints
    channel: Small
    placement: Ints
    propensity: Ints


def rows_per_household(config: IdentityGraphScenario) -> int:
    """Exposures per household, about.

    Args:
        config: The configuration.
    """
    of = config.campaign_config
    often = mean_frequency(config)
    return max(1, round(2 * of.num_campaigns * of.reach_percentage * 0.3 * often))


def exposures(config: IdentityGraphScenario, partition: Partition) -> Exposures:
    """The exposures of the people in a partition's households.

    Args:
        config: The configuration.
        partition: A partition of a table with ``rows_per_household`` rows per household.
    """
    model, campaigns = open_model(config), campaigns_of(config)
    row, number = households_of(config, partition, rows_per_household(config))
    people = model.people(model.households(number))
    segment = model.segment_of_preference[model.preferred_categories(people)]
    addressed = np.ones(len(people), dtype=np.bool_)
    other_channels = campaigns.channels
    if config.campaign_config.email_needs_address:
        kind = np.full(len(people), terms.IDENTIFIERS.index(ADDRESS))
        addressed = known_by(model, people.number, kind)[2]
        other_channels = [without_email(channels) for channels in campaigns.channels]
    reached = round(config.campaign_config.reach_percentage * 2**32)
    who, which, bits = [], [], []
    for nth in range(len(campaigns.start)):
        audience = np.flatnonzero(campaigns.targeted[nth][segment])
        pairs = people.number[audience] << CAMPAIGN_BITS | nth
        each = random_bits(model.stream("campaign_exposures", "reached"), pairs)
        hit = high32(each) < reached
        if not other_channels[nth]:
            hit &= addressed[audience]
        who.append(audience[hit])
        bits.append(each[hit])
        which.append(np.full(int(hit.sum()), nth, dtype=np.int64))
    person, campaign, lots = np.concatenate(who), np.concatenate(which), np.concatenate(bits)
    order = np.argsort(person, kind="stable")
    person, campaign, lots = person[order], campaign[order], lots[order]
    frequency = categorical_u16(lots, frequency_shares(config)).astype(np.int64) + 1
    count = np.minimum(frequency, campaigns.days[campaign])
    propensity = _propensity(model, model.activity_rates(people))
    rows_of = row[people.household]

    of = np.repeat(np.arange(len(person)), count)
    sequence = cumcount(count)
    first = (np.cumsum(count) - count)[of]
    pair = people.number[person] << CAMPAIGN_BITS | campaign
    exposure = pair[of] << SEQUENCE_BITS | sequence
    when = random_bits(model.stream("campaign_exposures", "when"), exposure)
    days, times = campaigns.days[campaign[of]], count[of]
    # Each exposure has a section of the flight of its own, so that they are in order of time.
    low, high = days * sequence // times, days * (sequence + 1) // times
    day = campaigns.start[campaign[of]] + low + scale_to(lane(when, 0), high - low)
    hour = categorical_u16(when, timing.hour_shares(config.engagement_config.temporal_pattern), 1)
    at = since_epoch(config.start_date) + day * DAY + hour.astype(np.int64) * HOUR
    at += scale_to(lane(when, 2), HOUR)
    how = random_bits(model.stream("campaign_exposures", "channel"), exposure)
    # The channels of campaigns for people with an address, then for those without.
    options = [*campaigns.channels, *other_channels]
    most = max(map(len, options))
    table = np.array([(c * most)[:most] or [0] * most for c in options], dtype=np.uint8)
    sizes = np.array([len(c) for c in options], dtype=np.int64)
    option = (campaign + np.where(addressed[person], 0, len(other_channels)))[of]
    channel = table[option, scale_to(lane(how, 0), sizes[option])]
    return Exposures(
        row=rows_of[person[of]],
        person=people.number[person[of]],
        campaign=campaign[of],
        number=exposure,
        first=first,
        sequence=sequence,
        count=times,
        at=at,
        channel=channel,
        placement=scale_to(lane(how, 1), 3),
        propensity=propensity[person[of]],
    )


def _propensity(model: Model, rate: Ints) -> Ints:
    """Propensity to respond in percent, by the engagements that a person has per day."""
    of = model.config.audience_config.behavioral_thresholds
    days = model.config.engagement_config.time_period_days
    thresholds = [round(limit * 1_000) * days for limit in (of.heavy, of.moderate, of.light)]
    behavior = sum((rate < threshold).astype(np.int64) for threshold in thresholds)
    return np.array(PROPENSITY)[behavior]
