"""Launches runs as processes of this machine, and finds runs that were lost with their server.

A code server starts the process of a run, and records a failure if it was killed. Nobody does so
for a server that was killed itself: such a run would remain ``STARTED``, and keep the runs of its
domain waiting.
"""

from __future__ import annotations

from dagster import DagsterRun
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher
from dagster._grpc.types import GetCurrentRunsResult
from dagster_shared.serdes import deserialize_value

# A server whose machine is busy may not answer at once.
ATTEMPTS = 3


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's launcher, which also asks the server whether it still has a run."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether Dagster's run monitoring looks after runs that have started."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether a server executes the run.

        Args:
            run: A run that has started.
        """
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        # A run of a command has no server: the next command finds it.
        if client is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        for _ in range(ATTEMPTS):
            try:
                answer = deserialize_value(client.get_current_runs(), GetCurrentRunsResult)
            except DagsterUserCodeUnreachableError:
                continue
            if run.run_id in answer.current_runs:
                return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(
            WorkerStatus.NOT_FOUND, "The server that started its process was killed."
        )
