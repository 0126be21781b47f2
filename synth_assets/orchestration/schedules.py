"""Jobs and schedules, derived from the domains' schedule specs."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Daily
from synth_assets.core.schedule import ScheduleSpec
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.gate_asset import gate_key
from synth_assets.orchestration.marts import marts_group

RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def jobs_of(domain: Domain) -> list[UnresolvedAssetJobDefinition]:
    """A job for each schedule of a domain, and one for all tables.

    Args:
        domain: The domain.
    """
    everything = [table.name for table in domain.tables]
    named = [("all", everything), *((t.name, list(t.tables)) for t in domain.schedules)]
    return [
        dg.define_asset_job(
            f"{domain.name}_{name}",
            selection=selection_of(domain, tables),
            description=f"Tables of {domain.name} ({name}), their checks, dbt, the gate report.",
            executor_def=dg.in_process_executor,
        )
        for name, tables in named
    ]


def selection_of(domain: Domain, tables: list[str]) -> dg.AssetSelection:
    """Tables with their checks, the domain's dbt models, and its gate report.

    Args:
        domain: The domain.
        tables: Names of the tables.
    """
    selected = dg.AssetSelection.assets(*(asset_key(domain.table(name)) for name in tables))
    marts = dg.AssetSelection.groups(marts_group(domain.name))
    return selected | marts | dg.AssetSelection.assets(gate_key(domain.name))


def schedules_of(domain: Domain, today: date | None = None) -> list[dg.ScheduleDefinition]:
    """The schedules of a domain that can still start runs; users have to turn them on.

    Args:
        domain: The domain.
        today: The day (UTC) after which a schedule must have partitions; today by default.
    """
    today = today or datetime.now(UTC).date()
    return [
        _schedule(domain, spec)
        for spec in domain.schedules
        if not _is_over(_days(domain, spec), spec, today)
    ]


def _days(domain: Domain, spec: ScheduleSpec) -> Daily:
    partitioning = next(t.partitioning for t in domain.tables if t.name in spec.tables)
    assert isinstance(partitioning, Daily)
    return partitioning


def _is_over(partitioning: Daily, spec: ScheduleSpec, today: date) -> bool:
    """Whether no tick from today on has a partition."""
    return partitioning.end is not None and partitioning.end <= today - timedelta(days=spec.days)


def _schedule(domain: Domain, spec: ScheduleSpec) -> dg.ScheduleDefinition:
    partitioning = _days(domain, spec)

    @dg.schedule(
        name=f"{domain.name}_{spec.name}",
        cron_schedule=spec.cron,
        job_name=f"{domain.name}_{spec.name}",
        execution_timezone="UTC",
        description=f"The last {spec.days} days of {len(spec.tables)} tables.",
    )
    def due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        today = context.scheduled_execution_time.date()
        days = [(today - timedelta(days=n)).isoformat() for n in range(spec.days, 0, -1)]
        existing = set(partitioning.keys())
        keys = [key for key in days if key in existing]
        if not keys:
            return dg.SkipReason(f"no partition from {days[0]} to {days[-1]} exists")
        if len(keys) == 1:
            return dg.RunRequest(run_key=keys[0], partition_key=keys[0])
        return dg.RunRequest(run_key=keys[-1], tags={RANGE_START: keys[0], RANGE_END: keys[-1]})

    return due


@cache
def gate_job(domain: str) -> UnresolvedAssetJobDefinition:
    """The job that publishes a domain's gate report alone, the same object for every call.

    Args:
        domain: The domain's name.
    """
    return dg.define_asset_job(
        f"{domain}_gate_report",
        selection=dg.AssetSelection.assets(gate_key(domain)),
        description="Publishes the gate report from the latest results.",
        executor_def=dg.in_process_executor,
    )
