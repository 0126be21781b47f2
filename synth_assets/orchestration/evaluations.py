"""Results as Dagster's events: one evaluation a partition, and one that sums up.

``AssetCheckResult`` is not used. Dagster turns it into an evaluation that is stored on a partition
only if that is the run's one partition, and cannot turn it into any where a check of a partitioned
table is executed without a partition. What a result is about is the latest materialization of
its partition: only an evaluation that says so counts for that partition in the UI.
"""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as Target,
)

from synth_assets.core.model import Check, CheckResult
from synth_assets.orchestration.metadata import result_metadata

# Most records that Dagster gives at once.
RECORDS = 1_000
# Partitions that a summary names.
NAMED = 20

Targets = Mapping[str | None, Target]


def targets_of(
    instance: dg.DagsterInstance, asset: dg.AssetKey, keys: Sequence[str] | None
) -> Targets:
    """The latest materialization of each partition, and under None the latest of all of them.

    ``keys`` is None for an asset that is not partitioned.
    """
    if keys is None:
        records = instance.fetch_materializations(asset, limit=1).records
        return {None: _target(records[0])} if records else {}
    if not keys:
        return {}
    materialized = dg.DagsterEventType.ASSET_MATERIALIZATION
    latest = instance.get_latest_storage_id_by_partition(asset, materialized, set(keys))
    ids = sorted(latest.values())
    found: dict[int, Target] = {}
    for start in range(0, len(ids), RECORDS):
        wanted = dg.AssetRecordsFilter(asset, storage_ids=ids[start : start + RECORDS])
        for record in instance.fetch_materializations(wanted, limit=RECORDS).records:
            found[record.storage_id] = _target(record)
    targets: dict[str | None, Target] = {None: found[ids[-1]]} if ids else {}
    return targets | {key: found[storage_id] for key, storage_id in latest.items()}


def _target(record: dg.EventLogRecord) -> Target:
    entry = record.event_log_entry
    return Target(storage_id=record.storage_id, run_id=entry.run_id, timestamp=entry.timestamp)


def evaluations(
    spec: dg.AssetCheckSpec,
    check: Check,
    results: Sequence[CheckResult],
    targets: Targets,
    *,
    sum_up: bool,
) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
    """What a step yields for a check: its evaluations, and the output that lets others follow.

    Args:
        spec: The check; one with partitions gets an evaluation for each of them.
        check: The check behind it.
        results: The check's results, at least one.
        targets: What they are about (``targets_of``).
        sum_up: Whether the run is about several partitions, or none.
    """
    yield dg.Output(None, output_name=spec.get_python_identifier())
    apart = [v for v in results if spec.partitions_def is not None and v.key is not None]
    for result in apart:
        yield _evaluation(spec, check, result, targets, result.key, result_metadata(result))
    if sum_up or not apart:
        failed = [result for result in results if not result.passed]
        shown = failed[0] if failed else results[-1]
        metadata = result_metadata(shown) | _counts(results, failed)
        yield _evaluation(spec, check, shown, targets, None, metadata)


def _evaluation(
    spec: dg.AssetCheckSpec,
    check: Check,
    result: CheckResult,
    targets: Targets,
    partition: str | None,
    metadata: Mapping[str, dg.MetadataValue],
) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.passed,
        description=result.note or None,
        metadata=metadata,
        target_materialization_data=targets.get(partition),
        severity=dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN,
        partition=partition,
        blocking=check.blocking,
    )


def _counts(
    results: Sequence[CheckResult], failed: Sequence[CheckResult]
) -> dict[str, dg.MetadataValue]:
    if len(results) == 1:
        return {}
    counts: dict[str, dg.MetadataValue] = {
        "partitions": dg.MetadataValue.int(len(results)),
        "partitions_failed": dg.MetadataValue.int(len(failed)),
    }
    if failed:
        named = ", ".join(str(result.key) for result in failed[:NAMED])
        counts["failed_partitions"] = dg.MetadataValue.text(named)
    return counts
