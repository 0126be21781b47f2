"""How many members and adults households have."""

from __future__ import annotations

import math

import numpy as np

from synth_assets.domains.identity_graph.scenario_population import SizeDistribution

# Share of households with each number of adults, by size; sizes above five are as five.
ADULTS = {
    1: {1: 1.0},
    2: {1: 0.10, 2: 0.90},
    3: {1: 0.10, 2: 0.62, 3: 0.28},
    4: {1: 0.06, 2: 0.66, 3: 0.16, 4: 0.12},
    5: {1: 0.05, 2: 0.60, 3: 0.20, 4: 0.15},
}


def size_shares(of: SizeDistribution) -> tuple[float, ...]:
    """Share of households with 1, 2, ... 10 members.

    Args:
        of: The configured shares, or the normal distribution in place of them.
    """
    if of.shares is not None:
        return tuple(of.shares.get(str(size), 0.0) for size in range(1, 11))

    def below(size: float) -> float:
        return math.erf((size - of.mean) / of.std_dev / math.sqrt(2)) / 2 + 0.5

    inner = [below(size + 0.5) for size in range(1, 10)]
    return tuple(np.diff([0.0, *inner, 1.0]).tolist())


def adult_shares(size: int) -> tuple[float, ...]:
    """Share of the households of a size that have 1, 2, ... 4 adults.

    Args:
        size: Members of the household.
    """
    found = ADULTS[min(size, 5)]
    return tuple(found.get(adults, 0.0) for adults in range(1, 5))
