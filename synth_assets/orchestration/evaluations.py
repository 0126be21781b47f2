"""Check results as Dagster's events: one evaluation per partition, and one summary.

``AssetCheckResult`` is not used. Dagster stores it on a partition only if the run has exactly one
partition, and fails when a check of a partitioned table is executed without a partition. Each
evaluation names the latest materialization of its partition as its target: the UI counts only
those evaluations for the partition.
"""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as Target,
)

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check
from synth_assets.orchestration.metadata import result_metadata
from synth_assets.orchestration.summaries import sentence, summary_metadata, worst_of

# The most records that Dagster returns at once.
MAX_RECORDS = 1_000

Targets = Mapping[str | None, Target]


def targets_of(
    instance: dg.DagsterInstance, asset: dg.AssetKey, keys: Sequence[str] | None
) -> Targets:
    """The latest materializations, which check results refer to.

    Args:
        instance: The instance that recorded them.
        asset: The asset.
        keys: Partition keys; None for an asset that is not partitioned.

    Returns:
        The latest materialization by partition key, and the latest of all under None.
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
    for start in range(0, len(ids), MAX_RECORDS):
        batch = dg.AssetRecordsFilter(asset, storage_ids=ids[start : start + MAX_RECORDS])
        for record in instance.fetch_materializations(batch, limit=MAX_RECORDS).records:
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
    summarize: bool,
) -> Iterator[dg.AssetCheckEvaluation | dg.Output[None]]:
    """Yields a check's evaluations, and the output on which downstream steps depend.

    Args:
        spec: The asset check; if it is partitioned, each partition gets an evaluation.
        check: The check that the asset check evaluates.
        results: The check's results, at least one.
        targets: The materializations that the results refer to (``targets_of``).
        summarize: Whether to add a summary: the run has several partitions, or none.
    """
    yield dg.Output(None, output_name=spec.get_python_identifier())
    partitioned = [v for v in results if spec.partitions_def is not None and v.key is not None]
    for result in partitioned:
        yield _evaluation(spec, check, result, targets, result.key)
    if summarize or not partitioned:
        yield _evaluation(spec, check, worst_of(results), targets, None, results)


def _evaluation(
    spec: dg.AssetCheckSpec,
    check: Check,
    result: CheckResult,
    targets: Targets,
    partition: str | None,
    summarized: Sequence[CheckResult] = (),
) -> dg.AssetCheckEvaluation:
    """The evaluation of a result, which is the worst one if several are summarized."""
    several = len(summarized) > 1
    blocks = result.blocks(check.blocking)
    texts = [result.note, sentence(summarized) if several else ""]
    return dg.AssetCheckEvaluation(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.passed,
        description=" ".join(filter(None, texts)) or None,
        metadata=summary_metadata(summarized) if several else result_metadata(result),
        target_materialization_data=targets.get(partition),
        severity=dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN,
        partition=partition,
        blocking=blocks,
    )
