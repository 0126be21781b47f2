"""The customer journey's tables, schedules and scenario."""

from __future__ import annotations

from synth_assets.core.model import Domain, ScheduleSpec, Table
from synth_assets.core.partitioning import Daily
from synth_assets.domains.journey.ga4.public import public
from synth_assets.domains.journey.scenario import EMBEDDED, JourneyScenario
from synth_assets.domains.journey.tables import events, order_items, orders, purchases, reconciled
from synth_assets.domains.journey.tables import extracts as ingested
from synth_assets.domains.journey.tables import journey_gaps as gaps
from synth_assets.domains.journey.tables import journey_overview as overview
from synth_assets.domains.journey.tables import reconciliation_scores as scores
from synth_assets.domains.journey.tables import users as customers

DOMAIN = "journey"
BACKEND = (purchases, customers, orders, order_items, gaps)


def _export(scenario: JourneyScenario, partitioning: Daily) -> Table:
    table = events.table(partitioning)
    return table if scenario.source == EMBEDDED else public(table, scenario.source)


def domain() -> Domain:
    """The customer journey, its days and size as the environment has them."""
    scenario = JourneyScenario.from_environment(DOMAIN)
    partitioning = Daily(scenario.start_date, scenario.end_date)
    daily = [_export(scenario, partitioning), *(module.table(partitioning) for module in BACKEND)]
    daily += ingested.tables(partitioning)
    return Domain(
        name=DOMAIN,
        doc="A web shop's customer journey: GA4 events meet the backend's orders.",
        owners=["team:journey"],
        scenario=scenario,
        tables=[*daily, reconciled.table(), scores.table(), overview.table()],
        schedules=[ScheduleSpec("daily", "20 4 * * *", [table.name for table in daily])],
        demo_keys=61,
    )
