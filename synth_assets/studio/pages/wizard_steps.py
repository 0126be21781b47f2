"""The steps of the wizard: which fields of the configuration are together, and in which order.

Every field is in exactly one group, which a test holds: a group names fields, or parts with all of
their fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synth_assets.studio.forms.fields import Field


@dataclass(frozen=True)
class Group:
    """Fields that are shown together.

    Attributes:
        title: What they decide.
        names: Names of fields, or of parts.
        folded: Whether they are folded, because most people leave them as they are.
    """

    title: str
    names: tuple[str, ...]
    folded: bool = False


@dataclass(frozen=True)
class Step:
    """A step of the wizard.

    Attributes:
        title: Its title.
        groups: Its fields.
        plots: Tables and columns with the distributions that it decides.
    """

    title: str
    groups: tuple[Group, ...]
    plots: tuple[tuple[str, str], ...] = ()

    def fields(self, fields: Sequence[Field]) -> list[Field]:
        """The fields of the step.

        Args:
            fields: All fields.
        """
        return [field for group in self.groups for field in fields_in(group, fields)]


def fields_in(group: Group, fields: Sequence[Field]) -> list[Field]:
    """The fields of a group, in the order in which it names them.

    Args:
        group: The group.
        fields: All fields.
    """
    return [
        field
        for name in group.names
        for field in fields
        if field.name == name or field.name.startswith(f"{name}.")
    ]


def _in(part: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{part}.{name}" for name in names)


HOUSEHOLDS, PEOPLE = "household_config", "demographics_config"
ENGAGEMENT, AUDIENCE, CAMPAIGNS = "engagement_config", "audience_config", "campaign_config"
STEPS = (
    Step(
        "Households",
        (
            Group("How many", _in(HOUSEHOLDS, "num_households")),
            Group("Income", _in(HOUSEHOLDS, "income_brackets")),
            Group("Size", _in(HOUSEHOLDS, "size_distribution", "couple_shares")),
            Group("Place", _in(HOUSEHOLDS, "location_distribution", "zip_code_spread"), True),
        ),
        (
            ("households", "household_size"),
            ("households", "income_bracket"),
            ("households", "location_state"),
            ("households", "housing_type"),
        ),
    ),
    Step(
        "Demographics",
        (
            Group("Age and gender", _in(PEOPLE, "age_range", "gender_distribution")),
            Group("Education", _in(PEOPLE, "education_distribution")),
            Group("Employment", _in(PEOPLE, "employment_distribution")),
            Group("Identifiers", _in(PEOPLE, "identity_mappings")),
            Group("Age groups", _in(PEOPLE, "age_groups", "same_sex_couples"), True),
            Group("Income", _in(PEOPLE, "income_spread", "employment_follows_income"), True),
        ),
        (
            ("individuals", "age"),
            ("individuals", "gender"),
            ("individuals", "education_level"),
            ("individuals", "employment_status"),
            ("identity_mappings", "identifier_type"),
        ),
    ),
    Step(
        "Engagement",
        (
            Group("How much", _in(ENGAGEMENT, "time_period_days", "events_per_person")),
            Group("Types of events", _in(ENGAGEMENT, "event_types")),
            Group("Content", _in(ENGAGEMENT, "content_categories", "popularity_exponent")),
            Group("Devices", _in(ENGAGEMENT, "device_types")),
            Group("When", _in(ENGAGEMENT, "temporal_pattern", "weekday_weights", "break_share")),
            Group("How long", _in(ENGAGEMENT, "duration_range", "view_duration"), True),
        ),
        (
            ("content_engagements", "engagement_type"),
            ("content_engagements", "content_category"),
            ("content_engagements", "device_type"),
            ("content_engagements", "timestamp"),
        ),
    ),
    Step(
        "Audience",
        (
            Group("Segments", _in(AUDIENCE, "segments", "affinity_threshold")),
            Group("Classes", _in(AUDIENCE, "behavioral_thresholds", "churned_after_days")),
            Group("Weights", _in(AUDIENCE, "recency_weight", "frequency_weight"), True),
        ),
        (
            ("audience_attributes", "segment_primary"),
            ("audience_attributes", "behavioral_classification"),
        ),
    ),
    Step(
        "Campaigns",
        (
            Group("How many", _in(CAMPAIGNS, "num_campaigns", "campaign_duration_days")),
            Group("Channels", _in(CAMPAIGNS, "channels", "email_needs_address")),
            Group("Reach", _in(CAMPAIGNS, "reach_percentage", "frequency")),
            Group("Budget", _in(CAMPAIGNS, "planned_households", "pacing", "budget")),
        ),
        (("campaign_exposures", "channel"), ("campaign_exposures", "frequency")),
    ),
    Step(
        "Responses",
        (
            Group("Responses", _in(CAMPAIGNS, "response_rate_range", "channel_response")),
            Group(
                "Conversions",
                _in(
                    CAMPAIGNS, "conversion_rate", "conversion_value_range", "conversion_values",
                    "click_minutes",
                ),
            ),
        ),
        (("response_events", "response_type"), ("outcome_metrics", "conversion_status")),
    ),
    Step(
        "Review",
        (
            Group("Run", ("seed", "start_date", "end_date", "incremental")),
            Group("Destination", ("catalog_name", "schema_name", "shards")),
        ),
    ),
)  # fmt: skip
