"""Who lives in the households, and what makes each person do what they do.

Everything follows from a household's number and a person's (the household's times ten, and the
place in it). ``People`` are arrays, one entry a person with a row: what a table does not need is
not made (``Demographics`` are only for those that tell of it).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from synth_assets.domains.identity_graph import demography, gazetteer, terms
from synth_assets.domains.identity_graph.layout import DOMAIN, MOST_MEMBERS
from synth_assets.domains.identity_graph.scenario import GenerationConfig
from synth_assets.randomness.random_arrays import (
    Ints,
    Small,
    below,
    drawn,
    part,
    steps,
    upper,
    within,
    words,
)
from synth_assets.randomness.streams import LOTS, RandomStream

# Of people, those who like no category best.
CASUAL_SHARE = 0.12
# Of the events of others, those of the category that they like best, whatever else comes by.
LOYAL = 0.55
# A number of events is in thousandths, so that a part of one can be a chance of one more.
THOUSAND = 1_000
# How fast the number of people with so many events falls; 2 and above have a mean.
PARETO = 2.0
# Of people, those whose schooling follows the household's income.
INHERITED = 0.4
# Incomes of each bracket, in US dollars.
INCOMES = ((8_000, 30_000), (30_000, 60_000), (60_000, 100_000), (100_000, 150_000),
           (150_000, 400_000))  # fmt: skip
# What part of a household's income each employment brings, and what it brings at most, in dollars.
EARNS = (100, 45, 85, 12, 50, 8)
EARNS_AT_MOST = (400_000, 60_000, 400_000, 25_000, 150_000, 20_000)
# What schooling adds to that part, in percent, and what those under 22 earn at most.
WORTH = (60, 75, 85, 95, 120, 145, 170)
YOUNG, YOUNG_AT_MOST = 22, 50_000
# Youngest who has an employment, and an income.
WORKING_AGE = 16


@dataclass(frozen=True)
class Households:
    """Households by number."""

    number: Ints
    size: Ints
    adults: Ints


@dataclass(frozen=True)
class People:
    """People by number, in order of household and place in it.

    ``of`` is the place of the household among those asked for.
    """

    number: Ints
    of: Ints
    age: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Demographics:
    """Of each person, places in ``terms``; -1 where there is none. Incomes in US cents."""

    gender: Small
    education: Ints
    employment: Ints
    income: Ints


class World:
    """Everything behind the tables of one configuration."""

    def __init__(self, config: GenerationConfig) -> None:
        self.config = config

    def draw(self, *names: str) -> RandomStream:
        """A source of chance of the domain."""
        return RandomStream(self.config.seed, DOMAIN, *names)

    def households(self, number: Ints) -> Households:
        """The households with these numbers."""
        bits = words(self.draw("households", "size"), number)
        size = (
            drawn(
                bits, demography.size_shares(self.config.household_config.size_distribution)
            ).astype(np.int64)
            + 1
        )
        lot = part(bits, 1)
        adults = self._adults[size, lot].astype(np.int64)
        return Households(number, size, adults)

    @cached_property
    def _adults(self) -> Small:
        made = np.zeros((MOST_MEMBERS + 1, LOTS), dtype=np.uint8)
        for size in range(1, MOST_MEMBERS + 1):
            ends = steps(demography.adult_shares(size), 16)
            made[size] = np.searchsorted(ends, np.arange(LOTS), side="right") + 1
        return made

    def people(self, homes: Households) -> People:
        """The members of households who are of an age to have rows."""
        of = np.repeat(np.arange(len(homes.number)), homes.size)
        member = within(homes.size)
        number = homes.number[of] * MOST_MEMBERS + member
        age = self._ages(homes, of, member, number)
        span = self.config.demographics_config.age_range
        kept = (age >= span.min) & (age <= span.max)
        return People(number[kept], of[kept], age[kept])

    def _ages(self, homes: Households, of: Ints, member: Ints, number: Ints) -> Ints:
        draw = self.draw("individuals", "age")
        first = words(draw, homes.number * MOST_MEMBERS)
        with_children = homes.size > homes.adults
        head = np.where(
            with_children, drawn(first, demography.PARENT), drawn(first, demography.CHILDLESS)
        ).astype(np.int64)[of]
        bits = words(draw, number)
        years = np.array(demography.PARTNER_YEARS)[drawn(bits, demography.PARTNER_SHARES)]
        partner = np.clip(head + years, demography.ADULT, demography.OLDEST)
        other = drawn(bits, demography.FURTHER).astype(np.int64)
        oldest = np.minimum(demography.ADULT - 1, head - demography.ADULT)
        child = below(part(bits, 0), oldest + 1)
        adults = homes.adults[of]
        made: Ints = np.select(
            [member == 0, member >= adults, member == 1], [head, child, partner], other
        )
        return made

    def demographics(self, homes: Households, people: People) -> Demographics:
        """Gender, education, employment and income of people."""
        of = self.config.demographics_config
        tables = demography.tables(self.config.household_config.size_distribution, of)
        bits = words(self.draw("individuals", "gender"), people.number)
        gender = drawn(bits, _shares(of.gender_distribution, terms.GENDERS))
        rank = upper(words(self.draw("households", "income"), homes.number))
        own = words(self.draw("individuals", "education"), people.number)
        inherited = part(own, 0) < round(INHERITED * LOTS)
        chance = np.where(inherited, rank[people.of], upper(own))
        education = (chance[:, None] >= tables.education[people.age]).sum(axis=1)
        work = upper(words(self.draw("individuals", "employment"), people.number))
        adult = people.age >= demography.ADULT
        # Children go to school; those of 17 may have left it with a diploma.
        education = np.where(adult, education, (people.age == 17) & (part(own, 1) < LOTS // 8))
        employment = (work[:, None] >= tables.employment[people.age, education]).sum(axis=1)
        employment = np.where(adult, employment, np.where(people.age >= WORKING_AGE, 5, -1))
        income = self._incomes(homes, people, education, employment)
        return Demographics(gender, education, employment, income)

    def brackets(self, homes: Households) -> Ints:
        """Which income bracket each household is in."""
        rank = upper(words(self.draw("households", "income"), homes.number))
        shares = self.config.household_config.income_brackets
        ends = steps(_shares(shares, terms.INCOME_BRACKETS))
        found: Ints = np.searchsorted(ends, rank, side="right")
        return found

    def _incomes(
        self, homes: Households, people: People, education: Ints, employment: Ints
    ) -> Ints:
        """The household's income, shared out; in cents, -1 for those without one of their own."""
        low, high = np.array(INCOMES, dtype=np.int64)[self.brackets(homes)].T
        amount = words(self.draw("households", "amount"), homes.number)
        top = high > INCOMES[-2][1]
        # Of the rich, few are very rich.
        lot = part(amount, 0)
        lot = np.where(top, lot * lot >> 16, lot)
        cents = (low + below(lot, high - low)) * 100
        works = employment >= 0
        kind = np.where(works, employment, 0)
        weight = np.where(works, np.array(EARNS)[kind] * np.array(WORTH)[education], 0)
        total = np.zeros(len(homes.number), dtype=np.int64)
        np.add.at(total, people.of, weight)
        income = cents[people.of] * weight // np.maximum(total[people.of], 1)
        most = np.array(EARNS_AT_MOST)[kind]
        most = np.where(people.age < YOUNG, np.minimum(most, YOUNG_AT_MOST), most)
        bits = words(self.draw("individuals", "income"), people.number)
        # Half of those who learn or look for work have nothing of their own.
        none = ~works | ((kind == 3) | (kind == 5)) & (part(bits, 0) < LOTS // 2)
        # People are not paid one sum, so what the most is differs by person.
        most = most * 100 - below(part(bits, 1), most * 10)
        return np.where(none, -1, np.minimum(income, most))

    def levels(self, people: People) -> Ints:
        """Engagements that people make in a period, in thousandths."""
        bits = words(self.draw("individuals", "level"), people.number)
        found: Ints = self._levels[part(bits, 0)]
        return found

    @cached_property
    def _levels(self) -> Ints:
        """Quantiles of the number of engagements, in thousandths, with the declared mean."""
        return quantiles(self.config)

    def tastes(self, people: People) -> Small:
        """The category that people like best; one more for those who like none best."""
        return drawn(words(self.draw("individuals", "taste"), people.number), self.taste_shares)

    @cached_property
    def categories(self) -> tuple[float, ...]:
        """Share of each category."""
        return _shares(self.config.engagement_config.content_categories, terms.CATEGORIES)

    @cached_property
    def taste_shares(self) -> tuple[float, ...]:
        """Share of people with each taste."""
        return (*(share * (1 - CASUAL_SHARE) for share in self.categories), CASUAL_SHARE)

    @cached_property
    def segment_of_taste(self) -> Small:
        """Which segment a taste makes, by the segments in use."""
        used = self.config.audience_config.segments
        return np.array(
            [terms.SEGMENTS.index(s if s in used else terms.CASUAL) for s in terms.SEGMENTS],
            dtype=np.uint8,
        )

    @cached_property
    def places(self) -> gazetteer.Places:
        """Where households live."""
        shares = self.config.household_config.location_distribution
        return gazetteer.places(tuple(shares.items()) if shares is not None else None)


@cache
def open_world(config: GenerationConfig) -> World:
    """The world of a configuration, made once a process."""
    return World(config)


def quantiles(config: GenerationConfig) -> Ints:
    """65,536 quantiles of the number of engagements in a period, in thousandths."""
    of = config.engagement_config.events_per_person
    chance = (np.arange(LOTS) + 0.5) / LOTS
    match of.distribution:
        case "normal":
            # A third of a second to import, which every command would wait for.
            from scipy.special import ndtri

            made = np.clip(of.mean + of.std_dev * ndtri(chance), 0, None)
        case "exponential":
            made = -np.log1p(-chance)
        case _:
            made = (1 - chance) ** (-1 / PARETO)
    scaled = made * (of.mean * THOUSAND / math.fsum(made) * LOTS)
    found: Ints = np.rint(scaled).astype(np.int64)
    return found


def _shares(given: dict[str, float], names: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(given.get(name, 0.0) for name in names)
