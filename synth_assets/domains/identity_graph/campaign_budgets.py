"""What campaigns plan to spend, and their budgets.

The plan is the expected cost of exposures: people in the audience times reach, frequency and cost
of an impression. It is for the planned number of households: more households change no budget.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from synth_assets.domains.identity_graph import demography, terms
from synth_assets.domains.identity_graph.identifiers import coverage
from synth_assets.domains.identity_graph.kinship import Floats
from synth_assets.domains.identity_graph.model import Model
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.domains.identity_graph.scenario_campaigns import MOST_CONTACTS
from synth_assets.randomness.random_arrays import Ints, lane, random_bits
from synth_assets.randomness.streams import LANE_VALUES

# Limits of budgets that do not follow from plans, in US dollars.
LEAST, MOST = 10_000, 500_000
# The channel that needs an identifier, and the identifier.
EMAIL, ADDRESS = terms.CHANNELS.index("email"), "email_hash"
# Steps of the search for the distribution of frequencies.
BISECTIONS = 60


@cache
def frequency_shares(config: IdentityGraphScenario) -> tuple[float, ...]:
    """Share of reached people who see a campaign once, twice, and so on.

    Args:
        config: The configuration.
    """
    of = config.campaign_config.frequency
    contacts = np.arange(1, MOST_CONTACTS + 1)
    if of.shares is not None:
        return tuple(of.shares.get(str(n), 0.0) for n in contacts)
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        ratio = (low + high) / 2
        weights = ratio ** (contacts - 1)
        low, high = (ratio, high) if weights @ contacts < of.mean * weights.sum() else (low, ratio)
    return tuple((weights / weights.sum()).round(9).tolist())


def mean_frequency(config: IdentityGraphScenario, days: int = MOST_CONTACTS) -> float:
    """Average number of exposures of a person who sees a campaign.

    Args:
        config: The configuration.
        days: Length of the flight: nobody sees a campaign more often than once a day.
    """
    shares = np.array(frequency_shares(config))
    contacts = np.minimum(np.arange(1, MOST_CONTACTS + 1), days)
    return float(contacts @ shares / shares.sum())


def without_email(channels: list[int]) -> list[int]:
    """The channels on which a campaign reaches people whose e-mail address is not known.

    Args:
        channels: The campaign's channels, indices into ``terms.CHANNELS``.
    """
    return [channel for channel in channels if channel != EMAIL]


def mean_cost(config: IdentityGraphScenario, cost: Floats, channels: list[int]) -> float:
    """What an impression of a campaign costs on average; 0 for people whom it cannot reach.

    Args:
        config: The configuration.
        cost: Cost of an impression on each of ``terms.CHANNELS``.
        channels: The campaign's channels.
    """
    if not config.campaign_config.email_needs_address:
        return float(cost[channels].mean())
    known = coverage(config)[terms.IDENTIFIERS.index(ADDRESS)]
    other = without_email(channels)
    return float(
        known * cost[channels].mean() + (1 - known) * (cost[other].mean() if other else 0.0)
    )


def planned_spend(
    model: Model, days: Ints, targets: list[list[int]], channels: list[list[int]]
) -> Floats:
    """The expected cost of campaigns, in US dollars.

    Args:
        model: The domain's model.
        days: Length of each campaign's flight.
        targets: Segments of each campaign, indices into ``terms.SEGMENTS``.
        channels: Channels of each campaign, indices into ``terms.CHANNELS``.
    """
    config, of = model.config, model.config.campaign_config
    people = demography.tables(config.household_config, config.demographics_config).people
    reached = of.planned_households * people * of.reach_percentage
    shares = np.array(model.preference_shares) / sum(model.preference_shares)
    cost = np.array([terms.COST_PER_MILLE[name] for name in terms.CHANNELS]) / 100_000
    found = [
        reached
        * shares[np.isin(model.segment_of_preference, segments)].sum()
        * mean_frequency(config, length)
        * mean_cost(config, cost, used)
        for length, segments, used in zip(days.tolist(), targets, channels, strict=True)
    ]
    return np.array(found)


def budgets(model: Model, number: Ints, planned: Floats) -> Ints:
    """The budgets of campaigns, in US cents.

    Args:
        model: The domain's model.
        number: Numbers of the campaigns.
        planned: What each one plans to spend, in US dollars.
    """
    of = model.config.campaign_config
    money = random_bits(model.stream("campaigns", "budget"), number)
    if of.budget is not None:
        # The sum of four uniform numbers is close to normal, with a known standard deviation.
        lots = sum(lane(money, n) for n in range(4))
        spread = round(of.budget.std_dev * 100 / (LANE_VALUES / 3**0.5))
        drawn = round(of.budget.mean * 100) + (lots - 2 * LANE_VALUES) * spread
        return np.clip(drawn, LEAST * 100, MOST * 100)
    part = of.pacing.min + lane(money, 0) / LANE_VALUES * (of.pacing.max - of.pacing.min)
    budget = planned / part
    # Budgets are round numbers: half of the second digit.
    step = 10.0 ** np.floor(np.log10(budget)) / 20
    rounded: Ints = np.rint(np.rint(budget / step) * step * 100).astype(np.int64)
    return rounded
