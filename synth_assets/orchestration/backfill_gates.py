"""Quality gates between the runs of a backfill.

In one run, a failed blocking check stops all steps downstream. A backfill that is cut into runs
launches what is downstream in runs of its own, as soon as the rows are stored: each of their steps
looks for failed gates in the backfill's other runs before it starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import dagster as dg

# Tag of a backfill's runs.
BACKFILL = "dagster/backfill"


def refuse_failed_gates(context: dg.AssetExecutionContext, tables: Collection[str]) -> None:
    """Fails a step if a gate upstream has failed in another run of its backfill.

    Args:
        context: The context of the step.
        tables: Paths of the tables upstream.

    Raises:
        dagster.Failure: A blocking check has failed; the message names it.
    """
    backfill = context.run.tags.get(BACKFILL)
    # Dagster itself stops a step whose parents are in its run.
    here = {key.to_user_string() for key in context.run.asset_selection or ()}
    elsewhere = set(tables) - here
    if backfill and elsewhere:
        for failed in failed_gates(context.instance, backfill, elsewhere):
            where = f" of {failed.partition}" if failed.partition else ""
            raise dg.Failure(
                f"{failed.asset_key.to_user_string()} {failed.check_name}{where} failed in this "
                "backfill; nothing downstream is made"
            )


def failed_gates(
    instance: dg.DagsterInstance, backfill: str, tables: Collection[str]
) -> Iterator[dg.AssetCheckEvaluation]:
    """The blocking checks of tables that failed in a backfill's runs.

    Args:
        instance: The instance that recorded the runs.
        backfill: Id of the backfill.
        tables: Paths of the tables.
    """
    failed = dg.RunsFilter(tags={BACKFILL: backfill}, statuses=[dg.DagsterRunStatus.FAILURE])
    for run in instance.get_runs(failed):
        evaluated = dg.DagsterEventType.ASSET_CHECK_EVALUATION
        for entry in instance.all_logs(run.run_id, of_type=evaluated):
            check = entry.get_dagster_event().asset_check_evaluation_data
            upstream = check.asset_key.to_user_string() in tables
            if upstream and check.blocking and not check.passed:
                yield check
