"""The members of households: roles, ages and genders, for arrays of households."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synth_assets.domains.identity_graph import kinship, terms
from synth_assets.domains.identity_graph.ages import ages
from synth_assets.domains.identity_graph.kinship import (
    CHILD,
    ELDER,
    GROWN_CHILD,
    HOUSEHOLDER,
    OTHER,
    PARENT,
    PARTNER,
    ages_by_lot,
)
from synth_assets.domains.identity_graph.layout import MOST_MEMBERS
from synth_assets.domains.identity_graph.population import Households, People
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.randomness.random_arrays import (
    Ints,
    Small,
    categorical_u16,
    cdf_thresholds,
    cumcount,
    high32,
    lane,
    random_bits,
)
from synth_assets.randomness.streams import LANE_VALUES, RandomStream

MALE, FEMALE = terms.GENDERS.index("Male"), terms.GENDERS.index("Female")


def everyone(config: IdentityGraphScenario, homes: Households) -> People:
    """All members of households, whatever their age.

    Args:
        config: The configuration.
        homes: The households.
    """
    household = np.repeat(np.arange(len(homes.number)), homes.size)
    member = cumcount(homes.size)
    number = homes.number[household] * MOST_MEMBERS + member
    ages_stream = _stream(config, "individuals", "age")
    head = _householders(config, ages_stream, homes)
    # The partner's draws are those of the second member, so each household's are at hand.
    second = random_bits(ages_stream, homes.number * MOST_MEMBERS + 1)
    children = homes.size > homes.adults
    of = config.household_config.couple_shares
    couple_share = np.where(
        children, round(of.with_children * LANE_VALUES), round(of.childless * LANE_VALUES)
    )
    couple = (homes.adults > 1) & (lane(second, 1) < couple_share)
    woman = _householders_gender(config, homes.number) == FEMALE
    lots = lane(second, 0)
    partner = np.where(woman, ages_by_lot("woman")[head, lots], ages_by_lot("man")[head, lots])
    younger = np.where(couple, np.minimum(head, partner), head)

    bits = random_bits(ages_stream, number)
    role = _relatives(head[household], lane(bits, 2))
    role[member >= homes.adults[household]] = CHILD
    role[(member == 1) & couple[household]] = PARTNER
    role[member == 0] = HOUSEHOLDER
    age = _ages(role, member < homes.adults[household], head[household], lane(bits, 0))
    age[role == PARTNER] = partner[couple]
    minor = np.flatnonzero(member >= homes.adults[household])
    age[minor] = ages_by_lot("child")[younger[household[minor]], lane(bits[minor], 0)]
    return People(number, household, age, role)


def _stream(config: IdentityGraphScenario, *names: str) -> RandomStream:
    return RandomStream(config.seed, DOMAIN, *names)


def _householders(config: IdentityGraphScenario, stream: RandomStream, homes: Households) -> Ints:
    """The age of each householder."""
    lots = high32(random_bits(stream, homes.number * MOST_MEMBERS))
    kind = np.where(homes.size > homes.adults, 2, np.minimum(homes.size - 1, 1))
    found = np.zeros(len(lots), dtype=np.int64)
    fitted = ages(config.household_config, config.demographics_config)
    for number, shares in enumerate(fitted.householders):
        of_kind = kind == number
        ends = cdf_thresholds(shares)
        found[of_kind] = np.searchsorted(ends, lots[of_kind], side="right")
    return found


def _relatives(head: Ints, lots: Ints) -> Small:
    """The roles of relatives other than partners, by the householder's age."""
    grown = kinship.HAS_GROWN_CHILD[head] & (lots < round(GROWN_CHILD * LANE_VALUES))
    elder = kinship.HAS_ELDER[head] & (lots >= round((1 - ELDER) * LANE_VALUES))
    return np.where(grown, CHILD, np.where(elder, PARENT, OTHER)).astype(np.uint8)


def _ages(role: Small, adult: npt.NDArray[np.bool_], head: Ints, lots: Ints) -> Ints:
    """Ages of householders and adult relatives; those of partners and minors follow."""
    found = head.copy()
    for number, name in ((CHILD, "grown"), (PARENT, "elder"), (OTHER, "other")):
        of_role = np.flatnonzero(adult & (role == number))
        found[of_role] = ages_by_lot(name)[head[of_role], lots[of_role]]
    return found


def genders(config: IdentityGraphScenario, people: People) -> Small:
    """The gender of each person: couples are mostly of two genders, and shares are as declared.

    Args:
        config: The configuration.
        people: The people.
    """
    bits = random_bits(_stream(config, "individuals", "gender"), people.number)
    found = categorical_u16(bits, _shares(config))
    partner = np.flatnonzero(people.role == PARTNER)
    householder = people.number[partner] // MOST_MEMBERS
    theirs = _householders_gender(config, householder)
    ends = np.array([cdf_thresholds(row, 16) for row in partners_genders(config)])
    found[partner] = (lane(bits[partner], 0)[:, None] >= ends[theirs]).sum(axis=1)
    return found


def _householders_gender(config: IdentityGraphScenario, household: Ints) -> Small:
    bits = random_bits(_stream(config, "individuals", "gender"), household * MOST_MEMBERS)
    return categorical_u16(bits, _shares(config))


def partners_genders(config: IdentityGraphScenario) -> kinship.Floats:
    """Probability of each gender of a partner (column), by the householder's (row).

    Both have the declared shares: couples of men and women take what couples of one gender leave.

    Args:
        config: The configuration.
    """
    share = np.array(_shares(config)) / sum(_shares(config))
    joint = np.outer(share, share)
    binary = share[MALE] + share[FEMALE]
    same = config.demographics_config.same_sex_couples
    mixed = min(share[MALE], share[FEMALE]) * binary * (1 - same)
    for gender, other in ((MALE, FEMALE), (FEMALE, MALE)):
        joint[gender, other] = mixed
        joint[gender, gender] = share[gender] * binary - mixed
    table: kinship.Floats = np.where(share[:, None] > 0, joint, 1.0)
    return table


def in_age_range(config: IdentityGraphScenario, people: People) -> People:
    """The people who have rows.

    Args:
        config: The configuration.
        people: The people.
    """
    span = config.demographics_config.age_range
    kept = (people.age >= span.min) & (people.age <= span.max)
    return People(people.number[kept], people.household[kept], people.age[kept], people.role[kept])


def _shares(config: IdentityGraphScenario) -> tuple[float, ...]:
    given = config.demographics_config.gender_distribution
    return tuple(given.get(name, 0.0) for name in terms.GENDERS)
