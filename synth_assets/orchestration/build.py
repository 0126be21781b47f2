"""Assembles all definitions of all domains; tests and the command line build a subset."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import dagster as dg

from synth_assets.core.model import Domain
from synth_assets.domains import load_domains
from synth_assets.orchestration.assets import IO_MANAGER, asset_key, backfill_policy, table_asset
from synth_assets.orchestration.checks import table_checks
from synth_assets.orchestration.execution import executor_of
from synth_assets.orchestration.gate_asset import gate_asset
from synth_assets.orchestration.io_manager import PartitionIOManager
from synth_assets.orchestration.marts import marts_group, marts_of
from synth_assets.orchestration.resources import resource_key, scenario_resource
from synth_assets.orchestration.retention_job import retention_job
from synth_assets.orchestration.run_retries import retry_sensor
from synth_assets.orchestration.schedules import gate_job, jobs_of, schedules_of
from synth_assets.orchestration.sensors import report_failures
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.routing import Stores


def build_definitions(
    domains: Sequence[Domain] | None = None,
    settings: Settings | None = None,
    stores: Stores | None = None,
    *,
    with_dbt: bool = True,
) -> dg.Definitions:
    """Assembles the Dagster definitions.

    Args:
        domains: The domains; all by default.
        settings: The settings; those of the environment by default.
        stores: Where tables are stored; the settings' stores by default.
        with_dbt: Whether to include dbt's models and tests, which take seconds to load.
    """
    domains = list(load_domains() if domains is None else domains)
    settings = settings or Settings.from_environment()
    stores = stores or settings.open_stores()
    with warnings.catch_warnings():
        # Backfill policies, code references and partitioned checks are marked beta or preview;
        # Dagster's version is pinned, and tests fail if their behaviour changes.
        for unstable in (dg.BetaWarning, dg.PreviewWarning):
            warnings.simplefilter("ignore", unstable)
        return _assembled(domains, settings, stores, with_dbt=with_dbt)


def _assembled(
    domains: Sequence[Domain], settings: Settings, stores: Stores, *, with_dbt: bool
) -> dg.Definitions:
    dbt = dg.Definitions()
    if with_dbt:
        # Importing it takes seconds, which commands without models need not wait for.
        from synth_assets.orchestration.dbt import dbt_definitions

        dbt = dbt_definitions(domains, settings, stores)
    models = list(dbt.resolve_all_asset_specs())
    pairs = [(domain, table) for domain in domains for table in domain.tables]
    gates = [
        gate_asset(
            domain,
            stores,
            settings.gate_folder,
            _last_of(domain, models),
            marts_group(domain.name),
            marts_of(domain, dbt),
        )
        for domain in domains
    ]
    per_run = settings.partitions_per_run
    purge, purge_schedule = retention_job(settings.keep_runs_days)
    policies = {d.name: backfill_policy(d, stores.routes, per_run) for d in domains}
    tables = dg.Definitions(
        assets=[
            *(table_asset(domain, table, stores, policies[domain.name]) for domain, table in pairs),
            *gates,
        ],
        asset_checks=[table_checks(domain, table, stores) for domain, table in pairs],
        jobs=[
            purge,
            *(job for domain in domains for job in (*jobs_of(domain), gate_job(domain.name))),
        ],
        schedules=[
            purge_schedule,
            *(schedule for domain in domains for schedule in schedules_of(domain)),
        ],
        sensors=[retry_sensor(), *(report_failures(domain) for domain in domains)],
        resources={
            IO_MANAGER: PartitionIOManager(stores, {t.path: t for _, t in pairs}, settings),
            **{resource_key(domain): scenario_resource(domain) for domain in domains},
        },
        executor=executor_of(settings),
    )
    return dg.Definitions.merge(tables, dbt)


def _last_of(domain: Domain, models: Sequence[dg.AssetSpec]) -> list[dg.AssetKey]:
    """Tables and models of a domain without dependents; all others are materialized before them."""
    ours = [spec for spec in models if spec.group_name == marts_group(domain.name)]
    used = {asset_key(domain.table(name)) for t in domain.tables for name in t.parent_names}
    used |= {dep.asset_key for spec in ours for dep in spec.deps}
    keys = [*map(asset_key, domain.tables), *(spec.key for spec in ours)]
    return [key for key in keys if key not in used]
