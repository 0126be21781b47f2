"""The simulation's state: members of households, and what each person's rows follow from.

Everything follows from a household's number and a person's number, which is the household's times
ten plus the position in it. Arrays have one entry per person with a row; ``Demographics`` are
computed only for the tables that show them. Distributions are in ``demography``, ``incomes``,
``activity`` and ``gazetteer``.
"""

from __future__ import annotations

from functools import cache, cached_property

import numpy as np

from synth_assets.domains.identity_graph import demography, gazetteer, members, sizes, terms
from synth_assets.domains.identity_graph.activity import CASUAL_SHARE, activity_quantiles
from synth_assets.domains.identity_graph.incomes import (
    WORKING_AGE,
    IncomeStreams,
    individual_incomes,
)
from synth_assets.domains.identity_graph.kinship import ADULT
from synth_assets.domains.identity_graph.layout import MOST_MEMBERS
from synth_assets.domains.identity_graph.population import Demographics, Households, People
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.randomness.random_arrays import (
    Ints,
    Small,
    categorical_u16,
    cdf_thresholds,
    high32,
    lane,
    random_bits,
    scale_to,
)
from synth_assets.randomness.splitmix64 import Words
from synth_assets.randomness.streams import LANE_VALUES, RandomStream
from synth_assets.randomness.values import DAY, since_epoch

# Households were recorded in so many days before the first day of events.
RECORDED_DAYS = 730
# Share of people whose level of education follows the household's income.
EDUCATION_FOLLOWS_INCOME = 0.4


