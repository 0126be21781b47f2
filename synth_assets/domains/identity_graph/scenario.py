"""The settings of the identity graph, validated together.

The parts are in ``scenario_population``, ``scenario_engagement`` and ``scenario_campaigns``; what
they must agree on is here. A whole configuration of the pipeline, which also says where tables are
stored, is in ``generation_config``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from synth_assets.core.partitioning import Sharded
from synth_assets.core.scenario import EXTENT, LAYOUT, Extent, Scenario
from synth_assets.domains.identity_graph.demography import tables
from synth_assets.domains.identity_graph.scenario_campaigns import CampaignConfig
from synth_assets.domains.identity_graph.scenario_engagement import AudienceConfig, EngagementConfig
from synth_assets.domains.identity_graph.scenario_population import (
    DemographicsConfig,
    HouseholdConfig,
)

DOMAIN = "identity_graph"
LAST_END = date(2100, 1, 1)
# Periods in which events are numbered, at most.
MOST_PERIODS = 255


class IdentityGraphScenario(Scenario):
    """Everything that decides the tables of the identity graph."""

    replaced: ClassVar[Mapping[str, str]] = {
        "catalog_name": "name it in the file of `synth identity-graph --config`",
        "schema_name": "name it in the file of `synth identity-graph --config`",
        "incremental": "use `synth identity-graph --append`",
    }

    seed: int = Field(
        default=42, ge=0, le=2_147_483_647, description="Seed of every draw; same seed, same data."
    )
    start_date: date = Field(
        default=date(2025, 1, 1),
        ge=date(1980, 1, 1),
        le=LAST_END,
        description="First day of events.",
    )
    end_date: date | None = Field(
        default=None,
        le=LAST_END,
        json_schema_extra=EXTENT.extra,
        description="The day after the last of events; `time_period_days` after the first without. "
        "A later one only appends.",
    )
    shards: int = Field(
        default=8,
        ge=1,
        le=4096,
        json_schema_extra=LAYOUT.extra,
        description="Shards of every table of households; the data are the same for any number.",
    )
    household_config: HouseholdConfig = Field(
        default=HouseholdConfig(), description="How many households, where, how large, how rich."
    )
    demographics_config: DemographicsConfig = Field(
        default=DemographicsConfig(), description="Who the individuals are."
    )
    engagement_config: EngagementConfig = Field(
        default=EngagementConfig(), description="What they do with content, and when."
    )
    audience_config: AudienceConfig = Field(
        default=AudienceConfig(), description="How they are put into segments and classes."
    )
    campaign_config: CampaignConfig = Field(
        default=CampaignConfig(), description="Campaigns, whom they reach and what comes of it."
    )

    @field_validator(
        "household_config",
        "demographics_config",
        "engagement_config",
        "audience_config",
        "campaign_config",
        mode="before",
    )
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        """The environment has a part as JSON."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"it must be JSON: {error}") from None

    @model_validator(mode="after")
    def _periods(self) -> Self:
        if self.end < self.base_end:
            raise ValueError(
                f"end_date {self.end} must not be before {self.base_end}, time_period_days after "
                f"start_date {self.start_date}"
            )
        if self.periods > MOST_PERIODS:
            raise ValueError(
                f"end_date {self.end} must be at most {MOST_PERIODS} times time_period_days after "
                f"start_date {self.start_date}"
            )
        return self

    @model_validator(mode="after")
    def _attainable(self) -> Self:
        """There are people of such ages, schooling and employment as declared."""
        tables(self.household_config, self.demographics_config)
        return self

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @property
    def partitioning(self) -> Sharded:
        """The partitioning of the tables."""
        return Sharded(self.shards)

    def extents(self) -> Mapping[str, Extent]:
        """Households and campaigns, and the day after the last of events."""
        return {
            "num_households": self.household_config.num_households,
            "end_date": self.end.isoformat(),
            "num_campaigns": self.campaign_config.num_campaigns,
        }

    @property
    def end(self) -> date:
        """The day after the last day of events."""
        return self.end_date or self.base_end

    @property
    def base_end(self) -> date:
        """The end of the first period, on which nothing that is appended depends."""
        return self.start_date + timedelta(days=self.engagement_config.time_period_days)

    @property
    def periods(self) -> int:
        """Periods of ``time_period_days`` that have begun by the end."""
        return -((self.start_date - self.end).days // self.engagement_config.time_period_days)
