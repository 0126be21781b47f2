"""A small world of each domain, with tables of every kind of source."""

from __future__ import annotations

from typing import Any, NamedTuple

from synth_assets.core.model import Domain, TableView
from synth_assets.core.sources import Derived
from synth_assets.stores.routing import Stores


class Sample(NamedTuple):
    """Settings of a small world, and the tables that tests compare."""

    scenario: dict[str, Any]
    tables: tuple[str, ...]


# The tables derived by resolvers and models are compared by a slow test.
SAMPLES = {
    "clean_room": Sample({"users": 5_000}, ("thelook_orders", "provider_users")),
    "identity_graph": Sample(
        {"household_config": {"num_households": 1_000}, "shards": 2},
        ("individuals", "viewership_patterns"),
    ),
    "identity_resolution": Sample(
        {"scale": "10K", "shards": 2}, ("crm_customers", "identity_truth")
    ),
    "jaffle": Sample(
        {"history_days": 0, "end_date": "2026-01-05"},
        ("raw_orders_training", "stg_google_ads", "validation_anomalies"),
    ),
    "journey": Sample(
        {"scale": 0.05, "end_date": "2020-11-04"},
        ("events", "raw_orders", "reconciled"),
    ),
}


def store_all(of: Domain, names: tuple[str, ...], stores: Stores) -> None:
    """Stores tables and what they read, as the assets and the IO manager do."""
    needed, pending = set(), list(names)
    while pending:
        name = pending.pop()
        needed.add(name)
        if isinstance(of.table(name).source, Derived):
            pending += of.table(name).parent_names
    for table in of.tables:
        if table.name in needed:
            store, keys = stores.of(table), list(table.partitioning.keys())
            view = TableView(of, table, keys, stores, of.scenario)
            for partition, rows in table.source.partitions(view):
                store.replace(table, partition.key, rows, of.scenario.fingerprint())
