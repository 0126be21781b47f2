"""A data clean room: an e-commerce merchant and an e-wallet provider compare what they know.

``scenario`` says what may be set. ``source`` is the merchant's source, ``snapshot`` what of it is
in the clean room, ``wallet`` what the provider knows, each with one module a table.
``analysis_rules`` enforces what may be asked, ``use_cases`` asks it; ``account_tier`` learns from
both parties' tables.
"""

from __future__ import annotations

from synth_assets.core.model import Domain, Table
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.domains.clean_room.account_tier import (
    bigquery_tables,
    predictions_table,
    predictor_table,
)
from synth_assets.domains.clean_room.hashing import hashed
from synth_assets.domains.clean_room.scenario import LOOK_ALIKE, CleanRoomScenario
from synth_assets.domains.clean_room.snapshot import order_items as snapshot_items
from synth_assets.domains.clean_room.snapshot import orders as snapshot_orders
from synth_assets.domains.clean_room.snapshot import users as snapshot_users
from synth_assets.domains.clean_room.source import (
    distribution_centers,
    events,
    inventory_items,
    order_items,
    orders,
    products,
    users,
)
from synth_assets.domains.clean_room.source.merchant import DOMAIN
from synth_assets.domains.clean_room.source.public import public
from synth_assets.domains.clean_room.use_cases import (
    customer_segmentation,
    private_counts,
    transaction_verification,
    trust_analysis,
    user_enrichment,
)
from synth_assets.domains.clean_room.use_cases.budgets import with_budget
from synth_assets.domains.clean_room.wallet import provider_users, transactions

SOURCE = (distribution_centers, products, users, orders, inventory_items, order_items, events)
MERCHANT = (snapshot_users, snapshot_orders, snapshot_items)
PROVIDER = (provider_users, transactions)
WITH_EMAILS = (snapshot_users.NAME, provider_users.NAME)
USE_CASES = (transaction_verification, customer_segmentation, trust_analysis, user_enrichment)
# What the parties share with each other.
SHARED = [*(module.USE_CASE for module in USE_CASES), private_counts.USE_CASE]


def _source(scenario: CleanRoomScenario) -> list[Table]:
    tables = [module.table(Unpartitioned()) for module in SOURCE]
    if scenario.source == LOOK_ALIKE:
        return tables
    return [public(table, scenario.source) for table in tables]


def _shared(scenario: CleanRoomScenario) -> list[Table]:
    tables = [module.table(scenario.merchant_schema) for module in MERCHANT]
    tables += [module.table(scenario.provider_schema) for module in PROVIDER]
    tables += _model(scenario)
    tables = [with_budget(table, SHARED) for table in tables]
    if not scenario.hash_emails:
        return tables
    return [hashed(table) if table.name in WITH_EMAILS else table for table in tables]


def _model(scenario: CleanRoomScenario) -> list[Table]:
    if scenario.model_on == "bigquery":
        return [bigquery_tables.predictor(scenario), bigquery_tables.predictions(scenario)]
    schema = scenario.provider_schema
    return [predictor_table.table(schema), predictions_table.table(schema)]


def domain() -> Domain:
    """The clean room, its size and settings as the environment has them."""
    scenario = CleanRoomScenario.from_environment(DOMAIN)
    return Domain(
        name=DOMAIN,
        doc="A merchant and an e-wallet provider in a data clean room.",
        owners=["team:clean-room"],
        scenario=scenario,
        tables=[
            *_source(scenario),
            *_shared(scenario),
            *(module.table(scenario.schema_of(module.USE_CASE.asker)) for module in USE_CASES),
        ],
    )
