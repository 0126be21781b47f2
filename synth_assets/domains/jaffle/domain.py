"""The jaffle shop's tables, schedules and scenario."""

from __future__ import annotations

from synth_assets.core.model import Domain
from synth_assets.core.schedule import ScheduleSpec
from synth_assets.domains.jaffle.ad_calendar import PLATFORMS, SOURCES
from synth_assets.domains.jaffle.scenario import DATASETS, DOMAIN, JaffleScenario
from synth_assets.domains.jaffle.tables import (
    ads,
    customers,
    orders,
    payments,
    sessions,
    signups,
    validation_anomalies,
)


def domain() -> Domain:
    """The jaffle domain, with start date and volumes from the environment."""
    scenario = JaffleScenario.from_environment(DOMAIN)
    tables = [
        module.table(scenario, dataset)
        for dataset in DATASETS
        for module in (customers, signups, orders, payments)
    ]
    tables += [ads.table(scenario, platform) for platform in PLATFORMS]
    tables += [
        sessions.table(scenario, platform, dataset) for dataset in DATASETS for platform in SOURCES
    ]
    tables.append(validation_anomalies.table(scenario))
    validation = [t.name for t in tables if t.tags["dataset"] == "validation"]
    return Domain(
        name=DOMAIN,
        doc="An online jaffle shop with daily data and marketing attribution.",
        owners=["team:jaffle"],
        scenario=scenario,
        tables=tables,
        schedules=[
            ScheduleSpec(
                "daily", "20 3 * * *", [t.name for t in tables if t.name not in validation]
            ),
            ScheduleSpec("weekly_validation", "40 3 * * 1", validation, days=7),
        ],
        demo_keys=60,
    )
