"""The customer journey's tables, schedules and scenario."""

from __future__ import annotations

from synth_assets.core.model import Domain, Table
from synth_assets.core.schedule import ScheduleSpec
from synth_assets.domains.journey.ga4.public import copied_export
from synth_assets.domains.journey.scenario import DOMAIN, EMBEDDED, JourneyScenario
from synth_assets.domains.journey.tables import (
    daily_events,
    daily_events_intraday,
    events,
    extracts,
    journey_gaps,
    journey_overview,
    order_items,
    orders,
    purchases,
    reconciled,
    reconciliation_scores,
    signups,
    users,
)

BACKEND = (purchases, signups, users, orders, order_items, journey_gaps)


def _export(scenario: JourneyScenario) -> Table:
    table = events.table(scenario)
    return table if scenario.source == EMBEDDED else copied_export(table, scenario.source)


def domain() -> Domain:
    """The customer journey, with days and size from the environment."""
    scenario = JourneyScenario.from_environment(DOMAIN)
    daily = [_export(scenario), *(module.table(scenario) for module in BACKEND)]
    daily += extracts.tables(scenario)
    if scenario.tables_by_date:
        daily.append(daily_events.table(scenario, daily[0]))
    if scenario.intraday_until_hour is not None:
        daily.append(daily_events_intraday.table(scenario, daily[0]))
    return Domain(
        name=DOMAIN,
        doc="A web shop's customer journey: GA4 events meet the backend's orders.",
        owners=["team:journey"],
        scenario=scenario,
        tables=[
            *daily,
            reconciled.table(scenario),
            reconciliation_scores.table(scenario),
            journey_overview.table(scenario),
        ],
        schedules=[ScheduleSpec("daily", "20 4 * * *", [table.name for table in daily])],
        demo_keys=61,
    )
