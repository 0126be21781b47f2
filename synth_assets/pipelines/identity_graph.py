"""The identity graph in one call: materializes all tables of a configuration, or appends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dagster as dg

from synth_assets.core.location import TableLocation
from synth_assets.core.model import Domain, Table
from synth_assets.core.stored_tables import stored_tables
from synth_assets.core.variables import variable
from synth_assets.domains.identity_graph.domain import domain_of
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.domains.identity_graph.scenario import DOMAIN
from synth_assets.orchestration.append import remove_record, tables_to_append, write_record
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.claims import all_claimed
from synth_assets.orchestration.gate_messages import is_failure
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.io_manager import RECREATE
from synth_assets.orchestration.partitions import keys_among
from synth_assets.orchestration.runs import Listener, RunOutcome, launch
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import checks_of
from synth_assets.stores.delta import DeltaStore
from synth_assets.stores.routing import Routes, Stores

SUCCEEDED, FAILED = "succeeded", "failed"


def execute_full_pipeline(
    config: GenerationConfig,
    *,
    settings: Settings | None = None,
    gates: bool = True,
    on_event: Listener = lambda event: None,
) -> dict[str, Any]:
    """Materializes the ten tables, or those that an append needs, and evaluates their checks.

    Tables are stored as ``SYNTH_STORE`` routes them, or in the configuration's catalog.

    Args:
        config: What to generate, and whether to append.
        settings: The settings; those of the environment by default.
        gates: Whether to evaluate the checks.
        on_event: Called with each event of the run.

    Returns:
        ``status`` (``succeeded`` or ``failed``); ``tables_created``, their names; ``row_counts``
        of all tables as stored; ``gates_passed``, None if no check failed but some were not
        evaluated; ``failures``, a line each.
    """
    domain, settings = destination(config, settings or Settings.from_environment())
    stores = settings.open_stores()
    settings.make_home()
    # From what an append looks at until its record is written, nobody stores fewer or other rows.
    with all_claimed(settings.home, domain.tables, domain.scenario):
        tables = tables_to_append(domain, stores, settings) if config.incremental else domain.tables
        outcome = None
        if tables:
            remove_record(domain, settings)
            outcome = _run(domain, tables, settings, stores, config, gates=gates, on_event=on_event)
        succeeded = outcome is None or outcome.success
        if succeeded:
            write_record(domain, stores, settings)
    return {
        "status": SUCCEEDED if succeeded else FAILED,
        "tables_created": [t.name for t in tables if not outcome or asset_key(t) in outcome.rows],
        "row_counts": {t.name: get_table_stats(stores, t)["num_rows"] for t in domain.tables},
        "gates_passed": _gates_passed(outcome) if gates else None,
        "failures": outcome.messages if outcome else [],
    }


def _gates_passed(outcome: RunOutcome | None) -> bool | None:
    if outcome is None or outcome.gate_passed:
        return True
    return False if any(map(is_failure, outcome.checks)) else None


def destination(config: GenerationConfig, settings: Settings) -> tuple[Domain, Settings]:
    """The domain and settings that store tables in the catalog and schema of a configuration.

    Files are stored under ``SYNTH_UNITY_ROOT``, by default in the Delta store's location.

    Args:
        config: The configuration, which may name a catalog.
        settings: The settings without it.

    Returns:
        The domain with its tables' locations, and the settings with the route to the catalog; the
        same settings if the configuration names no catalog.
    """
    domain = domain_of(config.scenario())
    if config.catalog_name is None:
        return domain, settings
    location = TableLocation(config.schema_name)
    root = variable("SYNTH_UNITY_ROOT") or settings.locations["delta"]
    return replace(domain, tables=[replace(t, location=location) for t in domain.tables]), replace(
        settings,
        routes=Routes(settings.routes.default, {**settings.routes.overrides, DOMAIN: "unity"}),
        locations={**settings.locations, "unity": f"{config.catalog_name}@{root}"},
    )


def _run(
    domain: Domain,
    tables: Sequence[Table],
    settings: Settings,
    stores: Stores,
    config: GenerationConfig,
    *,
    gates: bool,
    on_event: Listener,
) -> RunOutcome:
    checks = [(table, check) for table in tables if gates for check in checks_of(table)]
    return launch(
        build_definitions([domain], settings, stores, with_dbt=False),
        [asset_key(table) for table in tables],
        [dg.AssetCheckKey(asset_key(table), check.name) for table, check in checks],
        open_instance(settings),
        keys=keys_among(tables, None),
        tags={} if config.incremental else {RECREATE: "true"},
        on_event=on_event,
    )


def get_table_stats(stores: Stores, table: Table) -> dict[str, int]:
    """Statistics of a table as it is stored.

    Args:
        stores: Where it is stored.
        table: The table.

    Returns:
        ``num_rows``, ``size_bytes`` and ``num_files`` (of partitions if the store has no files).
    """
    partition_stats = stores.describe(table).values()
    store = stores.of_kind(stores.routes.kind_of(table))
    if partition_stats and isinstance(store, DeltaStore):
        statistics = [store.statistics(stored) for stored in stored_tables(table)]
        return {
            f"{prefix}_{name}": sum(one[name] for one in statistics)
            for prefix, name in (("num", "rows"), ("size", "bytes"), ("num", "files"))
        }
    return {
        "num_rows": sum(stats.rows for stats in partition_stats),
        "size_bytes": sum(stats.bytes for stats in partition_stats),
        "num_files": len(partition_stats),
    }
