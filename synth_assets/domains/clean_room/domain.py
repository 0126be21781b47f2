"""The clean room's tables, schedules and scenario."""

from __future__ import annotations

from synth_assets.core.model import Domain, Table
from synth_assets.domains.clean_room.account_tier import bigquery_tables
from synth_assets.domains.clean_room.hashing import hashed
from synth_assets.domains.clean_room.scenario import DOMAIN, LOOK_ALIKE, CleanRoomScenario
from synth_assets.domains.clean_room.source.public import public
from synth_assets.domains.clean_room.tables import account_tier_predictions as predictions_table
from synth_assets.domains.clean_room.tables import account_tier_predictor as predictor_table
from synth_assets.domains.clean_room.tables import (
    customer_segmentation,
    provider_users,
    transaction_verification,
    transactions,
    trust_analysis,
    user_enrichment,
)
from synth_assets.domains.clean_room.tables import order_items as snapshot_items
from synth_assets.domains.clean_room.tables import orders as snapshot_orders
from synth_assets.domains.clean_room.tables import (
    thelook_distribution_centers as distribution_centers,
)
from synth_assets.domains.clean_room.tables import thelook_events as events
from synth_assets.domains.clean_room.tables import thelook_inventory_items as inventory_items
from synth_assets.domains.clean_room.tables import thelook_order_items as order_items
from synth_assets.domains.clean_room.tables import thelook_orders as orders
from synth_assets.domains.clean_room.tables import thelook_products as products
from synth_assets.domains.clean_room.tables import thelook_users as users
from synth_assets.domains.clean_room.tables import users as snapshot_users
from synth_assets.domains.clean_room.use_cases import private_counts
from synth_assets.domains.clean_room.use_cases.budgets import with_budget

SOURCE = (distribution_centers, products, users, orders, inventory_items, order_items, events)
MERCHANT = (snapshot_users, snapshot_orders, snapshot_items)
PROVIDER = (provider_users, transactions)
WITH_EMAILS = (snapshot_users.NAME, provider_users.NAME)
USE_CASES = (transaction_verification, customer_segmentation, trust_analysis, user_enrichment)
# What the parties share with each other.
SHARED = [*(module.USE_CASE for module in USE_CASES), private_counts.USE_CASE]


def _source(scenario: CleanRoomScenario) -> list[Table]:
    tables = [module.table(scenario) for module in SOURCE]
    if scenario.source == LOOK_ALIKE:
        return tables
    return [public(table, scenario.source) for table in tables]


def _shared(scenario: CleanRoomScenario) -> list[Table]:
    tables = [module.table(scenario) for module in MERCHANT]
    tables += [module.table(scenario) for module in PROVIDER]
    tables += _model(scenario)
    tables = [with_budget(table, SHARED) for table in tables]
    if not scenario.hash_emails:
        return tables
    return [hashed(table) if table.name in WITH_EMAILS else table for table in tables]


def _model(scenario: CleanRoomScenario) -> list[Table]:
    if scenario.model_on == "bigquery":
        return [bigquery_tables.predictor(scenario), bigquery_tables.predictions(scenario)]
    return [predictor_table.table(scenario), predictions_table.table(scenario)]


def domain() -> Domain:
    """The clean room, its size and settings as the environment has them."""
    scenario = CleanRoomScenario.from_environment(DOMAIN)
    return Domain(
        name=DOMAIN,
        doc="A merchant and an e-wallet provider in a data clean room.",
        owners=["team:clean-room"],
        scenario=scenario,
        sample={"users": 5_000},
        tables=[
            *_source(scenario),
            *_shared(scenario),
            *(module.table(scenario) for module in USE_CASES),
        ],
    )
