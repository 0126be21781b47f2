"""Runs that Python launches: in this process, recorded by the instance.

The command line uses them, so its runs are in the UI like any other.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from dagster._core.execution.api import execute_run
from dagster._core.storage.tags import MAX_RETRIES_TAG
from dagster_shared.error import SerializableErrorInfo

from synth_assets.core.consistency import SEPARATOR
from synth_assets.core.errors import without_class
from synth_assets.orchestration.abandoned_runs import PROCESS, this_process
from synth_assets.orchestration.gate_messages import gate_messages, is_failure
from synth_assets.orchestration.interruption import interrupted, stop_if_interrupted
from synth_assets.orchestration.recorded_run import in_process, job_of, record_run
from synth_assets.orchestration.schedules import PARTITION, RANGE_END, RANGE_START

# The instance has the whole log; the terminal shows progress and results only.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

# Errors of steps that failed because a blocking check or a dbt test failed.
CHECK_FAILURES = {"DagsterAssetCheckFailedError", "DbtTestsFailedError"}

# Errors of steps that were interrupted.
INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")

# Events of a run's end, and how Dagster calls one that it did not see.
RUN_FAILED = {dg.DagsterEventType.RUN_FAILURE}
ENDS = {dg.DagsterEventType.ENGINE_EVENT, *RUN_FAILED}
ENDED_BY_DAGSTER = "This run has been marked as failed"

Listener = Callable[[dg.DagsterEvent], None]


@dataclass
class RunOutcome:
    """The outcome of a run.

    Attributes:
        run_id: Id of the run in the instance.
        success: Whether all steps succeeded.
        rows: Rows by asset and partition key (an empty key if the asset has none).
        seconds: Duration of the step by asset.
        checks: Check results, in the order in which they were evaluated.
        failures: One line per step that failed, except those that failed because of a check.
        wrong_input: Whether a step failed for a reason that the user can correct.
        interrupted: Whether a step was interrupted.
    """

    run_id: str
    success: bool
    rows: dict[dg.AssetKey, dict[str, int]] = field(default_factory=dict)
    seconds: dict[dg.AssetKey, float] = field(default_factory=dict)
    checks: list[dg.AssetCheckEvaluation] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    wrong_input: bool = False
    interrupted: bool = False

    @property
    def gate_passed(self) -> bool:
        """Whether no step and no check of error severity failed."""
        return self.success and not any(map(is_failure, self.checks))

    @property
    def messages(self) -> list[str]:
        """A line for each failed check, and for each step that failed for another reason."""
        return [*gate_messages(self.checks), *self.failures]


def launch(
    defs: dg.Definitions,
    assets: Sequence[dg.AssetKey],
    checks: Sequence[dg.AssetCheckKey],
    instance: dg.DagsterInstance,
    *,
    keys: Sequence[str] = (),
    run_config: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    on_event: Listener = lambda event: None,
) -> RunOutcome:
    """Materializes assets and evaluates checks over a contiguous range of partition keys.

    Args:
        defs: The definitions of the assets and checks.
        assets: The assets to materialize.
        checks: The checks to evaluate.
        instance: The instance that records the run.
        keys: The partition keys, in order; none for a run without partitions.
        run_config: Dagster's run configuration, besides that of the logs.
        tags: Run tags, besides those of the range.
        on_event: Called with each event of the run.

    Raises:
        KeyboardInterrupt: The run was interrupted.
    """
    outcome = RunOutcome(run_id=str(uuid.uuid4()), success=False)

    def listen(entry: dg.EventLogEntry) -> None:
        if entry.dagster_event is not None:
            _record(entry.dagster_event, outcome)
            on_event(entry.dagster_event)
            if entry.dagster_event.event_type == dg.DagsterEventType.STEP_START:
                stop_if_interrupted()

    instance.add_event_listener(outcome.run_id, listen)
    job = job_of(defs, assets, checks)
    config = {**QUIET, **(run_config or {})}
    # The daemon launches none again whose command was killed: its user does.
    ours = {PROCESS: this_process(), MAX_RETRIES_TAG: "0"}
    all_tags = {**(tags or {}), **_range_tags(keys), **ours}
    run = record_run(job, set(assets), set(checks), instance, outcome.run_id, config, all_tags)
    outcome.success = execute_run(in_process(job), run, instance).success
    if outcome.interrupted or (interrupted() and not outcome.success):
        # Dagster has recorded a failure, since a step ended with an error.
        instance.report_run_canceled(run, "The command was interrupted.")
        raise KeyboardInterrupt
    stop_if_interrupted()
    return outcome


def _range_tags(keys: Sequence[str]) -> dict[str, str]:
    """The tags of a run with partitions."""
    if not keys:
        return {}
    if len(keys) == 1:
        return {PARTITION: keys[0]}
    return {RANGE_START: keys[0], RANGE_END: keys[-1]}


def recorded_outcome(instance: dg.DagsterInstance, run_id: str) -> RunOutcome:
    """The outcome of a run that another process launched, from its log.

    Args:
        instance: The instance that recorded the run.
        run_id: Id of the run.
    """
    run = instance.get_run_by_id(run_id)
    outcome = RunOutcome(run_id, success=run is not None and run.is_success)
    types = {dg.DagsterEventType.ASSET_CHECK_EVALUATION, dg.DagsterEventType.STEP_FAILURE}
    events = _events(instance, run_id, types | ENDS)
    for event in events:
        _record(event, outcome)
    if run is not None and not run.is_success and not outcome.messages:
        reason = _reason_of_end(events) or run.status.value.lower()
        outcome.failures.append(f"run {run_id}: {reason}")
    return outcome


def _events(
    instance: dg.DagsterInstance, run_id: str, types: set[dg.DagsterEventType]
) -> list[dg.DagsterEvent]:
    entries = instance.all_logs(run_id, of_type=types)
    return [entry.dagster_event for entry in entries if entry.dagster_event is not None]


def _reason_of_end(events: Sequence[dg.DagsterEvent]) -> str | None:
    """Why a run failed outside of its steps: its process was killed, or could not execute them."""
    ends = [event for event in events if event.event_type in ENDS]
    failed = [n for n, event in enumerate(ends) if event.event_type in RUN_FAILED]
    # One that Dagster ended itself says so in the event before.
    for event in reversed(ends[: failed[-1] + 1] if failed else []):
        data: Any = event.event_specific_data
        error = getattr(data, "error", None)
        text = _first_line(error) if error is not None else event.message or ""
        if text and not text.startswith(ENDED_BY_DAGSTER):
            return text.rstrip(".")
    return None


def _record(event: dg.DagsterEvent, outcome: RunOutcome) -> None:
    if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
        materialization = event.step_materialization_data.materialization
        count = materialization.metadata.get("rows")
        rows = outcome.rows.setdefault(materialization.asset_key, {})
        rows[materialization.partition or ""] = int(count.value) if count is not None else 0  # type: ignore[arg-type]
    elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        outcome.checks.append(event.asset_check_evaluation_data)
    elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
        node = event.node_handle
        if node is not None:
            outcome.seconds[dg.AssetKey(node.name.split(SEPARATOR, 1))] = (
                event.step_success_data.duration_ms / 1000
            )
    elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
        error = event.step_failure_data.error
        cause = _cause(error)
        if error is not None and CHECK_FAILURES & {error.cls_name, cause and cause.cls_name}:
            return  # the check results describe the failure
        name = (event.step_key or "").replace(SEPARATOR, "/", 1)
        text = _first_line(error) if error is not None else "failed"
        outcome.interrupted |= cause is not None and cause.cls_name in INTERRUPTIONS
        outcome.wrong_input |= cause is not None and cause.cls_name in ("UserError", "Failure")
        outcome.failures.append(f"{name}: {text}")


def _cause(error: SerializableErrorInfo | None) -> SerializableErrorInfo | None:
    """The error that Dagster's own is about."""
    return error.cause if error is not None and error.cause is not None else error


def _first_line(error: SerializableErrorInfo) -> str:
    cause = _cause(error)
    assert cause is not None
    return without_class(cause.message.strip().splitlines()[0])
