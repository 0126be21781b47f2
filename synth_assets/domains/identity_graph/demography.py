"""Joint distributions of age, education and employment that keep the declared shares.

The shares of ages are from ``ages``. Education by age, and employment by
age and education, are the tables closest to plausible ones that have both the shares of ages and
the declared shares (iterative proportional fitting; Deming and Stephan, 1940). They are zero where
an age excludes a level of education or an employment.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.ages import ages
from synth_assets.domains.identity_graph.kinship import ADULT, AGES, OLDEST, Floats
from synth_assets.domains.identity_graph.scenario_population import (
    DemographicsConfig,
    HouseholdConfig,
)
from synth_assets.randomness.random_arrays import Ints

# Lowest age at which a person can have a level of education.
YOUNGEST = dict(zip(terms.EDUCATION, (18, 18, 18, 20, 22, 24, 27), strict=True))
# Iterations of the fitting at most, and the error of a share at which it ends.
MAX_ITERATIONS, TOLERANCE = 2_000, 1e-6


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
def tables(household: HouseholdConfig, of: DemographicsConfig) -> Tables:
    """The distributions of a configuration.

    Args:
        household: Who lives together.
        of: The configured ages and shares.

    Raises:
        ValueError: No distribution over the age range has the declared shares.
    """
    members = np.array(ages(household, of).members)
    members[: of.age_range.min] = 0.0
    members[of.age_range.max + 1 :] = 0.0
    adults = members.copy()
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
        float(members.sum()),
    )


def place_within(draw: Ints, ends: Ints, place: Ints) -> Ints:
    """Where a draw lies between the ends of its part, again as a draw of 32 bits.

    Args:
        draw: Draws of 32 bits.
        ends: Upper ends of the parts of each draw, in ascending order.
        place: The part that each draw is in.
    """
    rows = np.arange(len(draw))
    bounds = np.column_stack([np.zeros(len(draw), np.int64), ends, np.full(len(draw), 1 << 32)])
    low, high = bounds[rows, place], bounds[rows, place + 1]
    found: Ints = ((draw - low) << 30) // np.maximum(high - low, 1) << 2
    return found


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
