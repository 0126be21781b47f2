"""Ages in households: how old partners, children, parents and others are, given the householder.

A household has a householder (its first member), further adults and minor children. The second
adult is the householder's partner or a relative; further adults are relatives: grown children,
parents and others. ``ages`` fits the ages of householders to a population.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.identity_graph.scenario_population import SizeDistribution
from synth_assets.domains.identity_graph.sizes import adult_shares, size_shares
from synth_assets.randomness.random_arrays import Ints, Small, cdf_thresholds
from synth_assets.randomness.streams import LANE_VALUES

Floats = npt.NDArray[np.float64]
ADULT, OLDEST = 18, 100
AGES = np.arange(OLDEST + 1)
# Roles in a household, relative to the householder.
ROLES = ("householder", "partner", "child", "parent", "other")
HOUSEHOLDER, PARTNER, CHILD, PARENT, OTHER = range(len(ROLES))
# Years by which the man of a couple is older than the woman, and the share of each. The mean is 2.1
# years (Pew Research Center, 2024: husbands and wives are 2.2 years apart).
COUPLE_YEARS = (-7, -4, -2, -1, 0, 1, 2, 3, 4, 6, 9, 14)
COUPLE_SHARES = (0.02, 0.04, 0.06, 0.08, 0.12, 0.13, 0.14, 0.12, 0.11, 0.10, 0.06, 0.02)
# Age at which people become parents: mean and standard deviation in years (NCHS, Trends
# in Mean Age of Mothers, 2025: mothers 29.6 years on average in 2023; fathers more), and limits.
BIRTH_MEAN, BIRTH_SPREAD, BIRTH_LEAST, BIRTH_MOST = 30.0, 6.0, ADULT, 50
# Shares of relatives who are grown children and parents of the householder, where ages allow; all
# others are of about the householder's age (assumption).
GROWN_CHILD, ELDER = 0.65, 0.15
OLDEST_GROWN_CHILD = 40
# Standard deviation of the age of others around the householder's.
OTHER_SPREAD = 8.0


def _bell(low: int, high: int, peak: float, width: float) -> Floats:
    """A share for each age: highest at the peak, zero outside ``low`` to ``high``."""
    bell: Floats = np.exp(-(((AGES - peak) / width) ** 2) / 2)
    bell[(low > AGES) | (high < AGES)] = 0.0
    shares: Floats = bell / bell.sum()
    return shares


# Ages of householders who live alone, who have no children in the household, and who have, before
# they are fitted to a population.
KINDS = ("alone", "childless", "parent")
PRIOR = np.array([_bell(ADULT, OLDEST, 54, 21), _bell(ADULT, OLDEST, 51, 20), _bell(21, 64, 39, 8)])


def _shifted(years: dict[int, float]) -> Floats:
    """The ages of people so many years from the householder, limited to those of adults."""
    table = np.zeros((OLDEST + 1, OLDEST + 1))
    for difference, share in years.items():
        np.add.at(table, (AGES, np.clip(AGES + difference, ADULT, OLDEST)), share)
    return table


def _born(least: int, most: int) -> Floats:
    """The ages of children of a parent of each age, from ``least`` to ``most`` years."""
    at_birth = AGES[:, None] - AGES
    births = np.exp(-(((at_birth - BIRTH_MEAN) / BIRTH_SPREAD) ** 2) / 2) + 1e-12
    births[:, (least > AGES) | (most < AGES)] = 0.0
    births[(at_birth < BIRTH_LEAST) | (at_birth > BIRTH_MOST)] = 0.0
    # Parents so old that no birth is in the range have children of the highest age.
    rows = births.sum(axis=1)
    births[(rows == 0) & (most + BIRTH_LEAST <= AGES), most] = 1.0
    total = births.sum(axis=1, keepdims=True)
    found: Floats = np.divide(births, total, out=births, where=total > 0)
    return found


COUPLE = dict(zip(COUPLE_YEARS, COUPLE_SHARES, strict=True))
# Of a householder (row) of each age, the distribution of the partner's age (column), of men and
# women; of minor children by the age of the younger parent; and of relatives of each role.
PARTNER_OF = (_shifted({-years: s for years, s in COUPLE.items()}), _shifted(COUPLE))
CHILD_OF = _born(0, ADULT - 1)
GROWN_CHILD_OF = _born(ADULT, OLDEST_GROWN_CHILD)
ELDER_OF = np.array(
    [
        _bell(min(age + BIRTH_LEAST + 2, OLDEST), OLDEST, age + BIRTH_MEAN - 2, BIRTH_SPREAD)
        for age in range(OLDEST + 1)
    ]
)
OTHER_OF = np.array([_bell(ADULT, OLDEST, age, OTHER_SPREAD) for age in range(OLDEST + 1)])
# Ages of a householder with grown children, and with parents in the household.
HAS_GROWN_CHILD = GROWN_CHILD_OF.sum(axis=1) > 0
HAS_ELDER = AGES <= OLDEST - BIRTH_LEAST - 4
RELATIVE_OF = (
    GROWN_CHILD * HAS_GROWN_CHILD[:, None] * GROWN_CHILD_OF
    + ELDER * HAS_ELDER[:, None] * ELDER_OF
    + (1 - GROWN_CHILD * HAS_GROWN_CHILD - ELDER * HAS_ELDER)[:, None] * OTHER_OF
)


@dataclass(frozen=True)
class Composition:
    """What decides who lives together, apart from the number of members.

    ``couples`` are the shares of households with two adults or more that a couple leads, without
    and with minor children; ``women`` is the share of women among householders.
    """

    sizes: SizeDistribution
    couples: tuple[float, float]
    women: float


def expected_ages(of: Composition) -> tuple[Floats, Floats]:
    """How many members of each age a household has, by the householder's age.

    Args:
        of: The composition.

    Returns:
        The share of households of each of ``KINDS``, and for each kind a table with a row per age
        of the householder and a column per age of members.
    """
    partner = (1 - of.women) * PARTNER_OF[0] + of.women * PARTNER_OF[1]
    younger = np.zeros_like(partner)
    for age in AGES:
        np.add.at(younger[age], np.minimum(age, AGES), partner[age])
    shares, tables = np.zeros(len(KINDS)), np.zeros((len(KINDS), OLDEST + 1, OLDEST + 1))
    for size, of_size in enumerate(size_shares(of.sizes), start=1):
        for adults, of_adults in enumerate(adult_shares(size), start=1):
            weight, children = of_size * of_adults, size - adults
            kind = 2 if children else int(size > 1)
            couple = of.couples[children > 0] if adults > 1 else 0.0
            relatives = max(adults - 1, 0) - couple
            shares[kind] += weight
            tables[kind] += weight * (
                np.eye(OLDEST + 1)
                + couple * partner
                + relatives * RELATIVE_OF
                + children * (couple * younger @ CHILD_OF + (1 - couple) * CHILD_OF)
            )
    return shares, tables / np.where(shares > 0, shares, 1)[:, None, None]


@cache
def ages_by_lot(name: str) -> Small:
    """A table of ages, by the age that they depend on and by a draw of 16 bits.

    Args:
        name: The distribution: ``man``, ``woman`` (the householder, of a partner), ``child``,
            ``grown``, ``elder`` or ``other``.
    """
    distributions = {
        "man": PARTNER_OF[0], "woman": PARTNER_OF[1], "child": CHILD_OF, "grown": GROWN_CHILD_OF,
        "elder": ELDER_OF, "other": OTHER_OF,
    }  # fmt: skip
    lots = np.arange(LANE_VALUES)
    table = np.zeros((OLDEST + 1, LANE_VALUES), dtype=np.uint8)
    for age, shares in enumerate(distributions[name]):
        if shares.sum() > 0:
            table[age] = np.searchsorted(_ends(shares), lots, side="right")
    return table


def _ends(shares: Floats) -> Ints:
    return cdf_thresholds(shares, 16)
