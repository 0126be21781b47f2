"""Joint distributions of age, education and employment that keep the declared shares.

The shares of ages follow from the composition of households. Education by age, and employment by
age and education, are the tables closest to plausible ones that have both the shares of ages and
the declared shares (iterative proportional fitting; Deming and Stephan, 1940). They are zero where
an age excludes a level of education or an employment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.scenario_population import (
    DemographicsConfig,
    SizeDistribution,
)
from synth_assets.randomness.random_arrays import Ints

Floats = npt.NDArray[np.float64]
ADULT, OLDEST = 18, 100
AGES = np.arange(OLDEST + 1)
# Share of households with each number of adults, by size; sizes above five are as five.
ADULTS = {
    1: {1: 1.0},
    2: {1: 0.10, 2: 0.90},
    3: {1: 0.10, 2: 0.62, 3: 0.28},
    4: {1: 0.06, 2: 0.66, 3: 0.16, 4: 0.12},
    5: {1: 0.05, 2: 0.60, 3: 0.20, 4: 0.15},
}
# Years by which the second adult is older than the first, and the share of each.
PARTNER_YEARS = (-9, -6, -4, -3, -2, -1, 0, 1, 2, 3, 5, 8)
PARTNER_SHARES = (0.04, 0.07, 0.09, 0.11, 0.13, 0.14, 0.13, 0.10, 0.08, 0.05, 0.04, 0.02)
# Lowest age at which a person can have a level of education.
YOUNGEST = dict(zip(terms.EDUCATION, (18, 18, 18, 20, 22, 24, 27), strict=True))
# Iterations of the fitting at most, and the error of a share at which it ends.
MAX_ITERATIONS, TOLERANCE = 2_000, 1e-6


def _between(low: int, high: int, peak: int, width: float) -> tuple[float, ...]:
    """A share for each age: highest at the peak, zero outside ``low`` to ``high``."""
    bell = np.exp(-(((AGES - peak) / width) ** 2) / 2)
    bell[(low > AGES) | (high < AGES)] = 0.0
    return tuple((bell / bell.sum()).tolist())


# Ages of the first adult with and without children in the household, and of further adults.
PARENT = _between(22, 60, 39, 8)
CHILDLESS = _between(18, OLDEST, 52, 22)
FURTHER = _between(18, 85, 27, 14)


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


def age_shares(sizes: SizeDistribution) -> Floats:
    """Average number of members of each age in a household, 0 to 100 years.

    Args:
        sizes: The distribution of household sizes.
    """
    shares = np.zeros(OLDEST + 1)
    for size, of_size in enumerate(size_shares(sizes), start=1):
        for adults, of_adults in enumerate(adult_shares(size), start=1):
            head = np.array(PARENT if size > adults else CHILDLESS)
            each = (
                head
                + (_partner(head) if adults > 1 else 0)
                + np.array(FURTHER) * max(adults - 2, 0)
            )
            each = each + _children(head) * (size - adults)
            shares += of_size * of_adults * each
    return shares


def _partner(head: Floats) -> Floats:
    ages = np.zeros(OLDEST + 1)
    for years, share in zip(PARTNER_YEARS, PARTNER_SHARES, strict=True):
        np.add.at(ages, np.clip(AGES + years, ADULT, OLDEST), head * share)
    return ages


def _children(head: Floats) -> Floats:
    """Children have every age with the same probability, up to 18 years below the first adult's."""
    ages = np.zeros(OLDEST + 1)
    for parent, share in enumerate(head):
        oldest = min(ADULT - 1, parent - ADULT)
        if share and oldest >= 0:
            ages[: oldest + 1] += share / (oldest + 1)
    return ages


@dataclass(frozen=True)
class Tables:
    """Cumulative distributions of education by age, and of employment by age and education.

    Entries are the upper ends of each outcome's part of 2**32 equally likely draws. ``adults`` and
    ``people`` are the average numbers of a household's adults and members with rows.
    """

    education: Ints
    employment: Ints
    adults: float
    people: float


