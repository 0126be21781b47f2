"""How the instance records a run of the command: with job, code location, selection and tags.

``JobDefinition.execute_in_process`` records neither selection nor code location, so that the UI
shows such a run without target and does not list it in the overview or with its job. A run of one
domain is a run of its job ``<domain>_all``, with the selected part of it. ``runs`` executes it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence, Set
from typing import Any

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import create_execution_plan
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.snap import snapshot_from_execution_plan
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from synth_assets.orchestration.schedules import whole_job

# The code location of ``workspace.yaml``, and the name that Dagster gives to its repository.
MODULE, LOCATION, REPOSITORY = "synth_assets.definitions", "synth_assets", "__repository__"


def job_of(
    defs: dg.Definitions, assets: Sequence[dg.AssetKey], checks: Sequence[dg.AssetCheckKey]
) -> dg.JobDefinition:
    """The job that a selection is a part of: that of its domain, else that of all assets.

    Args:
        defs: The definitions of the assets and checks.
        assets: The selected assets.
        checks: The selected checks.
    """
    selected = {*assets, *(check.asset_key for check in checks)}
    repository = defs.get_repository_def()
    for domain in sorted({key.path[0] for key in selected}):
        name = whole_job(domain)
        if repository.has_job(name):
            job = repository.get_job(name)
            if selected <= set(job.asset_layer.executable_asset_keys):
                return job
    return defs.resolve_implicit_global_asset_job_def()


def record_run(
    job: dg.JobDefinition,
    assets: Set[dg.AssetKey],
    checks: Set[dg.AssetCheckKey],
    instance: dg.DagsterInstance,
    run_id: str,
    run_config: Mapping[str, Any],
    tags: Mapping[str, str],
) -> dg.DagsterRun:
    """Records a run that has not started.

    Args:
        job: The job.
        assets: The assets of it that the run materializes.
        checks: The checks that it evaluates.
        instance: The instance.
        run_id: Id of the run.
        run_config: Its configuration.
        tags: Its tags, besides those of the job.
    """
    part = job.get_subset(asset_selection=assets, asset_check_selection=checks)
    plan = create_execution_plan(part, run_config=run_config, tags=tags)
    return instance.create_run(
        job_name=job.name,
        run_id=run_id,
        run_config=run_config,
        status=None,
        tags={**job.run_tags, **tags},
        root_run_id=None,
        parent_run_id=None,
        step_keys_to_execute=plan.step_keys_to_execute,
        execution_plan_snapshot=snapshot_from_execution_plan(plan, part.get_job_snapshot_id()),
        job_snapshot=part.get_job_snapshot(),
        parent_job_snapshot=part.get_parent_job_snapshot(),
        asset_selection=assets,
        asset_check_selection=checks,
        resolved_op_selection=None,
        op_selection=None,
        remote_job_origin=_origin(job.name),
        job_code_origin=None,
        asset_graph=part.asset_layer.asset_graph,
    )


def in_process(job: dg.JobDefinition) -> InMemoryJob:
    """A job as ``execute_in_process`` executes it.

    Args:
        job: The job.
    """
    return InMemoryJob(job.as_ephemeral_job(resource_defs={}, input_values={}))


def _origin(job: str) -> RemoteJobOrigin:
    target = LoadableTargetOrigin(executable_path=sys.executable, module_name=MODULE)
    location = ManagedGrpcPythonEnvCodeLocationOrigin(target, LOCATION)
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, REPOSITORY), job)
