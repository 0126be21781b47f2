"""Launching a selection from Python: in this process, recorded by the instance.

The command line runs through here, so what it does shows in the UI as any other run.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from synth_assets.orchestration.gate_messages import gate_messages, is_failure
from synth_assets.orchestration.interruption import stop_if_interrupted
from synth_assets.orchestration.schedules import RANGE_END, RANGE_START

# The instance keeps the whole log; the terminal belongs to progress and results.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

# How a blocking check, and a test of dbt, that failed shows itself: its step fails, besides the
# result.
CLOSED_GATES = {"DagsterAssetCheckFailedError", "DbtTestsFailedError"}

# How a Ctrl-C shows itself, wherever in a step it comes.
INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")

Listener = Callable[[dg.DagsterEvent], None]


@dataclass
class RunOutcome:
    """What a run did: rows per asset and partition, results, failures in words.

    ``failures``: steps that failed, except by a check: its result says that.
    ``wrong_input``: a step failed for a reason that the user can mend.
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
        """No step failed and no check did that is an error."""
        return self.success and not any(map(is_failure, self.checks))

    @property
    def messages(self) -> list[str]:
        """A sentence for each failed check, and for each step that failed otherwise."""
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
    """Materializes assets and evaluates checks over a contiguous range of partition keys."""
    job = defs.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection=set(assets), asset_check_selection=set(checks)
    )
    outcome = RunOutcome(run_id=str(uuid.uuid4()), success=False)

    def listen(entry: dg.EventLogEntry) -> None:
        if entry.dagster_event is not None:
            _note(entry.dagster_event, outcome)
            on_event(entry.dagster_event)
            if entry.dagster_event.event_type == dg.DagsterEventType.STEP_START:
                stop_if_interrupted()

    instance.add_event_listener(outcome.run_id, listen)
    partitioned: dict[str, Any] = {"tags": dict(tags or {})}
    if len(keys) == 1:
        partitioned["partition_key"] = keys[0]
    elif keys:
        partitioned["tags"] |= {RANGE_START: keys[0], RANGE_END: keys[-1]}
    result = job.execute_in_process(
        instance=instance,
        run_id=outcome.run_id,
        run_config={**QUIET, **(run_config or {})},
        raise_on_error=False,
        **partitioned,
    )
    outcome.success = result.success
    if outcome.interrupted:
        raise KeyboardInterrupt
    stop_if_interrupted()
    return outcome


def _note(event: dg.DagsterEvent, outcome: RunOutcome) -> None:
    if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
        made = event.step_materialization_data.materialization
        count = made.metadata.get("rows")
        rows = outcome.rows.setdefault(made.asset_key, {})
        rows[made.partition or ""] = int(count.value) if count is not None else 0  # type: ignore[arg-type]
    elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        outcome.checks.append(event.asset_check_evaluation_data)
    elif event.event_type == dg.DagsterEventType.STEP_SUCCESS:
        node = event.node_handle
        if node is not None:
            outcome.seconds[dg.AssetKey(node.name.split("__"))] = (
                event.step_success_data.duration_ms / 1000
            )
    elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
        error = event.step_failure_data.error
        cause = error.cause if error is not None and error.cause is not None else error
        if error is not None and CLOSED_GATES & {error.cls_name, cause and cause.cls_name}:
            return  # the results say it, and better
        name = (event.step_key or "").replace("__", "/")
        text = cause.message.strip().splitlines()[0] if cause is not None else "failed"
        outcome.interrupted |= cause is not None and cause.cls_name in INTERRUPTIONS
        outcome.wrong_input |= cause is not None and cause.cls_name in ("UserError", "Failure")
        outcome.failures.append(f"{name}: {text.rpartition('Error: ')[2]}")
