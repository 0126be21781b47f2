"""An identity graph: households, people, devices, content and campaigns, in ten linked tables.

``config`` says what may be set. ``world`` is who lives where and what drives them, ``demography``
how ages and attributes agree, ``timing`` when things happen, ``reach`` whom campaigns reach, and
``audience`` what the stored engagements say; each further module is one table.
"""

from __future__ import annotations

from dataclasses import replace

from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Sharded
from synth_assets.domains.identity_graph import (
    audience_attributes,
    campaign_exposures,
    campaigns,
    content_engagements,
    households,
    identity_mappings,
    individuals,
    outcome_metrics,
    response_events,
    viewership_patterns,
)
from synth_assets.domains.identity_graph.checks import RULES
from synth_assets.domains.identity_graph.config import GenerationConfig
from synth_assets.domains.identity_graph.layout import DOMAIN

PEOPLE = (
    households,
    individuals,
    identity_mappings,
    content_engagements,
    viewership_patterns,
    audience_attributes,
)
MARKETING = (campaign_exposures, response_events, outcome_metrics)


def domain() -> Domain:
    """The identity graph, its settings and number of shards as the environment has them."""
    return domain_of(GenerationConfig.from_environment(DOMAIN))


def domain_of(scenario: GenerationConfig) -> Domain:
    """The identity graph of a configuration."""
    partitioning = Sharded(scenario.shards)
    tables = [
        *(module.table(partitioning) for module in PEOPLE),
        campaigns.table(),
        *(module.table(partitioning) for module in MARKETING),
    ]
    return Domain(
        name=DOMAIN,
        doc="Households, people, devices, content and campaigns, linked from exposure to outcome.",
        owners=["team:identity-graph"],
        scenario=scenario,
        # Checks look at several tables, so they are told of in a module of their own.
        tables=[replace(table, checks=RULES[table.name]()) for table in tables],
    )
