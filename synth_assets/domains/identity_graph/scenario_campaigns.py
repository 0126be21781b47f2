"""Settings of campaigns: their number and flights, exposures, responses and conversions."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from synth_assets.core.scenario import EXTENT
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.scenario_fields import (
    Part,
    some_of,
)


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
    channels: Annotated[list[str], some_of(*terms.CHANNELS)] = Field(
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
