"""Executes the steps of a run as tasks of Dask's workers.

Dagster's own loop of such executors decides which step is next: those after a failed gate are
skipped, and pools are respected. A task has one text as its argument and gives nothing back, since
Dask walks into the arguments and results of tasks, and Dagster's records refuse that. The events of
a step reach the run by the instance, in which its worker records them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import dagster as dg
from dagster._cli.api import _execute_step_command_body
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.step_delegating import (
    CheckStepHealthResult,
    StepDelegatingExecutor,
    StepHandler,
    StepHandlerContext,
)
from dagster._grpc.types import ExecuteStepArgs
from dagster_shared.serdes import deserialize_value, serialize_value
from distributed import Client, Future, LocalCluster
from distributed.scheduler import KilledWorker

# How often a run looks for events of its steps, and for steps whose workers are lost.
LOOK_SECONDS, HEALTH_SECONDS = 0.2, 2
ENDED = {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE}


def dask_executor(scheduler: str | None) -> dg.ExecutorDefinition:
    """The executor of a deployment with Dask.

    Args:
        scheduler: The address of a cluster's scheduler; none for a cluster of processes of this
            machine, for the time of a run.
    """

    @dg.executor(name="dask", requirements=dg.multiple_process_executor_requirements())
    def executor(_: dg.InitExecutorContext) -> DaskExecutor:
        return DaskExecutor(DaskSteps(scheduler))

    return executor


class DaskSteps(StepHandler):
    """Hands the steps of one run to Dask.

    Args:
        scheduler: The address of a cluster's scheduler, if there is one.
    """

    def __init__(self, scheduler: str | None) -> None:
        self._scheduler = scheduler
        self._client: Client | None = None
        self._problem = "Dask's scheduler is gone"
        self._tasks: dict[str, Future[None]] = {}

    @property
    def name(self) -> str:
        """What the log calls it."""
        return "Dask"

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Has workers meanwhile.

        Without them every step fails. An exception that leaves the executor would count as a lost
        process, and the run would be launched again.
        """
        with ExitStack() as stack:
            try:
                address = stack.enter_context(_cluster(self._scheduler))
                self._client = stack.enter_context(Client(address))  # type: ignore[no-untyped-call]
            except Exception as error:
                self._problem = f"there is no cluster of Dask: {error}"
            yield

    def launch_step(self, step_handler_context: StepHandlerContext) -> Iterator[dg.DagsterEvent]:
        """Hands a step to Dask.

        Args:
            step_handler_context: The step.
        """
        arguments = step_handler_context.execute_step_args
        if self._client is not None and self._client.status != "closed":
            text = serialize_value(arguments)
            self._tasks[_step(arguments)] = self._client.submit(execute_step, text, pure=False)
        yield from ()

    def check_step_health(self, step_handler_context: StepHandlerContext) -> CheckStepHealthResult:
        """Whether a step is executed, or waits for a worker.

        Args:
            step_handler_context: The step.
        """
        task = self._tasks.get(_step(step_handler_context.execute_step_args))
        if task is None:
            return CheckStepHealthResult.unhealthy(self._problem)
        if task.status in ("pending", "finished"):
            return CheckStepHealthResult.healthy()
        error: BaseException | None = None
        if task.status == "error":
            error = task.exception()  # type: ignore[no-untyped-call]
        if isinstance(error, KilledWorker):
            return CheckStepHealthResult.unhealthy("the workers that executed it were lost")
        return CheckStepHealthResult.unhealthy(
            str(error) if error else f"Dask's scheduler does not have it any more ({task.status})"
        )

    def terminate_step(self, step_handler_context: StepHandlerContext) -> Iterator[dg.DagsterEvent]:
        """Takes a step back; one that is executed on a cluster that exists goes to its end.

        Args:
            step_handler_context: The step.
        """
        task = self._tasks.get(_step(step_handler_context.execute_step_args))
        if task is not None:
            task.cancel()  # type: ignore[no-untyped-call]
        yield from ()


class DaskExecutor(StepDelegatingExecutor):
    """Dagster's loop, with workers of Dask for its time.

    Args:
        steps: Hands steps to Dask.
    """

    def __init__(self, steps: DaskSteps) -> None:
        super().__init__(
            steps,
            retries=RetryMode.DISABLED,
            sleep_seconds=LOOK_SECONDS,
            check_step_health_interval_seconds=HEALTH_SECONDS,
        )
        self._steps = steps

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        """Executes the steps of a run.

        Args:
            plan_context: The run.
            execution_plan: Its steps.
        """
        with self._steps.connected():
            yield from super().execute(plan_context, execution_plan)


def execute_step(text: str) -> None:
    """Executes a step, in a worker.

    Args:
        text: Which one, as Dagster serializes it.
    """
    arguments = deserialize_value(text, ExecuteStepArgs)
    assert arguments.instance_ref is not None
    with dg.DagsterInstance.from_ref(arguments.instance_ref) as instance:
        run = instance.get_run_by_id(arguments.run_id)
        # Dask executes a task again if its worker is lost, be it after its end.
        if run is None or _has_ended(instance, run.run_id, _step(arguments)):
            return
        for _ in _execute_step_command_body(arguments, instance, run):
            pass


def _has_ended(instance: dg.DagsterInstance, run_id: str, step: str) -> bool:
    return any(entry.step_key == step for entry in instance.all_logs(run_id, of_type=ENDED))


def _step(arguments: ExecuteStepArgs) -> str:
    (step,) = arguments.step_keys_to_execute or []
    return step


@contextmanager
def _cluster(scheduler: str | None) -> Iterator[str]:
    """The address of a cluster: one that exists, or one of processes of this machine."""
    if scheduler:
        yield scheduler
        return
    # Dagster is not thread-safe.
    workers = os.cpu_count() or 1
    cluster = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=1, dashboard_address=None
    )
    with cluster:
        yield cluster.scheduler_address
