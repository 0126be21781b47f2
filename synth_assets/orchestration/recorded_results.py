"""The latest results of checks that Dagster's instance has recorded.

``evaluations`` converts results to Dagster's events; here they are read and converted back.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import dagster as dg

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.metadata import rows_of
from synth_assets.reports.gate import Materialization

# The newest records of a check among which the latest of each partition is searched.
HISTORY = 5_000


class Evaluation(NamedTuple):
    """A recorded evaluation of a check.

    Attributes:
        data: The evaluation.
        run_id: Id of the run that evaluated it.
    """

    data: dg.AssetCheckEvaluation
    run_id: str


def latest_results(
    instance: dg.DagsterInstance, table: Table, check: Check
) -> tuple[list[CheckResult], dict[str | None, str]]:
    """A check's latest recorded result of each partition, in order of the keys, and their runs.

    Args:
        instance: The instance.
        table: The table.
        check: The check.
    """
    found = latest_evaluations(instance, dg.AssetCheckKey(asset_key(table), check.name))
    if check.per_partition and not isinstance(table.partitioning, Unpartitioned):
        # The summary of a range run has no partition; each partition has its own evaluation.
        found.pop(None, None)
    keys = sorted(found, key=str)
    runs = {key: found[key].run_id for key in keys}
    return [_result(key, found[key].data) for key in keys], runs


def latest_evaluations(
    instance: dg.DagsterInstance, check: dg.AssetCheckKey
) -> dict[str | None, Evaluation]:
    """A check's latest recorded evaluation of each partition, newest first.

    Args:
        instance: The instance.
        check: The check's key.
    """
    latest: dict[str | None, Evaluation] = {}
    for record in instance.event_log_storage.get_asset_check_execution_history(
        check, limit=HISTORY
    ):
        event = record.event.dagster_event if record.event else None
        # Other events are of planned evaluations.
        if event and event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            data = event.asset_check_evaluation_data
            latest.setdefault(record.partition, Evaluation(data, record.run_id))
    return latest


def latest_materializations(
    instance: dg.DagsterInstance, assets: Sequence[dg.AssetKey]
) -> dict[str, Materialization]:
    """The latest recorded materialization of assets, by path.

    Args:
        instance: The instance.
        assets: The assets.
    """
    found = {}
    for record in instance.get_asset_records(list(assets)):
        event = record.asset_entry.last_materialization
        if event is not None:
            at = datetime.fromtimestamp(event.timestamp, UTC)
            path = record.asset_entry.asset_key.to_user_string()
            found[path] = Materialization(event.run_id, at)
    return found


def failed_rows(evaluation: dg.AssetCheckEvaluation) -> float:
    """Rows that a dbt test found; 0 or 1 if it did not count them.

    Args:
        evaluation: A result of the test.
    """
    counted = evaluation.metadata.get("dagster_dbt/failed_row_count")
    return float(str(counted.value)) if counted is not None else float(not evaluation.passed)


def _result(key: str | None, evaluation: dg.AssetCheckEvaluation) -> CheckResult:
    numbers = {
        name: float(value.value)
        for name, value in evaluation.metadata.items()
        if isinstance(value, dg.FloatMetadataValue) and value.value is not None
    }
    measured = numbers.pop("measured", float("nan"))
    # The second names are those of results that earlier versions recorded.
    threshold = _first(evaluation, "threshold", "bound")
    note = evaluation.metadata.get("note")
    return CheckResult(
        key,
        evaluation.passed,
        measured,
        str(threshold.value) if threshold is not None else "",
        numbers,
        rows_of(_first(evaluation, "failing_rows", "offenders")),
        str(note.value) if note is not None else "",
        readable="readable" not in evaluation.metadata,
    )


def _first(evaluation: dg.AssetCheckEvaluation, *names: str) -> dg.MetadataValue | None:
    """The first of the values that the evaluation has."""
    return next((found for n in names if (found := evaluation.metadata.get(n)) is not None), None)
