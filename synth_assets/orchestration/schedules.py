"""Jobs and schedules, derived from the domains' schedule specs.

After a time without a daemon, Dagster evaluates a schedule once, for the last of the times that
were missed. The run that it then requests covers all days since the schedule's latest run.
"""

from datetime import date, timedelta
from functools import cache

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)
from dagster._utils.schedules import is_valid_cron_string

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Daily
from synth_assets.core.schedule import ScheduleSpec
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.gate_asset import gate_key
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.partitions import end_of

# Tags of a run with one partition, and with a range of them.
PARTITION = "dagster/partition"
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


# Dagster's tag of the runs that a schedule requested.
SCHEDULE_TAG = "dagster/schedule_name"
# Tag of the runs of a domain's jobs.
DOMAIN_TAG = "domain"


def whole_job(domain: str) -> str:
    """The name of the job of all of a domain's tables.

    Args:
        domain: The domain's name.
    """
    return f"{domain}_all"


def jobs_of(domain: Domain) -> list[UnresolvedAssetJobDefinition]:
    """A job for each schedule of a domain, and one for all tables.

    Args:
        domain: The domain.
    """
    everything = [table.name for table in domain.tables]
    named = [(whole_job(domain.name), everything)]
    named += [(f"{domain.name}_{t.name}", list(t.tables)) for t in domain.schedules]
    return [
        dg.define_asset_job(
            name,
            selection=selection_of(domain, tables),
            description=f"{len(tables)} tables of {domain.name}, their checks, dbt models and the "
            "gate report.",
            tags={DOMAIN_TAG: domain.name},
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


def schedules_of(domain: Domain) -> list[dg.ScheduleDefinition]:
    """The schedules of a domain; users have to turn them on.

    Args:
        domain: The domain.
    """
    return [_schedule(domain, spec) for spec in domain.schedules]


def _days(domain: Domain, spec: ScheduleSpec) -> Daily:
    partitioning = next(t.partitioning for t in domain.tables if t.name in spec.tables)
    assert isinstance(partitioning, Daily)
    return partitioning


def _schedule(domain: Domain, spec: ScheduleSpec) -> dg.ScheduleDefinition:
    partitioning, name = _days(domain, spec), f"{domain.name}_{spec.name}"
    if not is_valid_cron_string(spec.cron):
        raise UserError(
            f"the schedule {spec.name} of {domain.name} is {spec.cron!r}, which is no cron "
            "expression of five fields, such as '30 4 * * *'"
        )

    @dg.schedule(
        name=name,
        cron_schedule=spec.cron,
        job_name=name,
        execution_timezone="UTC",
        description=_description(spec),
    )
    def due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        today = context.scheduled_execution_time.date()
        known = _latest_day(context, name)
        number = spec.days if known is None else max(spec.days, (today - known).days - 1)
        days = [(today - timedelta(days=n)).isoformat() for n in range(number, 0, -1)]
        existing = set(partitioning.keys())
        keys = [key for key in days if key in existing]
        if not keys:
            span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
            return dg.SkipReason(f"no partition of {span} exists: {end_of(domain.name)}")
        if len(keys) == 1:
            return dg.RunRequest(run_key=keys[0], partition_key=keys[0])
        return dg.RunRequest(run_key=keys[-1], tags={RANGE_START: keys[0], RANGE_END: keys[-1]})

    return due


def _latest_day(context: dg.ScheduleEvaluationContext, schedule: str) -> date | None:
    """The last day of a schedule's latest run, whether it succeeded or not; None without a run."""
    if context.instance_ref is None:  # evaluated outside of an instance
        return None
    runs = context.instance.get_runs(dg.RunsFilter(tags={SCHEDULE_TAG: schedule}), limit=1)
    key = next((run.tags.get(RANGE_END) or run.tags.get(PARTITION) for run in runs), None)
    return date.fromisoformat(key) if key else None


def _description(spec: ScheduleSpec) -> str:
    days = "The day before" if spec.days == 1 else f"The last {spec.days} days before"
    count = "one table" if len(spec.tables) == 1 else f"{len(spec.tables)} tables"
    return (
        f"{days} the run, and days that were missed before, for {count}, then dbt models and the "
        "gate report."
    )


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
        tags={DOMAIN_TAG: domain},
    )
