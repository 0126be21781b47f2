"""Settings of engagements, and of the segments and classes that follow from them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from synth_assets.core.scenario import share
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.scenario_fields import (
    LEAST_SUM,
    MOST_SUM,
    Part,
    factors,
    seven_weights,
    some_of,
    weights,
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
    # Numbers of actions of people have exponents of the survival function from 1 to 2 (Clauset,
    # Shalizi and Newman, 2009, Power-Law Distributions in Empirical Data).
    tail_exponent: float = Field(
        default=2.0,
        gt=1,
        le=10,
        description="Exponent of the power law: the share of individuals with more than n falls as "
        "n to minus this.",
    )
    most_per_day: float = Field(
        default=100.0, gt=0, le=2_000, description="Engagements a day of the busiest individuals."
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


class ViewDuration(Part):
    """How the duration of views is distributed within ``duration_range``."""

    distribution: Literal["weibull", "square"] = Field(
        default="weibull",
        description="A Weibull distribution, or the square of a uniform one on every device.",
    )
    # Dwell times on pages have shapes below 1: those who leave soon leave at once (Liu, White and
    # Dumais, 2010, Understanding Web Browsing Behaviors through Weibull Analysis of Dwell Time).
    shape: float = Field(default=0.7, gt=0, le=5, description="Shape of the Weibull one.")
    # About a minute on a page, and half an episode on a television set (assumption).
    scale_seconds: Annotated[dict[str, float], factors(*terms.DEVICES, most=86_400)] = Field(
        default={"mobile": 60.0, "desktop": 75.0, "tablet": 110.0, "ctv": 900.0},
        description="Scale of the Weibull distribution in seconds, by device.",
    )


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
    event_types: Annotated[dict[str, float], weights(*terms.EVENTS)] = Field(
        default=dict(zip(terms.EVENTS, (0.70, 0.20, 0.05, 0.04, 0.01), strict=True)),
        description="Share of each type of event.",
    )
    duration_range: DurationRange = Field(
        default=DurationRange(), description="How long views last, in seconds."
    )
    view_duration: ViewDuration = Field(
        default=ViewDuration(), description="How durations of views are distributed."
    )
    # About the subscriptions cancelled in three months: 5.5% of premium streaming in a month
    # (Antenna, Why Subscriber Tenure Matters, 2024, for December 2023).
    break_share: float = share(
        0.15,
        "Share of individuals who are away around the turn of a period: they leave at "
        "some time of the one and return, or begin, at some time of the next.",
        0.5,
    )
    temporal_pattern: Literal["uniform", "daily", "weekly", "seasonal"] = Field(
        default="daily",
        description="When events happen; all but `uniform` have busy and quiet hours.",
    )
    # Leisure is longer at weekends (American Time Use Survey 2014: television 29% longer);
    # reading at work is not.
    weekday_weights: Annotated[list[float], seven_weights()] = Field(
        default=[0.97, 0.96, 0.96, 0.97, 0.97, 1.07, 1.10],
        description="Weight of each day of the week, Monday first, in the patterns `daily` and "
        "`seasonal`; `weekly` has 40% at weekends, and `uniform` none.",
    )
    # Requests of pages follow Zipf's law with exponents of 0.64 to 0.83 (Breslau and others, 1999,
    # Web Caching and Zipf-like Distributions).
    popularity_exponent: float = Field(
        default=0.8,
        ge=0,
        le=3,
        description="Exponent of the popularity of content: 0 for pieces that are all alike.",
    )
    content_categories: Annotated[dict[str, float], weights(*terms.CATEGORIES)] = Field(
        default=dict(zip(terms.CATEGORIES, (0.25, 0.20, 0.20, 0.15, 0.10, 0.10), strict=False)),
        description="Share of events of each category.",
    )
    device_types: Annotated[dict[str, float], weights(*terms.DEVICES)] = Field(
        default=dict(zip(terms.DEVICES, (0.50, 0.25, 0.10, 0.15), strict=True)),
        description="Share of sessions on each kind of device.",
    )


class BehavioralThresholds(Part):
    """Least engagements per day of each behavioral class."""

    heavy: float = Field(default=10, gt=0, le=10_000, description="Heavy from so many on.")
    moderate: float = Field(default=2, gt=0, le=10_000, description="Moderate from so many on.")
    light: float = Field(
        default=0.5,
        gt=0,
        le=10_000,
        description="Light from so many on, where `churned_after_days` is null; else all others.",
    )

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

    segments: Annotated[list[str], some_of(*terms.SEGMENTS)] = Field(
        default=list(terms.SEGMENTS),
        description="Segments in use; whose segment is not becomes a Casual User.",
    )
    affinity_threshold: float = share(
        0.35, "Least share of engagements that makes a primary segment."
    )
    behavioral_thresholds: BehavioralThresholds = Field(
        default=BehavioralThresholds(), description="Engagements a day of each class."
    )
    churned_after_days: int | None = Field(
        default=30,
        ge=1,
        le=365,
        description="Churned are those without an engagement in so many days before the end; null "
        "for classes by engagements a day alone, in which Churned are those below `light`.",
    )
    recency_weight: float = share(0.3, "Weight of the last 30 days in the engagements a day.")
    frequency_weight: float = share(0.7, "Weight of the whole period.")

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
