"""Verdicts as Dagster's events: one evaluation a partition, and one that sums up.

``AssetCheckResult`` is not used. Dagster turns it into an evaluation that is stored on a partition
only if that is the run's one partition, and cannot turn it into any where a check of a partitioned
table is executed without a partition. What a verdict is about is the latest materialization of
its partition: only an evaluation that says so counts for that partition in the UI.
"""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as Target,
)

from synth_assets.generation.rules import Rule, Verdict
from synth_assets.orchestration.metadata import verdict_metadata

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
    newest = {None: found[ids[-1]]} if ids else {}
    return {**newest, **{key: found[storage_id] for key, storage_id in latest.items()}}


def _target(record: dg.EventLogRecord) -> Target:
    entry = record.event_log_entry
    return Target(storage_id=record.storage_id, run_id=entry.run_id, timestamp=entry.timestamp)


def evaluations(
    spec: dg.AssetCheckSpec,
    rule: Rule,
    verdicts: Sequence[Verdict],
    targets: Targets,
    *,
    sum_up: bool,
) -> Iterator[dg.AssetCheckEvaluation | dg.Output]:
    """What a step yields for a check: its evaluations, and the output that lets others follow.

    Args:
        spec: The check; one with partitions gets an evaluation for each of them.
        rule: The rule behind it.
        verdicts: The rule's verdicts, at least one.
        targets: What they are about (``targets_of``).
        sum_up: Whether the run is about several partitions, or none.
    """
    yield dg.Output(None, output_name=spec.get_python_identifier())
    apart = [v for v in verdicts if spec.partitions_def is not None and v.key is not None]
    for verdict in apart:
        yield _evaluation(spec, rule, verdict, targets, verdict.key, verdict_metadata(verdict))
    if sum_up or not apart:
        failed = [verdict for verdict in verdicts if not verdict.passed]
        shown = failed[0] if failed else verdicts[-1]
        metadata = verdict_metadata(shown) | _counts(verdicts, failed)
        yield _evaluation(spec, rule, shown, targets, None, metadata)


def _evaluation(
    spec: dg.AssetCheckSpec,
    rule: Rule,
    verdict: Verdict,
    targets: Targets,
    partition: str | None,
    metadata: Mapping[str, dg.MetadataValue],
) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=verdict.passed,
        description=verdict.note or None,
        metadata=metadata,
        target_materialization_data=targets.get(partition),
        severity=dg.AssetCheckSeverity.ERROR if rule.blocking else dg.AssetCheckSeverity.WARN,
        partition=partition,
        blocking=rule.blocking,
    )


def _counts(verdicts: Sequence[Verdict], failed: Sequence[Verdict]) -> dict[str, dg.MetadataValue]:
    if len(verdicts) == 1:
        return {}
    counts: dict[str, dg.MetadataValue] = {
        "partitions": dg.MetadataValue.int(len(verdicts)),
        "partitions_failed": dg.MetadataValue.int(len(failed)),
    }
    if failed:
        named = ", ".join(str(verdict.key) for verdict in failed[:NAMED])
        counts["failed_partitions"] = dg.MetadataValue.text(named)
    return counts
