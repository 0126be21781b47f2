"""The identity graph in one call: what is made of a configuration, and what an append must make.

A record of the last whole run lies in the home folder. An append makes what has grown since, and
whatever in the store is not as the record says; without a record it makes everything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table, TableLocation
from synth_assets.core.variables import variable
from synth_assets.domains.identity_graph import DOMAIN, domain_of
from synth_assets.domains.identity_graph.config import GenerationConfig
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
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
RECORD = "identity_graph.json"
HOUSEHOLDS, END, CAMPAIGNS = "num_households", "end_date", "num_campaigns"
# On which extents the rows of a table depend. Flights lie in the first period, so that a later end
# adds no exposure.
_PEOPLE, _EVENTS, _REACH = (HOUSEHOLDS,), (HOUSEHOLDS, END), (HOUSEHOLDS, CAMPAIGNS)
GROWS_WITH = {
    "households": _PEOPLE,
    "individuals": _PEOPLE,
    "identity_mappings": _PEOPLE,
    "content_engagements": _EVENTS,
    "viewership_patterns": _EVENTS,
    "audience_attributes": _EVENTS,
    "campaigns": (CAMPAIGNS,),
    "campaign_exposures": _REACH,
    "response_events": _REACH,
    "outcome_metrics": _REACH,
}


def execute_full_pipeline(
    config: GenerationConfig,
    *,
    settings: Settings | None = None,
    gates: bool = True,
    on_event: Listener = lambda event: None,
) -> dict[str, Any]:
    """Makes the ten tables, or what an append must make of them, and judges them.

    They land where ``SYNTH_STORE`` says, or in the configuration's catalog if it names one.
    ``status`` (``succeeded`` or ``failed``), ``tables_created``, ``row_counts`` of all tables as
    they are stored, ``gates_passed`` (None where not all were judged, and none of them failed),
    ``failures`` in words.
    """
    domain, settings = destination(config, settings or Settings.from_environment())
    stores = settings.open_stores()
    tables = to_append(config, domain, stores, settings) if config.incremental else domain.tables
    outcome = None
    if tables:
        _record(settings).unlink(missing_ok=True)
        outcome = _run(domain, tables, settings, stores, config, gates=gates, on_event=on_event)
    succeeded = outcome is None or outcome.success
    if succeeded:
        _write_record(config, domain, stores, settings)
    return {
        "status": SUCCEEDED if succeeded else FAILED,
        "tables_created": [t.name for t in tables if not outcome or asset_key(t) in outcome.rows],
        "row_counts": {t.name: get_table_stats(stores, t)["num_rows"] for t in domain.tables},
        "gates_passed": _judgement(outcome) if gates else None,
        "failures": outcome.messages if outcome else [],
    }


def _judgement(outcome: RunOutcome | None) -> bool | None:
    if outcome is None or outcome.gate_passed:
        return True
    return False if any(map(is_failure, outcome.checks)) else None


def destination(config: GenerationConfig, settings: Settings) -> tuple[Domain, Settings]:
    """The tables as they lie in the catalog and schema of a configuration that names them.

    Their files lie under ``SYNTH_UNITY_ROOT``, by default where the Delta store's do.
    """
    domain = domain_of(config)
    if config.catalog_name is None:
        return domain, settings
    place = TableLocation(config.schema_name)
    root = variable("SYNTH_UNITY_ROOT") or settings.locations["delta"]
    return replace(domain, tables=[replace(t, location=place) for t in domain.tables]), replace(
        settings,
        routes=Routes(settings.routes.default, {**settings.routes.others, DOMAIN: "unity"}),
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
    settings.make_home()
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
    """Rows, bytes and files (partitions, where a store has none) of a table as it is stored."""
    partition_stats, store = stores.describe(table).values(), stores.of(table)
    if partition_stats and isinstance(store, DeltaStore):
        figures = store.statistics(table)
        return {
            "num_rows": figures["rows"],
            "size_bytes": figures["bytes"],
            "num_files": figures["files"],
        }
    return {
        "num_rows": sum(stats.rows for stats in partition_stats),
        "size_bytes": sum(stats.bytes for stats in partition_stats),
        "num_files": len(partition_stats),
    }


def to_append(
    config: GenerationConfig, domain: Domain, stores: Stores, settings: Settings
) -> list[Table]:
    """The tables that an append makes; ``UserError`` where it would change what there is."""
    _refuse_others(config, domain, stores)
    record = _read_record(settings)
    wanted = _extents(config)
    had = {name: record.get(name) for name in wanted}
    _refuse_less(config, domain, stores)
    grown = {name for name in wanted if had[name] != wanted[name]}
    return [
        table
        for table in domain.tables
        if grown & set(GROWS_WITH[table.name])
        or record.get("slices", {}).get(table.name) != _slices(table, stores)
    ]


def _refuse_others(config: GenerationConfig, domain: Domain, stores: Stores) -> None:
    """Nothing may be stored that another seed, other settings, code or shards have made."""
    for table in domain.tables:
        partition_stats = stores.describe(table)
        others = {r.fingerprint for r in partition_stats.values()} - {config.fingerprint()}
        if others:
            raise UserError(
                f"cannot append: {table.path} was made with another seed or other settings "
                f"(scenario {sorted(others)[0]}, not {config.fingerprint()}). An append takes more "
                "households, a later end_date and more campaigns alone; without it, what is stored "
                "is replaced."
            )
        if {r.code_version for r in partition_stats.values()} - {table.code_version}:
            raise UserError(
                f"cannot append: {table.path} was made by another version of the code; without "
                "append, what is stored is replaced"
            )
        if partition_stats and not set(partition_stats) <= set(table.partitioning.keys()):
            raise UserError(
                f"cannot append: {table.path} is stored in {len(partition_stats)} shards, not in "
                f"{len(table.partitioning.keys())}: set the same number of shards"
            )


def _refuse_less(config: GenerationConfig, domain: Domain, stores: Stores) -> None:
    """An append takes nothing away."""
    for name, asked in (
        ("households", config.household_config.num_households),
        ("campaigns", config.campaign_config.num_campaigns),
    ):
        stored = get_table_stats(stores, domain.table(name))["num_rows"]
        if stored > asked:
            raise UserError(
                f"cannot append: {stored:,} {name} are stored, and {asked:,} are asked for"
            )
    audience = domain.table("audience_attributes")
    for key in stores.describe(audience):
        ends = stores.scan(audience, [key]).select("computed_at").head(1).collect().to_series()
        if len(ends) and ends[0].date() > config.end:
            raise UserError(
                f"cannot append: engagements are stored up to {ends[0].date()}, and end_date "
                f"{config.end} is before that"
            )


def _extents(config: GenerationConfig) -> dict[str, int | str]:
    return {
        HOUSEHOLDS: config.household_config.num_households,
        END: config.end.isoformat(),
        CAMPAIGNS: config.campaign_config.num_campaigns,
    }


def _slices(table: Table, stores: Stores) -> dict[str, list[Any]]:
    return {
        key: [r.rows, r.fingerprint, r.code_version] for key, r in stores.describe(table).items()
    }


def _record(settings: Settings) -> Path:
    return settings.home / RECORD


def _read_record(settings: Settings) -> dict[str, Any]:
    try:
        found = json.loads(_record(settings).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_record(
    config: GenerationConfig, domain: Domain, stores: Stores, settings: Settings
) -> None:
    made = {table.name: _slices(table, stores) for table in domain.tables}
    settings.make_home()
    _record(settings).write_text(json.dumps({**_extents(config), "slices": made}, indent=1))