@cache
def tables(sizes: SizeDistribution, of: DemographicsConfig) -> Tables:
    """The distributions of a configuration.

    Args:
        sizes: The distribution of household sizes.
        of: The configured ages and shares.

    Raises:
        ValueError: No distribution over the age range has the declared shares.
    """
    ages = age_shares(sizes)
    ages[: of.age_range.min] = 0.0
    ages[of.age_range.max + 1 :] = 0.0
    adults = ages.copy()
    adults[:ADULT] = 0.0
    share = adults / adults.sum()
    education = _fitted(share, _of(of.education_distribution, terms.EDUCATION), _education())
    if education is None:
        raise ValueError(
            "education_distribution does not go with age_range: "
            + ", ".join(f"{n} from {y} on" for n, y in YOUNGEST.items() if y > ADULT)
        )
    employment = _fitted(
        education.ravel(), _of(of.employment_distribution, terms.EMPLOYMENT), _employment()
    )
    if employment is None:
        raise ValueError(
            "employment_distribution does not go with age_range: Retired from 55 on, Student "
            "up to 40, all others up to 80"
        )
    return Tables(
        _thresholds(education),
        _thresholds(employment).reshape(OLDEST + 1, len(terms.EDUCATION), -1),
        float(adults.sum()),
        float(ages.sum()),
    )


def _of(shares: dict[str, float], names: tuple[str, ...]) -> Floats:
    found = np.array([shares.get(name, 0.0) for name in names])
    normal: Floats = found / found.sum()
    return normal


def _education() -> Floats:
    """How plausible each level of education is at each age."""
    youngest = np.array(list(YOUNGEST.values()))
    possible = (AGES[:, None] >= youngest).astype(np.float64)
    # People at the lowest age for a level have it less often than older people.
    years = np.clip(AGES[:, None] - youngest, 0, 8) / 8
    plausible: Floats = possible * np.where(youngest > ADULT, 0.15 + 0.85 * years, 1.0)
    return plausible


def _employment() -> Floats:
    """How plausible each employment is, one row per age and level of education."""
    by_age = np.zeros((OLDEST + 1, len(terms.EMPLOYMENT)))
    full, part, self_, none, retired, student = range(6)
    by_age[18:, full] = np.select([AGES[18:] < 62, AGES[18:] < 67], [1.0, 0.5], 0.05)
    by_age[18:, part] = 1.0
    by_age[18:, self_] = np.where(AGES[18:] < 22, 0.3, 1.0)
    by_age[18:, none] = np.where(AGES[18:] < 65, 1.0, 0.1)
    by_age[81:, :retired] = 0.0
    by_age[55:, retired] = np.select([AGES[55:] < 62, AGES[55:] < 67], [0.1, 1.0], 8.0)
    by_age[18:41, student] = np.select([AGES[18:41] < 23, AGES[18:41] < 27], [8.0, 2.0], 0.2)
    levels = len(terms.EDUCATION)
    plausible = np.repeat(by_age[:, None, :], levels, axis=1)
    plausible[:, levels - 1, student] = 0.0
    plausible[:, :2, none] *= 2.0
    joined: Floats = plausible.reshape((OLDEST + 1) * levels, -1)
    return joined


def _fitted(rows: Floats, columns: Floats, plausible: Floats) -> Floats | None:
    """The table with these row and column sums; None if there is none."""
    fitted = plausible * rows[:, None]
    for _ in range(MAX_ITERATIONS):
        fitted *= _ratio(columns, fitted.sum(axis=0))
        fitted *= _ratio(rows, fitted.sum(axis=1))[:, None]
        if np.abs(fitted.sum(axis=0) - columns).max() < TOLERANCE:
            return fitted
    return None


def _ratio(target: Floats, found: Floats) -> Floats:
    ratio: Floats = np.divide(target, found, out=np.zeros_like(target), where=found > 0)
    return ratio


def _thresholds(table: Floats) -> Ints:
    running = np.cumsum(table, axis=1)
    total = np.where(running[:, -1:] > 0, running[:, -1:], 1.0)
    return np.rint(running / total * 2.0**32).astype(np.int64)
