"""How a household's income is divided among its members.

The bracket of a household, its number and the random streams come from ``model``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from synth_assets.domains.identity_graph.population import Households, People
from synth_assets.randomness.random_arrays import Ints, lane, random_bits, scale_to
from synth_assets.randomness.streams import LANE_VALUES, RandomStream

# Range of household incomes of each bracket, in US dollars.
INCOMES = ((8_000, 30_000), (30_000, 60_000), (60_000, 100_000), (100_000, 150_000),
           (150_000, 400_000))  # fmt: skip
# Weight of each employment when a household's income is divided, and its highest income in dollars.
EMPLOYMENT_WEIGHTS = (100, 45, 85, 12, 50, 8)
MAX_INCOMES = (400_000, 60_000, 400_000, 25_000, 150_000, 20_000)
# Factor of each level of education on that weight, in percent.
EDUCATION_FACTORS = (60, 75, 85, 95, 120, 145, 170)
# People below this age have at most this income, in dollars.
YOUNG, YOUNG_MAX_INCOME = 22, 50_000
# Lowest age with an employment and an income.
WORKING_AGE = 16


@dataclass(frozen=True)
class IncomeStreams:
    """Random streams that incomes are drawn from: of households, people and their parts."""

    household: RandomStream
    person: RandomStream
    part: RandomStream


@cache
def part_factors(spread: float) -> Ints:
    """Factors on the part of a person in the household's income, in percent.

    Args:
        spread: Standard deviation of the logarithm.

    Returns:
        65,536 quantiles of a lognormal distribution in ascending order.
    """
    from scipy.special import ndtri

    quantiles = np.exp(spread * ndtri((np.arange(LANE_VALUES) + 0.5) / LANE_VALUES))
    factors: Ints = np.rint(quantiles * 100).astype(np.int64)
    return factors


def individual_incomes(
    streams: IncomeStreams,
    homes: Households,
    people: People,
    brackets: Ints,
    education: Ints,
    employment: Ints,
    spread: float,
) -> Ints:
    """Incomes of people, which sum to no more than the household's.

    Args:
        streams: The random streams.
        homes: The households.
        people: Their members with rows.
        brackets: Income bracket of each household, an index into ``INCOMES``.
        education: Level of education of each person, an index into ``terms.EDUCATION``.
        employment: Employment of each person, an index into ``terms.EMPLOYMENT``; -1 for none.
        spread: How much incomes differ between people of one education and employment.

    Returns:
        The income of each person in US cents; -1 for people without one of their own.
    """
    low, high = np.array(INCOMES, dtype=np.int64)[brackets].T
    amount = random_bits(streams.household, homes.number)
    top = high > INCOMES[-2][1]
    # In the highest bracket most incomes are near its lower end.
    draw = lane(amount, 0)
    draw = np.where(top, draw * draw >> 16, draw)
    cents = low * 100 + scale_to(draw, (high - low) * 100)
    works = employment >= 0
    kind = np.where(works, employment, 0)
    own = part_factors(spread)[lane(random_bits(streams.part, people.number), 0)]
    factor = np.array(EDUCATION_FACTORS)[education] * own
    weight = np.where(works, np.array(EMPLOYMENT_WEIGHTS)[kind] * factor, 0)
    total = np.zeros(len(homes.number), dtype=np.int64)
    np.add.at(total, people.household, weight)
    income = cents[people.household] * weight // np.maximum(total[people.household], 1)
    limit = np.array(MAX_INCOMES)[kind]
    limit = np.where(people.age < YOUNG, np.minimum(limit, YOUNG_MAX_INCOME), limit)
    bits = random_bits(streams.person, people.number)
    # Half of the students and of the unemployed have no income.
    none = ~works | ((kind == 3) | (kind == 5)) & (lane(bits, 0) < LANE_VALUES // 2)
    # The limit varies by person, so that incomes do not pile up at one value.
    limit = limit * 100 - scale_to(lane(bits, 1), limit * 10)
    return np.where(none, -1, np.minimum(income, limit))
