"""The parts of what may be set about the identity graph, each with its own bounds.

Weights over names must sum to one (0.99 to 1.01); names and fields that are not known are refused.
What several parts must agree on is in ``scenario``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from synth_assets.core.scenario import EXTENT
from synth_assets.domains.identity_graph import terms

LEAST_SUM, MOST_SUM = 0.99, 1.01


def _known(names: Sequence[str], given: Mapping[str, float]) -> None:
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ValueError(f"unknown name {unknown[0]!r}: known are {', '.join(names)}")
    wrong = [f"{name} = {share:g}" for name, share in given.items() if not 0 <= share <= 1]
    if wrong:
        raise ValueError(f"{wrong[0]}: every share must be between 0 and 1")


def _weights(*names: str) -> AfterValidator:
    """Shares over some of the names, which sum to one."""

    def check(given: dict[str, float]) -> dict[str, float]:
        _known(names, given)
        total = math.fsum(given.values())
        if not LEAST_SUM <= total <= MOST_SUM:
            raise ValueError(
                f"the shares sum to {total:g}; they must sum to 1 ({LEAST_SUM} to {MOST_SUM})"
            )
        # In one order, so that the order in which they were written changes nothing.
        return {name: given[name] for name in names if name in given}

    return AfterValidator(check)


def _probabilities(*names: str) -> AfterValidator:
    """A probability for some of the names; they need not sum to one."""

    def check(given: dict[str, float]) -> dict[str, float]:
        _known(names, given)
        if not any(given.values()):
            raise ValueError("at least one probability must be above 0")
        return {name: given.get(name, 0.0) for name in names}

    return AfterValidator(check)


def _some(*names: str) -> AfterValidator:
    """Some of the names, each once."""

    def check(given: list[str]) -> list[str]:
        unknown = [name for name in given if name not in names]
        if unknown:
            raise ValueError(f"unknown name {unknown[0]!r}: known are {', '.join(names)}")
        if not given:
            raise ValueError(f"at least one must be named of {', '.join(names)}")
        return [name for name in names if name in given]

    return AfterValidator(check)


class Part(BaseModel):
    """Base of the parts: nothing is set but what is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


class SizeDistribution(Part):
    """Members of a household: a normal distribution, rounded and cut to 1 to 10, or shares."""

    mean: float = Field(default=2.5, ge=1, le=6, description="Mean of the normal distribution.")
    std_dev: float = Field(default=1.2, ge=0.5, le=2, description="Its standard deviation.")
    shares: Annotated[dict[str, float], _weights(*map(str, range(1, 11)))] | None = Field(
        default=None,
        description="Share of households of each size, 1 to 10; in place of the above.",
    )


