"""Sensors for failed runs: each publishes its domain's gate report and sends an alert.

They are on by default, and react to runs of jobs, schedules, backfills and selections of assets or
checks. ``synth materialize`` publishes the report of its own failed runs.
"""

import dagster as dg

from synth_assets.core.model import Domain
from synth_assets.orchestration.alerting import send
from synth_assets.orchestration.gate_asset import gate_key
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.run_retries import is_reported_again
from synth_assets.orchestration.runs import recorded_outcome
from synth_assets.orchestration.schedules import gate_job
from synth_assets.orchestration.ui_address import ui_address
from synth_assets.reports.alerts import Alert
from synth_assets.reports.links import asset_url, run_url

# Dagster's name for runs of a selection of assets.
SELECTION = "__ASSET_JOB"


def report_failures(domain: Domain) -> dg.SensorDefinition:
    """The sensor that publishes a domain's gate report after a failed run, and sends an alert.

    A failed gate stops the run's own gate report asset, because it is downstream; a run of a few
    assets does not have it.

    Args:
        domain: The domain.
    """

    @dg.run_failure_sensor(
        name=f"{domain.name}_report_failures",
        request_job=gate_job(domain.name),
        minimum_interval_seconds=30,
        description=(
            "Publishes the gate report when a run of the domain has failed, and sends an alert to "
            "the webhook of the environment."
        ),
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def failed(context: dg.RunFailureSensorContext) -> dg.RunRequest | dg.SkipReason:
        run = context.dagster_run
        if not _is_about(domain, run):
            return dg.SkipReason(f"run {run.run_id} ({run.job_name}) is not about {domain.name}")
        if is_reported_again(context.failure_event.message):
            return dg.SkipReason(f"the failure of run {run.run_id} was reported before")
        context.log.info(send(_alert(domain, run, context.instance)))
        return dg.RunRequest(run_key=run.run_id)

    return failed


def _is_about(domain: Domain, run: dg.DagsterRun) -> bool:
    """Whether a run materializes or checks a domain's tables or models, by job or by selection.

    A run that only publishes the report does not count: its failure would start the next one.
    """
    if run.asset_selection is None and run.asset_check_selection is None:
        ours = {f"{domain.name}_{name}" for name in ("all", *(t.name for t in domain.schedules))}
        return run.job_name in ours
    selected = set(run.asset_selection or ())
    selected |= {check.asset_key for check in run.asset_check_selection or ()}
    selected -= {gate_key(domain.name)}
    return any(key.path[0] in (domain.name, marts_group(domain.name)) for key in selected)


def _alert(domain: Domain, run: dg.DagsterRun, instance: dg.DagsterInstance) -> Alert:
    ui, of_selection = ui_address(), run.job_name.startswith(SELECTION)
    return Alert(
        domain=domain.name,
        job="a selection of assets" if of_selection else run.job_name,
        run_id=run.run_id,
        messages=recorded_outcome(instance, run.run_id).messages,
        run_url=run_url(ui, run.run_id),
        report_url=asset_url(ui, gate_key(domain.name).to_user_string()),
    )
