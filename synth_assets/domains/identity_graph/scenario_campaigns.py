"""Settings of campaigns: their number and flights, exposures, responses and conversions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from synth_assets.core.scenario import EXTENT, share
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.scenario_fields import (
    Part,
    factors,
    some_of,
    weights,
)

# Exposures of a person to a campaign, at most.
MOST_CONTACTS = 15


class OrderedRange(Part):
    """A range with two ends, which the parts below give bounds and defaults."""

    min: float
    max: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min:g} must not be above max {self.max:g}")
        return self


class RateRange(OrderedRange):
    """Probability that an exposure brings a response."""

    # Click-through rates of display and social advertisements are 0.5% and 0.9% (WordStream, Google
    # Ads Benchmarks, 2018, and Facebook Ads Benchmarks, 2017); channels multiply this by their
    # factors.
    min: float = share(0.004, "At campaigns that do worst.", 0.5)
    max: float = share(0.014, "At campaigns that do best.", 0.5)


class CampaignDays(OrderedRange):
    """How long campaigns run."""

    min: int = Field(default=14, ge=7, le=90, description="Days at least.")
    max: int = Field(default=60, ge=7, le=90, description="Days at most.")


class ValueRange(OrderedRange):
    """What a conversion is worth."""

    min: float = Field(default=10, ge=0.01, le=10_000, description="US dollars at least.")
    max: float = Field(default=500, ge=0.01, le=10_000, description="US dollars at most.")


class Frequency(Part):
    """How often those who see a campaign see it: a geometric distribution up to 15, or shares."""

    # About one contact a week and more over a flight of five (assumption; twenty brands had just
    # over three in 30 days: Thesis, What Is the Average Facebook Ad Frequency for DTC Brands?).
    mean: float = Field(default=6.0, ge=1.1, le=7.5, description="Mean of the distribution.")
    shares: Annotated[dict[str, float], weights(*map(str, range(1, MOST_CONTACTS + 1)))] | None = (
        Field(default=None, description="Share of people with each number; in place of the above.")
    )


class Budget(Part):
    """Budgets of campaigns that do not depend on what they spend: a normal distribution."""

    mean: float = Field(default=100_000, ge=10_000, le=500_000, description="Mean, US dollars.")
    std_dev: float = Field(default=50_000, ge=0, le=500_000, description="Standard deviation.")


class Pacing(OrderedRange):
    """What campaigns plan to spend, as a part of their budget."""

    min: float = Field(default=0.88, gt=0, le=2, description="At campaigns that leave most.")
    max: float = Field(default=0.98, gt=0, le=2, description="At campaigns that leave least.")


class CampaignConfig(Part):
    """Campaigns, whom they reach and what comes of it."""

    num_campaigns: int = Field(
        default=10,
        ge=1,
        le=1_000,
        json_schema_extra=EXTENT.extra,
        description="Campaigns; more only append.",
    )
    channels: Annotated[list[str], some_of(*terms.CHANNELS)] = Field(
        default=list(terms.CHANNELS), description="Channels in use."
    )
    email_needs_address: bool = Field(
        default=True,
        description="Whether mails go only to individuals with an `email_hash`; campaigns reach "
        "the others on their other channels, or not at all.",
    )
    reach_percentage: float = Field(
        default=0.4, gt=0, le=1, description="Share of a campaign's audience that sees it."
    )
    frequency: Frequency = Field(
        default=Frequency(), description="How often those who see a campaign see it."
    )
    planned_households: int = Field(
        default=10_000,
        ge=1_000,
        le=10_000_000,
        description="Households for which budgets are planned: those of the first run. Households "
        "that are added later cost more than was planned.",
    )
    pacing: Pacing = Field(
        default=Pacing(), description="What campaigns plan to spend, as a part of their budget."
    )
    budget: Budget | None = Field(
        default=None,
        description="Budgets that do not depend on what campaigns spend, in place of planned ones.",
    )
    response_rate_range: RateRange = Field(
        default=RateRange(), description="Probability of a response to an exposure, by campaign."
    )
    # Clicks: 2.6% of mails (Mailchimp, Email Marketing Benchmarks, 2019), 0.9% and 0.5% in social
    # and display advertisements (WordStream, see above); video and television an assumption.
    channel_response: Annotated[dict[str, float], factors(*terms.CHANNELS)] = Field(
        default={"email": 2.6, "social": 1.0, "display": 0.5, "video": 0.5, "ctv": 0.4},
        description="Factor of each channel on the probability of a response.",
    )
    conversion_rate: float = share(
        0.05,
        "Share of responses that are conversions; some come after the flight and are left out.",
    )
    conversion_value_range: ValueRange = Field(
        default=ValueRange(),
        description="What a conversion is worth; it decides the return on ad spend.",
    )
    # Orders in shops are skewed to the right; the range is nearly all of a lognormal distribution.
    conversion_values: Literal["lognormal", "uniform"] = Field(
        default="lognormal", description="How the values are distributed over the range."
    )
    # Those who click do so while they see the advertisement.
    click_minutes: float | None = Field(
        default=2.0,
        gt=0,
        le=60,
        description="Mean minutes from an exposure to a click; null for hours and days, as with "
        "the other responses.",
    )
    campaign_duration_days: CampaignDays = Field(
        default=CampaignDays(), description="How many days campaigns run."
    )
