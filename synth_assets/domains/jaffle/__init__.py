"""The online jaffle shop: customers, orders, payments, marketing sessions and ads, day by day.

``shop`` holds the calendar that the tables share, ``scenario`` what may be set, ``ledger`` the
answer sheet of planted anomalies; each other module is one table (or its twins).
"""

from __future__ import annotations

from synth_assets.domains.jaffle import (
    ads,
    customers,
    ledger,
    orders,
    payments,
    sessions,
    signups,
)
from synth_assets.domains.jaffle.scenario import DATASETS, JaffleScenario
from synth_assets.domains.jaffle.shop import DOMAIN
from synth_assets.generation.domain import Domain, Timetable
from synth_assets.generation.slicing import Daily


def domain() -> Domain:
    """The jaffle domain, its start date and volumes as the environment has them."""
    scenario = JaffleScenario.from_environment(DOMAIN)
    slicing = Daily(scenario.start_date, scenario.end_date)
    tables = [
        module.table(dataset, slicing)
        for dataset in DATASETS
        for module in (customers, signups, orders, payments)
    ]
    tables += [ads.table(platform, slicing) for platform in ads.PLATFORMS]
    tables += [sessions.table(platform, slicing) for platform in sessions.SOURCES]
    tables.append(ledger.table(slicing))
    validation = [t.name for t in tables if t.tags["dataset"] == "validation"]
    return Domain(
        name=DOMAIN,
        doc="An online jaffle shop with daily data and marketing attribution.",
        owners=["team:jaffle"],
        scenario=scenario,
        tables=tables,
        timetables=[
            Timetable("daily", "20 3 * * *", [t.name for t in tables if t.name not in validation]),
            Timetable("weekly_validation", "40 3 * * 1", validation, days=7),
        ],
        demo_keys=60,
    )
