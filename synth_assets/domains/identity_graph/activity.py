"""How many engagements people have in a period, and how strongly they prefer one category.

The distributions are here; ``model`` draws from them.
"""

from __future__ import annotations

import math

import numpy as np

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
# Shape of the Pareto distribution of activity rates; the mean is finite above 1.
PARETO_SHAPE = 2.0


def activity_quantiles(config: IdentityGraphScenario) -> Ints:
    """Quantiles of the number of engagements in a period, scaled to the declared mean.

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
            quantiles = (1 - probability) ** (-1 / PARETO_SHAPE)
    scaled = quantiles * (of.mean * PER_MILLE / math.fsum(quantiles) * LANE_VALUES)
    rounded: Ints = np.rint(scaled).astype(np.int64)
    return rounded
