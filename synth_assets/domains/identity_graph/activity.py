"""How many engagements people have in a period, and how strongly they prefer one category.

The distributions are here; ``model`` draws from them. Some people take a break around the turn of
a period: they leave before it and return after it. Their engagements are missing, so others have
more, and the declared mean holds.
"""

from __future__ import annotations

import math

import numpy as np

from synth_assets.domains.identity_graph.kinship import Floats
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.randomness.random_arrays import Ints
from synth_assets.randomness.streams import LANE_VALUES

# Share of people without a preferred category.
CASUAL_SHARE = 0.12
# Probability that an event is in the person's preferred category; the other events follow the
# declared shares, whatever the person prefers.
AFFINITY = 0.55
# Activity rates are in thousandths of an event: the fraction is the probability of one more.
PER_MILLE = 1_000
# Steps in which quantiles are scaled to the mean.
LIMIT_STEPS = 8
# Grids of the distribution of totals: of rates, of the part of the period, and of rounding.
RATES, PARTS, ROUNDINGS = 1_024, 512, 4


def activity_quantiles(config: IdentityGraphScenario) -> Ints:
    """Quantiles of the number of engagements in a period without a break.

    Args:
        config: The configuration.

    Returns:
        65,536 quantiles in ascending order, in thousandths of an engagement.
    """
    of = config.engagement_config.events_per_person
    probability = (np.arange(LANE_VALUES) + 0.5) / LANE_VALUES
    match of.distribution:
        case "normal":
            # Importing scipy takes a third of a second, which every command would wait for.
            from scipy.special import ndtri

            quantiles = np.clip(of.mean + of.std_dev * ndtri(probability), 0, None)
        case "exponential":
            quantiles = -np.log1p(-probability)
        case _:
            # Lomax distribution: from none to thousands.
            quantiles = (1 - probability) ** (-1 / of.tail_exponent) - 1
    mean = of.mean / present_until(config.engagement_config.break_share, 1.0)
    most = of.most_per_day * config.engagement_config.time_period_days
    # The limit lowers the mean; after some steps the others make up for it.
    for _ in range(LIMIT_STEPS):
        quantiles = np.minimum(quantiles * (mean * LANE_VALUES / math.fsum(quantiles)), most)
    rounded: Ints = np.rint(quantiles * PER_MILLE).astype(np.int64)
    return rounded


def present_until(break_share: float, rank: float) -> float:
    """Average presence of people from the beginning of a period to a part of it.

    At the part ``r``, those are absent who left before or return later.

    Args:
        break_share: Share of people with a break at each turn of a period.
        rank: The part of the period's engagements, 0 to 1.
    """
    square = break_share**2
    return (1 - break_share) * rank + square * (rank**2 / 2 - rank**3 / 3)


def total_quantiles(config: IdentityGraphScenario) -> Floats:
    """A sample of the number of engagements of people in a period, breaks included.

    Args:
        config: The configuration.
    """
    share = config.engagement_config.break_share
    grid = (np.arange(PARTS) + 0.5) / PARTS
    # The part is whole without a break, uniform with one, and a difference with two.
    both = np.clip(grid[:, None] - grid, 0, None).ravel()
    one, two = round(2 * share * (1 - share) * PARTS), round(share**2 * PARTS)
    parts = np.concatenate([
        np.ones(PARTS - one - two),
        (np.arange(one) + 0.5) / max(one, 1),
        np.sort(both)[((np.arange(two) + 0.5) / max(two, 1) * len(both)).astype(np.int64)],
    ])  # fmt: skip
    rates = activity_quantiles(config)[LANE_VALUES // RATES // 2 :: LANE_VALUES // RATES]
    rounding = (np.arange(ROUNDINGS) * 2 + 1) * PER_MILLE // (2 * ROUNDINGS)
    each = (rates[:, None] * parts)[:, :, None] + rounding
    totals: Floats = np.floor(each / PER_MILLE).ravel()
    return totals
