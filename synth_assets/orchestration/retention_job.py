"""The job that purges old runs, and its schedule, which users have to turn on."""

import dagster as dg

from synth_assets.orchestration.retention import cutoff, purge_runs

NAME = "purge_runs"
# In the night, before the schedules of domains.
CRON = "40 2 * * *"


def retention_job(days: int) -> tuple[dg.JobDefinition, dg.ScheduleDefinition]:
    """The job, and the schedule that requests it each night.

    Args:
        days: How long ago a run must have ended to be removed.
    """
    what = (
        f"Removes Dagster's records of runs that ended more than {days} days ago. Stored rows, and "
        "the latest materialization and check results of each partition, stay."
    )

    @dg.op(name="remove_old_runs", description=what)
    def remove(context: dg.OpExecutionContext) -> None:
        purged = purge_runs(context.instance, cutoff(days))
        context.log.info(
            f"removed {purged.runs:,} runs, {purged.events:,} events and "
            f"{purged.results:,} check results"
        )

    @dg.job(name=NAME, description=what)
    def job() -> None:
        remove()

    schedule = dg.ScheduleDefinition(
        name=f"{NAME}_nightly", job=job, cron_schedule=CRON, execution_timezone="UTC",
        description=what,
    )  # fmt: skip
    return job, schedule
