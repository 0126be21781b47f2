"""Launches runs as tasks of Celery's workers, and finds runs whose worker is lost.

Dagster's own launcher asks Celery for the state of a run's task alone. That remains ``STARTED``
when the worker's machine is gone, so that the run would never end. ``celery_app`` has the app that
workers execute.
"""

from __future__ import annotations

from dagster import DagsterRun
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

# A worker answers within milliseconds; one whose machine is busy may take seconds.
ANSWER_SECONDS, ATTEMPTS = 3.0, 3


class WatchedCeleryRunLauncher(CeleryRunLauncher):
    """Dagster's launcher, which also asks the worker whether it still has the run."""

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether a worker executes the run.

        Args:
            run: A run that has started.
        """
        task = run.tags.get(DAGSTER_CELERY_TASK_ID_TAG)
        if task is None:  # a command executes it
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        found = super().check_run_worker_health(run)
        if found.status is not WorkerStatus.RUNNING:
            return found
        worker = (self.celery.AsyncResult(task).info or {}).get("hostname")
        if worker is None or any(self._has(worker, task) for _ in range(ATTEMPTS)):
            return found
        again = super().check_run_worker_health(run)
        if again.status is not WorkerStatus.RUNNING:  # it has ended meanwhile
            return again
        return CheckRunHealthResult(
            WorkerStatus.NOT_FOUND, f"The worker {worker} does not have the run any more."
        )

    def _has(self, worker: str, task: str) -> bool:
        """Whether a worker answers that it has a task."""
        inspect = self.celery.control.inspect(destination=[worker], timeout=ANSWER_SECONDS)
        return task in ((inspect.query_task(task) or {}).get(worker) or {})
