"""The identity graph's tables and scenario."""

from __future__ import annotations

from synth_assets.core.model import Domain, Reader
from synth_assets.core.scenario import Extent
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.tables import (
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
    """The identity graph with the scenario that the environment sets."""
    return domain_of(IdentityGraphScenario.from_environment(DOMAIN))


def domain_of(scenario: IdentityGraphScenario) -> Domain:
    """The identity graph of a scenario.

    Args:
        scenario: The scenario.
    """
    tables = [
        *(module.table(scenario) for module in PEOPLE),
        campaigns.table(scenario),
        *(module.table(scenario) for module in MARKETING),
    ]
    return Domain(
        name=DOMAIN,
        doc="Households, people, devices, content and campaigns, linked from exposure to outcome.",
        owners=["team:identity-graph"],
        scenario=scenario,
        sample={"household_config": {"num_households": 2_000}},
        tables=tables,
        stored_extents=stored_extents,
    )


def stored_extents(domain: Domain, reader: Reader) -> dict[str, Extent]:
    """The stored numbers of households and campaigns, and the end of the stored events.

    The end is that of ``audience_attributes``; exposures are all in the first period.

    Args:
        domain: The identity graph.
        reader: Reads the stored tables.

    Returns:
        The extents that are known, by name.
    """
    found: dict[str, Extent] = {
        f"num_{name}": sum(stats.rows for stats in reader.describe(domain.table(name)).values())
        for name in ("households", "campaigns")
    }
    audience = domain.table("audience_attributes")
    for key in reader.describe(audience):
        rows = reader.scan(audience, [key]).select("computed_at").head(1).collect().to_series()
        if len(rows):
            end = rows[0].date().isoformat()
            found["end_date"] = max(end, str(found.get("end_date", "")))
    return found
