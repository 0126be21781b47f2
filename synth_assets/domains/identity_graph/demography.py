"""How people's ages, education and employment agree, with the declared shares kept.

The shares of ages follow from how households are made up. Education by age, and employment by age
and education, are the tables nearest to what is plausible that have both the ages' shares and the
declared ones (iterative proportional fitting; Deming and Stephan, 1940), with zeros where an age
checks a level or an employment out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.scenario_parts import DemographicsConfig, SizeDistribution
from synth_assets.randomness.random_arrays import Ints

Floats = npt.NDArray[np.float64]
ADULT, OLDEST = 18, 100
AGES = np.arange(OLDEST + 1)
# Members of a household who are adults, by its size; larger ones are as those of five.
ADULTS = {
    1: {1: 1.0},
    2: {1: 0.10, 2: 0.90},
    3: {1: 0.10, 2: 0.62, 3: 0.28},
    4: {1: 0.06, 2: 0.66, 3: 0.16, 4: 0.12},
    5: {1: 0.05, 2: 0.60, 3: 0.20, 4: 0.15},
}
# Of the second adult: years older than the first, and how often.
PARTNER_YEARS = (-9, -6, -4, -3, -2, -1, 0, 1, 2, 3, 5, 8)
PARTNER_SHARES = (0.04, 0.07, 0.09, 0.11, 0.13, 0.14, 0.13, 0.10, 0.08, 0.05, 0.04, 0.02)
# Youngest at which somebody can have a level of education.
YOUNGEST = dict(zip(terms.EDUCATION, (18, 18, 18, 20, 22, 24, 27), strict=True))
# Rounds of fitting, and how far a share may stay off.
ROUNDS, NEAR = 2_000, 1e-6


def _between(low: int, high: int, peak: int, width: float) -> tuple[float, ...]:
    """A share for each age: most at the peak, none outside."""
    bell = np.exp(-(((AGES - peak) / width) ** 2) / 2)
    bell[(low > AGES) | (high < AGES)] = 0.0
    return tuple((bell / bell.sum()).tolist())


# Ages of the first adult with and without children in the household, and of further adults.
PARENT = _between(22, 60, 39, 8)
CHILDLESS = _between(18, OLDEST, 52, 22)
FURTHER = _between(18, 85, 27, 14)


def size_shares(of: SizeDistribution) -> tuple[float, ...]:
    """Share of households with 1, 2, … 10 members."""
    if of.shares is not None:
        return tuple(of.shares.get(str(size), 0.0) for size in range(1, 11))

    def below(size: float) -> float:
        return math.erf((size - of.mean) / of.std_dev / math.sqrt(2)) / 2 + 0.5

    inner = [below(size + 0.5) for size in range(1, 10)]
    return tuple(np.diff([0.0, *inner, 1.0]).tolist())


def adult_shares(size: int) -> tuple[float, ...]:
    """Share of the households of a size that have 1, 2, … 4 adults."""
    found = ADULTS[min(size, 5)]
    return tuple(found.get(adults, 0.0) for adults in range(1, 5))


def age_shares(sizes: SizeDistribution) -> Floats:
    """Members of each age in a household, on average."""
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
    """Children are of any age that leaves the first adult 18 years older."""
    ages = np.zeros(OLDEST + 1)
    for parent, share in enumerate(head):
        oldest = min(ADULT - 1, parent - ADULT)
        if share and oldest >= 0:
            ages[: oldest + 1] += share / (oldest + 1)
    return ages


@dataclass(frozen=True)
class Tables:
    """Where, of 2**32 equal chances, each outcome ends: education by age, employment by both."""

    education: Ints
    employment: Ints
    adults: float
    people: float


@cache
def tables(sizes: SizeDistribution, of: DemographicsConfig) -> Tables:
    """The tables of a configuration, and adults and people with rows of a household.

    ``ValueError`` where no table has the declared shares.
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
        _steps(education),
        _steps(employment).reshape(OLDEST + 1, len(terms.EDUCATION), -1),
        float(adults.sum()),
        float(ages.sum()),
    )


def _of(shares: dict[str, float], names: tuple[str, ...]) -> Floats:
    found = np.array([shares.get(name, 0.0) for name in names])
    normal: Floats = found / found.sum()
    return normal


def _education() -> Floats:
    """How plausible each level is at each age."""
    youngest = np.array(list(YOUNGEST.values()))
    possible = (AGES[:, None] >= youngest).astype(np.float64)
    # Those who have just come of age have it less often than those who had years to.
    years = np.clip(AGES[:, None] - youngest, 0, 8) / 8
    plausible: Floats = possible * np.where(youngest > ADULT, 0.15 + 0.85 * years, 1.0)
    return plausible


def _employment() -> Floats:
    """How plausible each employment is at each age (rows: ages, and in them levels)."""
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
    """The table with these sums of rows and columns; None where there is none."""
    made = plausible * rows[:, None]
    for _ in range(ROUNDS):
        made *= _ratio(columns, made.sum(axis=0))
        made *= _ratio(rows, made.sum(axis=1))[:, None]
        if np.abs(made.sum(axis=0) - columns).max() < NEAR:
            return made
    return None


def _ratio(wanted: Floats, found: Floats) -> Floats:
    ratio: Floats = np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0)
    return ratio


def _steps(table: Floats) -> Ints:
    running = np.cumsum(table, axis=1)
    total = np.where(running[:, -1:] > 0, running[:, -1:], 1.0)
    return np.rint(running / total * 2.0**32).astype(np.int64)
