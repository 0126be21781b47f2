"""Ages of householders, fitted so that the ages of all members follow a population.

Householders' ages are the ones closest to plausible ones (``kinship.PRIOR``) with which members
have the declared shares of ages, as far as compositions of households allow: expectation
maximization of a mixture (Dempster, Laird and Rubin, 1977) with fixed shares of kinds of
households.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from synth_assets.domains.identity_graph import kinship
from synth_assets.domains.identity_graph.kinship import ADULT, AGES, OLDEST, Composition, Floats
from synth_assets.domains.identity_graph.scenario_population import (
    OPEN_GROUP,
    DemographicsConfig,
    HouseholdConfig,
)

# Steps of the fitting: with more, ages follow the population more closely, and householders' ages
# are less smooth.
STEPS = 15
# How far householders of each kind yield to the population in a step. Those who live alone yield
# less: they are of all ages, and not only those that families leave.
YIELDING = np.array([[0.3], [1.0], [1.0]])
# In the open group of the oldest, shares fall by this factor a year (assumption about the
# life tables of the Social Security Administration).
OLDEST_FALL = 0.86


@dataclass(frozen=True)
class Ages:
    """Shares of householders' ages by kind of household, and members of each age in a household."""

    householders: tuple[tuple[float, ...], ...]
    members: tuple[float, ...]


def composition(household: HouseholdConfig, of: DemographicsConfig) -> Composition:
    """What decides who lives together.

    Args:
        household: Sizes and couples.
        of: Genders.
    """
    women = of.gender_distribution.get("Female", 0.0) / sum(of.gender_distribution.values())
    couples = (household.couple_shares.childless, household.couple_shares.with_children)
    return Composition(household.size_distribution, couples, women)


@cache
def ages(household: HouseholdConfig, of: DemographicsConfig) -> Ages:
    """The ages of householders and members.

    Args:
        household: The configured sizes and couples.
        of: The configured shares of ages, or None for plausible ages without a population.
    """
    shares, tables = kinship.expected_ages(composition(household, of))
    weights = shares[:, None] * kinship.PRIOR
    if of.age_groups is not None:
        weights = _fitted(weights, tables, population(of.age_groups))
    found = np.einsum("ka,kab->b", weights, tables)
    each = weights / np.where(shares > 0, shares, 1.0)[:, None]
    usual = np.where(shares[:, None] > 0, each, kinship.PRIOR)
    return Ages(tuple(map(tuple, usual.tolist())), tuple(found.tolist()))


def population(groups: dict[str, float]) -> Floats:
    """The share of each age, 0 to 100, from shares of groups.

    Args:
        groups: Share of each group of five years, and of the open one.
    """
    found = np.zeros(OLDEST + 1)
    for name, share in groups.items():
        if name == OPEN_GROUP:
            years = AGES[int(name.removesuffix("+")) :]
            falling = OLDEST_FALL ** np.arange(len(years))
            found[years] = share * falling / falling.sum()
        else:
            low, high = map(int, name.split("-"))
            found[low : high + 1] = share / (high + 1 - low)
    shares: Floats = found / found.sum()
    return shares


def _fitted(weights: Floats, tables: Floats, target: Floats) -> Floats:
    """Weights of the kinds and householders' ages, near to the given ones, for the target's ages.

    The numbers of adults and of children are those of the households, so each are fitted alone.
    """
    shares = weights.sum(axis=1, keepdims=True)
    expected = target.copy()
    for part in (slice(0, ADULT), slice(ADULT, None)):
        number = np.einsum("ka,kab->b", weights, tables)[part].sum()
        total = target[part].sum()
        expected[part] = target[part] * (number / total if total else 0.0)
    size = tables.sum(axis=2)
    for _ in range(STEPS):
        found = np.einsum("ka,kab->b", weights, tables)
        ratio = np.divide(expected, found, out=np.ones_like(found), where=found > 0)
        weights = weights * ((tables @ ratio) / size) ** YIELDING
        total = weights.sum(axis=1, keepdims=True)
        weights *= np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    fitted: Floats = weights
    return fitted
