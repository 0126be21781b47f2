"""Where runs are executed: what ``SYNTH_EXECUTION`` means in Dagster's terms.

Dagster decides it in two places. The instance's run launcher starts a run in some process, and the
code location's executor executes the steps of the run.

========  =====================================  ================================
value     a run is                               its steps are executed
========  =====================================  ================================
local     a process of this machine              in that process
celery    a task of a worker (``run_launcher``)  in the worker's process
dask      a process of this machine              as tasks of Dask's workers
k8s       a pod (Dagster's ``K8sRunLauncher``)   in pods of their own
========  =====================================  ================================

The executors are here, the launcher of ``celery`` is in ``instance_config``; that of ``k8s`` is in
the values of Dagster's Helm chart. The packages that a value needs are imported here alone, when
it is set.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import dagster as dg

from synth_assets.core.errors import UserError
from synth_assets.orchestration.deployment import Execution
from synth_assets.orchestration.settings import Settings

# Redis as Celery's broker and store of results. Its URL may hold a password: it is read from the
# environment alone.
BROKER = "SYNTH_BROKER_URL"
EXTRAS = {Execution.CELERY: "cluster", Execution.DASK: "dask", Execution.K8S: "kubernetes"}


def executor_of(settings: Settings) -> dg.ExecutorDefinition:
    """The executor of all jobs.

    Args:
        settings: The settings.

    Raises:
        UserError: Packages that the executor needs are not installed.
    """
    with needing_extra(settings.execution):
        if settings.execution is Execution.DASK:
            from synth_assets.orchestration.dask_executor import dask_executor

            return dask_executor(settings.dask_scheduler)
        if settings.execution is Execution.K8S:
            # Image, resources and secrets of a step's pod are those of the run's pod.
            import dagster_k8s

            executor: dg.ExecutorDefinition = dagster_k8s.k8s_job_executor
            return executor
    return dg.in_process_executor


def broker_url() -> str:
    """The URL of the Redis through which runs reach Celery's workers.

    Raises:
        UserError: It is not set, or not a URL of Redis; its text is not repeated.
    """
    url = os.environ.get(BROKER, "")
    if not url.startswith(("redis://", "rediss://", "unix://")):
        what = "is not set" if not url else "must begin with redis:// or rediss://"
        raise UserError(f"SYNTH_EXECUTION = celery needs a Redis: {BROKER} {what}")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise UserError(
            f"{BROKER} cannot be read: it must be like redis://:password@host:6379/0, with "
            "special characters of the password percent-encoded"
        ) from None
    return url


@contextmanager
def needing_extra(execution: Execution) -> Iterator[None]:
    """Names the extra to install if a package that a value needs is missing.

    Args:
        execution: The value.

    Raises:
        UserError: The package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise UserError(
            f"SYNTH_EXECUTION = {execution} needs the package {error.name}: "
            f"install synth-assets[{EXTRAS[execution]}]"
        ) from None
