"""Lost runs that Dagster says it launches again, and does not.

Dagster stores the event of a failure first, and the run's status and its tag ``will_retry`` after
it. Its daemon reads the event once. If it does so in between, it sees a run that has not failed,
and the run waits for ever, as does its backfill. The same happens if its database fails while it
looks. The sensor here compares what Dagster has recorded, whatever the reason: a run that waits too
long is reported once more, which the daemon reads as any failure. One that waits in vain after
that, as a run whose job no longer exists, is given up, so that its backfill ends.
"""

from __future__ import annotations

import time

import dagster as dg
from dagster._core.storage.tags import WILL_RETRY_TAG

# The daemon looks for failures every five seconds, and launches at once.
WAIT_SECONDS, LOOK_SECONDS = 60, 30
AGAIN = " (reported again: the run was not launched again)"
NAME = "missed_run_retries"


def retry_sensor() -> dg.SensorDefinition:
    """The sensor of a deployment that looks for such runs; it is on by default."""

    @dg.sensor(
        name=NAME,
        minimum_interval_seconds=LOOK_SECONDS,
        description="Has lost runs launched again that Dagster's daemon has missed.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        missed = repair(context.instance, time.time())
        return dg.SkipReason(f"missed: {', '.join(missed)}" if missed else "no run was missed")

    return look


def repair(instance: dg.DagsterInstance, now: float) -> list[str]:
    """Reports runs again that wait too long to be launched again, and gives up those in vain.

    Args:
        instance: The instance.
        now: The time, in seconds since 1970.

    Returns:
        Ids of the runs.
    """
    waiting = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], tags={WILL_RETRY_TAG: "true"})
    missed = [
        record.dagster_run
        for record in instance.get_run_records(waiting)
        if record.dagster_run.is_complete_and_waiting_to_retry
        and now - (record.end_time or 0) > WAIT_SECONDS
    ]
    for run in missed:
        reason = _reason(instance, run)
        if is_reported_again(reason):
            instance.add_run_tags(run.run_id, {WILL_RETRY_TAG: "false"})
            instance.report_engine_event("The run is not launched again.", run)
        else:
            instance.report_run_failed(run, reason + AGAIN)
    return [run.run_id for run in missed]


def is_reported_again(message: str | None) -> bool:
    """Whether a failure was reported before, so that nobody need hear of it again.

    Args:
        message: The message of its event.
    """
    return (message or "").endswith(AGAIN)


def _reason(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """The message of a run's last failure."""
    ends = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    return (ends[-1].get_dagster_event().message or "") if ends else ""
