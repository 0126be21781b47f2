"""Settings of the population: households, ages and attributes, and identifiers."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from synth_assets.core.scenario import EXTENT, share
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.scenario_fields import (
    Part,
    factors,
    probabilities,
    weights,
)

# Groups of ages; the last one is open.
OPEN_GROUP = "85+"
AGE_GROUPS = (*(f"{low}-{low + 4}" for low in range(0, 85, 5)), OPEN_GROUP)
# Population of the United States in thousandths (Census Bureau, Vintage 2023 estimates, rounded).
UNITED_STATES = (
    0.056, 0.060, 0.064, 0.066, 0.066, 0.066, 0.070, 0.068, 0.065, 0.059, 0.062, 0.062, 0.063,
    0.056, 0.046, 0.034, 0.020, 0.017,
)  # fmt: skip


class SizeDistribution(Part):
    """Members of a household: a normal distribution, rounded and limited to 1 to 10, or shares."""

    mean: float = Field(default=2.5, ge=1, le=6, description="Mean of the normal distribution.")
    std_dev: float = Field(default=1.2, ge=0.5, le=2, description="Its standard deviation.")
    shares: Annotated[dict[str, float], weights(*map(str, range(1, 11)))] | None = Field(
        default=None,
        description="Share of households of each size, 1 to 10; in place of the above.",
    )


class CoupleShares(Part):
    """Share of households with two adults or more that a couple leads."""

    # With the single parents among households of one adult: 70% of children in the United States
    # live with two parents (Forum on Child and Family Statistics, America's Children, 2022).
    with_children: float = share(0.86, "Of households with minor children.")
    childless: float = share(0.75, "Of the other households.")


class HouseholdConfig(Part):
    """How many households there are, where, how large and how rich."""

    num_households: int = Field(
        default=10_000,
        ge=1_000,
        le=10_000_000,
        json_schema_extra=EXTENT.extra,
        description="Households (1,000 to 10,000,000); more only append.",
    )
    income_brackets: Annotated[dict[str, float], weights(*terms.INCOME_BRACKETS)] = Field(
        default={"<30K": 0.20, "30-60K": 0.30, "60-100K": 0.25, "100-150K": 0.15, "150K+": 0.10},
        description="Share of households in each income bracket.",
    )
    size_distribution: SizeDistribution = Field(
        default=SizeDistribution(), description="How many members households have."
    )
    location_distribution: Annotated[dict[str, float], weights(*terms.STATES)] | None = Field(
        default=None, description="Share of households in each state; by population without."
    )
    couple_shares: CoupleShares = Field(
        default=CoupleShares(), description="How many households a couple leads."
    )
    # Assumption about the ZIP code tabulation areas of large cities.
    zip_code_spread: float = Field(
        default=0.6,
        ge=0,
        le=2,
        description="How much the ZIP codes of a city differ in population: standard deviation of "
        "the logarithm.",
    )


class AgeRange(Part):
    """Ages of the individuals who have rows."""

    min: int = Field(
        default=18, ge=0, le=100, description="Youngest; below 18 children have rows, too."
    )
    max: int = Field(default=100, ge=0, le=100, description="Oldest.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        if self.max < 18:
            raise ValueError(f"max {self.max} must be at least 18: every household has an adult")
        return self


class IdentifiersPerPerson(Part):
    """Identifiers that an individual has."""

    mean: float = Field(default=4, ge=2, le=15, description="Mean number, of all types together.")


class IdentityMappingConfig(Part):
    """Which identifiers individuals have."""

    identifier_type_distribution: Annotated[
        dict[str, float], probabilities(*terms.IDENTIFIERS)
    ] = Field(
        default={
            "email_hash": 0.6, "cookie_id": 0.9, "mobile_ad_id": 0.8, "device_id": 0.7,
            "ctv_id": 0.4, "hashed_phone": 0.3,
        },
        description="Probability that an individual has an identifier of each type.",
    )  # fmt: skip
    identifiers_per_person: IdentifiersPerPerson | None = Field(
        default=None,
        description="Mean number of identifiers; those who have a type then have several of it. "
        "Without, the number follows from the probabilities alone.",
    )

    # Browsers delete cookies (Safari those of scripts after seven days), people do after months;
    # devices are replaced after about three years, addresses and numbers stay.
    lifetime_days: Annotated[dict[str, float], factors(*terms.IDENTIFIERS, most=3_650)] = Field(
        default={
            "email_hash": 730.0, "cookie_id": 120.0, "mobile_ad_id": 540.0, "device_id": 540.0,
            "ctv_id": 730.0, "hashed_phone": 730.0,
        },
        description="Days before the first day of events in which identifiers are first seen, at "
        "most; not before the individual was recorded.",
    )  # fmt: skip
    # Share of iOS among phones in the United States (StatCounter Global Stats, 2025: 58%).
    ios_share: float = share(0.57, "Share of individuals with a phone of Apple.")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        covered = math.fsum(self.identifier_type_distribution.values())
        requested = self.identifiers_per_person
        if requested is not None and not covered <= requested.mean <= 8 * covered:
            raise ValueError(
                f"identifiers_per_person.mean {requested.mean:g} must be between {covered:g}, the "
                f"sum of the probabilities in identifier_type_distribution, and {8 * covered:g}, "
                "eight times that"
            )
        return self


class DemographicsConfig(Part):
    """Who the individuals are."""

    age_range: AgeRange = Field(default=AgeRange(), description="Ages of those who have rows.")
    age_groups: Annotated[dict[str, float], weights(*AGE_GROUPS)] | None = Field(
        default=dict(zip(AGE_GROUPS, UNITED_STATES, strict=True)),
        description="Share of the population of each age group. Adults and children each follow "
        "them as far as households allow; null for ages that are merely plausible.",
    )
    # Same-sex couples: 1.2 million households, about 1.7% of those of couples (American
    # Community Survey 2021).
    same_sex_couples: float = share(0.017, "Share of couples of one gender.")
    gender_distribution: Annotated[dict[str, float], weights(*terms.GENDERS)] = Field(
        default={"Male": 0.48, "Female": 0.48, "Non-Binary": 0.03, "Prefer not to say": 0.01},
        description="Share of individuals of each gender.",
    )
    education_distribution: Annotated[dict[str, float], weights(*terms.EDUCATION)] = Field(
        default=dict(zip(terms.EDUCATION, (0.12, 0.28, 0.21, 0.06, 0.20, 0.10, 0.03), strict=True)),
        description="Share of adults with each level of education.",
    )
    employment_distribution: Annotated[dict[str, float], weights(*terms.EMPLOYMENT)] = Field(
        default=dict(zip(terms.EMPLOYMENT, (0.55, 0.12, 0.08, 0.05, 0.15, 0.05), strict=True)),
        description="Share of adults in each kind of employment.",
    )
    # Residual standard deviation of log earnings given schooling and employment (Lemieux, 2006,
    # Increasing Residual Wage Inequality: about 0.5).
    income_spread: float = Field(
        default=0.5,
        ge=0,
        le=2,
        description="How much incomes differ between people of one education and employment: "
        "standard deviation of the logarithm.",
    )
    # Households of the lowest fifth have 0.4 earners on average, those of the highest 2.0 (Census
    # Bureau, CPS Annual Social and Economic Supplement, table HINC-05, 2019).
    employment_follows_income: float = share(
        0.7, "Individuals whose employment follows the household's income."
    )
    identity_mappings: IdentityMappingConfig = Field(
        default=IdentityMappingConfig(), description="Which identifiers individuals have."
    )