class Model:
    """The population of one configuration."""

    def __init__(self, config: IdentityGraphScenario) -> None:
        self.config = config

    def stream(self, *names: str) -> RandomStream:
        """The domain's random stream of a name.

        Args:
            names: Parts of the name, by convention the table and the column.
        """
        return RandomStream(self.config.seed, DOMAIN, *names)

    def households(self, number: Ints) -> Households:
        """Households with their sizes and adults.

        Args:
            number: Numbers of the households, 0 and up.
        """
        bits = random_bits(self.stream("households", "size"), number)
        size = (
            categorical_u16(
                bits, sizes.size_shares(self.config.household_config.size_distribution)
            ).astype(np.int64)
            + 1
        )
        draw = lane(bits, 1)
        adults = self._adults[size, draw].astype(np.int64)
        return Households(number, size, adults)

    @cached_property
    def _adults(self) -> Small:
        """Number of adults, by household size and by a draw of 16 bits."""
        adults = np.zeros((MOST_MEMBERS + 1, LANE_VALUES), dtype=np.uint8)
        for size in range(1, MOST_MEMBERS + 1):
            ends = cdf_thresholds(sizes.adult_shares(size), 16)
            adults[size] = np.searchsorted(ends, np.arange(LANE_VALUES), side="right") + 1
        return adults

    def people(self, homes: Households) -> People:
        """The members of households who are in the configured age range.

        Args:
            homes: The households.
        """
        return members.in_age_range(self.config, members.everyone(self.config, homes))

    def households_recorded(self, homes: Households) -> Ints:
        """When each household was recorded, in seconds since 1970, before the first day of events.

        Args:
            homes: The households.
        """
        begin = since_epoch(self.config.start_date) - RECORDED_DAYS * DAY
        bits = random_bits(self.stream("households", "housing"), homes.number)
        return begin + scale_to(high32(bits), RECORDED_DAYS * DAY, 32)

    def recorded(self, homes: Households, people: People) -> Ints:
        """When each person was recorded, after the household and before the first day of events.

        Args:
            homes: The households.
            people: Their members.
        """
        home = self.households_recorded(homes)[people.household]
        draw = high32(random_bits(self.stream("individuals", "created"), people.number))
        return home + scale_to(soon(draw), since_epoch(self.config.start_date) - home, 32)

    def demographics(self, homes: Households, people: People) -> Demographics:
        """Gender, education, employment and income of people.

        Args:
            homes: The households.
            people: Their members, as ``people`` returns them.
        """
        of = self.config.demographics_config
        tables = demography.tables(self.config.household_config, of)
        rank = high32(random_bits(self.stream("households", "income"), homes.number))
        own = random_bits(self.stream("individuals", "education"), people.number)
        follows = lane(own, 0) < round(EDUCATION_FOLLOWS_INCOME * LANE_VALUES)
        of_home = rank[people.household]
        draw = np.where(follows, of_home, high32(own))
        ends = tables.education[people.age]
        education = (draw[:, None] >= ends).sum(axis=1)
        work = _tied(
            random_bits(self.stream("individuals", "employment"), people.number),
            np.where(follows, demography.place_within(draw, ends, education), of_home),
            of.employment_follows_income,
        )
        adult = people.age >= ADULT
        # Children go to school; one in eight of those aged 17 has finished it.
        education = np.where(
            adult, education, (people.age == 17) & (lane(own, 1) < LANE_VALUES // 8)
        )
        employment = (work[:, None] >= tables.employment[people.age, education]).sum(axis=1)
        employment = np.where(adult, employment, np.where(people.age >= WORKING_AGE, 5, -1))
        streams = IncomeStreams(
            household=self.stream("households", "amount"),
            person=self.stream("individuals", "income"),
            part=self.stream("individuals", "part"),
        )
        income = individual_incomes(
            streams, homes, people, self.brackets(homes), education, employment, of.income_spread
        )
        return Demographics(members.genders(self.config, people), education, employment, income)

    def brackets(self, homes: Households) -> Ints:
        """The income bracket of each household, an index into ``terms.INCOME_BRACKETS``.

        Args:
            homes: The households.
        """
        rank = high32(random_bits(self.stream("households", "income"), homes.number))
        shares = self.config.household_config.income_brackets
        ends = cdf_thresholds(_shares(shares, terms.INCOME_BRACKETS))
        brackets: Ints = np.searchsorted(ends, rank, side="right")
        return brackets

    def activity_rates(self, people: People) -> Ints:
        """Engagements of each person in a period, in thousandths.

        Args:
            people: The people.
        """
        bits = random_bits(self.stream("individuals", "level"), people.number)
        rates: Ints = self._activity_quantiles[lane(bits, 0)]
        return rates

    @cached_property
    def _activity_quantiles(self) -> Ints:
        return activity_quantiles(self.config)

    def preferred_categories(self, people: People) -> Small:
        """The preferred category of each person, an index into ``terms.CATEGORIES``.

        Args:
            people: The people.

        Returns:
            The indices; the number of categories for people who prefer none.
        """
        bits = random_bits(self.stream("individuals", "taste"), people.number)
        return categorical_u16(bits, self.preference_shares)

    @cached_property
    def category_shares(self) -> tuple[float, ...]:
        """Declared share of events of each category."""
        return _shares(self.config.engagement_config.content_categories, terms.CATEGORIES)

    @cached_property
    def preference_shares(self) -> tuple[float, ...]:
        """Share of people who prefer each category; last, of those who prefer none."""
        return (*(share * (1 - CASUAL_SHARE) for share in self.category_shares), CASUAL_SHARE)

    @cached_property
    def segment_of_preference(self) -> Small:
        """The segment of each preferred category, an index into ``terms.SEGMENTS``.

        Casual users where the segment is not configured, and for people who prefer no category.
        """
        used = self.config.audience_config.segments
        return np.array(
            [terms.SEGMENTS.index(s if s in used else terms.CASUAL) for s in terms.SEGMENTS],
            dtype=np.uint8,
        )

    @cached_property
    def places(self) -> gazetteer.Places:
        """The ZIP codes that households live in."""
        of = self.config.household_config
        shares = of.location_distribution
        return gazetteer.places(tuple(shares.items()) if shares else None, of.zip_code_spread)


def _tied(bits: Words, rank: Ints, share: float) -> Ints:
    """Draws of 32 bits, of some people high where the rank is low: who earns most comes first."""
    tied = lane(bits, 0) < round(share * LANE_VALUES)
    return np.where(tied, 2**32 - 1 - rank, high32(bits))


def soon(draw: Ints) -> Ints:
    """Squares of draws of 32 bits, again of 32 bits: most are small.

    Args:
        draw: The draws.
    """
    return ((draw >> 1) ** 2) >> 30


@cache
def open_model(config: IdentityGraphScenario) -> Model:
    """The model of a configuration, created once per process.

    Args:
        config: The configuration.
    """
    return Model(config)


def _shares(given: dict[str, float], names: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(given.get(name, 0.0) for name in names)