class HouseholdConfig(Part):
    """How many households there are, where, how large and how rich."""

    num_households: int = Field(
        default=10_000,
        ge=1_000,
        le=10_000_000,
        json_schema_extra=EXTENT.extra,
        description="Households (1,000 to 10,000,000); more only append.",
    )
    income_brackets: Annotated[dict[str, float], _weights(*terms.INCOME_BRACKETS)] = Field(
        default={"<30K": 0.20, "30-60K": 0.30, "60-100K": 0.25, "100-150K": 0.15, "150K+": 0.10},
        description="Share of households in each income bracket.",
    )
    size_distribution: SizeDistribution = Field(
        default=SizeDistribution(), description="How many members households have."
    )
    location_distribution: Annotated[dict[str, float], _weights(*terms.STATES)] | None = Field(
        default=None, description="Share of households in each state; by population without."
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
        dict[str, float], _probabilities(*terms.IDENTIFIERS)
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

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        covered = math.fsum(self.identifier_type_distribution.values())
        wanted = self.identifiers_per_person
        if wanted is not None and not covered <= wanted.mean <= 8 * covered:
            raise ValueError(
                f"identifiers_per_person.mean {wanted.mean:g} must be between {covered:g}, the sum "
                f"of the probabilities in identifier_type_distribution, and {8 * covered:g}, eight "
                "times that"
            )
        return self


class DemographicsConfig(Part):
    """Who the individuals are."""

    age_range: AgeRange = Field(default=AgeRange(), description="Ages of those who have rows.")
    gender_distribution: Annotated[dict[str, float], _weights(*terms.GENDERS)] = Field(
        default={"Male": 0.48, "Female": 0.48, "Non-Binary": 0.03, "Prefer not to say": 0.01},
        description="Share of individuals of each gender.",
    )
    education_distribution: Annotated[dict[str, float], _weights(*terms.EDUCATION)] = Field(
        default=dict(zip(terms.EDUCATION, (0.12, 0.28, 0.21, 0.06, 0.20, 0.10, 0.03), strict=True)),
        description="Share of adults with each level of education.",
    )
    employment_distribution: Annotated[dict[str, float], _weights(*terms.EMPLOYMENT)] = Field(
        default=dict(zip(terms.EMPLOYMENT, (0.55, 0.12, 0.08, 0.05, 0.15, 0.05), strict=True)),
        description="Share of adults in each kind of employment.",
    )
    identity_mappings: IdentityMappingConfig = Field(
        default=IdentityMappingConfig(), description="Which identifiers individuals have."
    )


class EventsPerPerson(Part):
    """Engagements of an individual in ``time_period_days``."""

    mean: float = Field(default=50, ge=1, le=1_000, description="Mean number.")
    std_dev: float = Field(
        default=20,
        ge=0,
        le=1_000,
        description="Standard deviation; of the normal distribution alone.",
    )
    distribution: Literal["normal", "power_law", "exponential"] = Field(
        default="power_law", description="How the number is distributed over individuals."
    )


class DurationRange(Part):
    """How long views last."""

    min: int = Field(default=10, ge=1, le=86_400, description="Seconds at least.")
    max: int = Field(default=3_600, ge=1, le=86_400, description="Seconds at most.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        return self


class EngagementConfig(Part):
    """What individuals do with content, and when."""

    time_period_days: int = Field(
        default=90,
        ge=7,
        le=730,
        description="Days in which an individual makes `events_per_person`.",
    )
    events_per_person: EventsPerPerson = Field(
        default=EventsPerPerson(), description="How many engagements an individual has."
    )
    event_types: Annotated[dict[str, float], _weights(*terms.EVENTS)] = Field(
        default=dict(zip(terms.EVENTS, (0.70, 0.20, 0.05, 0.04, 0.01), strict=True)),
        description="Share of each type of event.",
    )
    duration_range: DurationRange = Field(
        default=DurationRange(), description="How long views last, in seconds."
    )
    temporal_pattern: Literal["uniform", "daily", "weekly", "seasonal"] = Field(
        default="daily",
        description="When events happen; all but `uniform` have busy and quiet hours.",
    )
    content_categories: Annotated[dict[str, float], _weights(*terms.CATEGORIES)] = Field(
        default=dict(zip(terms.CATEGORIES, (0.25, 0.20, 0.20, 0.15, 0.10, 0.10), strict=False)),
        description="Share of events of each category.",
    )
    device_types: Annotated[dict[str, float], _weights(*terms.DEVICES)] = Field(
        default=dict(zip(terms.DEVICES, (0.50, 0.25, 0.10, 0.15), strict=True)),
        description="Share of sessions on each kind of device.",
    )


class BehavioralThresholds(Part):
    """Engagements a day from which on somebody is of a class; below all, churned."""

    heavy: float = Field(default=10, gt=0, le=10_000, description="Heavy from so many on.")
    moderate: float = Field(default=2, gt=0, le=10_000, description="Moderate from so many on.")
    light: float = Field(default=0.5, gt=0, le=10_000, description="Light from so many on.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.light < self.moderate < self.heavy:
            raise ValueError(
                f"light {self.light:g} must be below moderate {self.moderate:g}, and that below "
                f"heavy {self.heavy:g}"
            )
        return self


class AudienceConfig(Part):
    """How individuals are put into segments and classes."""

    segments: Annotated[list[str], _some(*terms.SEGMENTS)] = Field(
        default=list(terms.SEGMENTS),
        description="Segments in use; whose segment is not becomes a Casual User.",
    )
    affinity_threshold: float = Field(
        default=0.35,
        ge=0,
        le=1,
        description="Least share of engagements that makes a primary segment.",
    )
    behavioral_thresholds: BehavioralThresholds = Field(
        default=BehavioralThresholds(), description="Engagements a day of each class."
    )
    recency_weight: float = Field(
        default=0.3, ge=0, le=1, description="Weight of the last 30 days in the engagements a day."
    )
    frequency_weight: float = Field(
        default=0.7, ge=0, le=1, description="Weight of the whole period."
    )

    @field_validator("segments")
    @classmethod
    def _with_casual(cls, given: list[str]) -> list[str]:
        if terms.CASUAL not in given:
            raise ValueError(f"{terms.CASUAL!r} must be among them: some people like nothing best")
        return given

    @model_validator(mode="after")
    def _summing(self) -> Self:
        total = self.recency_weight + self.frequency_weight
        if not LEAST_SUM <= total <= MOST_SUM:
            raise ValueError(
                f"recency_weight and frequency_weight sum to {total:g}; they must sum to 1 "
                f"({LEAST_SUM} to {MOST_SUM})"
            )
        return self


class RateRange(Part):
    """Probability that an exposure brings a response."""

    min: float = Field(default=0.01, ge=0, le=0.5, description="At campaigns that do worst.")
    max: float = Field(default=0.10, ge=0, le=0.5, description="At campaigns that do best.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min:g} must not be above max {self.max:g}")
        return self


class CampaignDays(Part):
    """How long campaigns run."""

    min: int = Field(default=14, ge=7, le=90, description="Days at least.")
    max: int = Field(default=60, ge=7, le=90, description="Days at most.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} must not be above max {self.max}")
        return self


class ValueRange(Part):
    """What a conversion is worth."""

    min: float = Field(default=10, ge=0.01, le=10_000, description="US dollars at least.")
    max: float = Field(default=500, ge=0.01, le=10_000, description="US dollars at most.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min:g} must not be above max {self.max:g}")
        return self


class CampaignConfig(Part):
    """Campaigns, whom they reach and what comes of it."""

    num_campaigns: int = Field(
        default=10,
        ge=1,
        le=1_000,
        json_schema_extra=EXTENT.extra,
        description="Campaigns; more only append.",
    )
    channels: Annotated[list[str], _some(*terms.CHANNELS)] = Field(
        default=list(terms.CHANNELS), description="Channels in use."
    )
    reach_percentage: float = Field(
        default=0.3, gt=0, le=1, description="Share of a campaign's audience that sees it."
    )
    response_rate_range: RateRange = Field(
        default=RateRange(), description="Probability of a response to an exposure, by campaign."
    )
    conversion_rate: float = Field(
        default=0.05, ge=0, le=1, description="Share of responses that are conversions."
    )
    conversion_value_range: ValueRange = Field(
        default=ValueRange(),
        description="What a conversion is worth, evenly distributed; it decides the return on ad "
        "spend.",
    )
    campaign_duration_days: CampaignDays = Field(
        default=CampaignDays(), description="How many days campaigns run."
    )
