"""One asset check a rule, with a verdict for each partition of a run.

Dagster stores the plain result of a range run on no partition. So every partition's verdict is
yielded as an ``AssetCheckEvaluation`` of its own, and one final ``AssetCheckResult`` sums up
and stops what is downstream. A test pins both facts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import dagster as dg
import polars as pl

from synth_assets.generation.domain import Domain
from synth_assets.generation.errors import UserError
from synth_assets.generation.rules import Rule, Verdict
from synth_assets.generation.slicing import WHOLE_KEY, Daily
from synth_assets.generation.stored import Snapshot, Stored
from synth_assets.generation.table import Table
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.metadata import verdict_metadata
from synth_assets.orchestration.partitions import partitions_of
from synth_assets.orchestration.resources import resource_key, scenario_of
from synth_assets.stores.routing import Stores


def table_checks(domain: Domain, table: Table, stores: Stores) -> dg.AssetChecksDefinition:
    """All rules of a table, evaluated in one step on what the store holds."""
    scenario_key = resource_key(domain)
    rules = {rule.name: rule for rule in table.all_rules}
    partitions = partitions_of(table.slicing)

    @dg.multi_asset_check(
        name=f"{table.domain}__{table.name}__gate",
        specs=[_spec(domain, table, rule) for rule in rules.values()],
        can_subset=True,
        required_resource_keys={scenario_key},
        description=f"Quality gate of {table.path}.",
    )
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[object]:
        scenario = scenario_of(domain, getattr(context.resources, scenario_key))
        keys = list(context.partition_keys) if partitions else [WHOLE_KEY]
        stored = Stored(domain, table, keys, Snapshot(stores), scenario)
        selected = {check.name for check in context.selected_asset_check_keys}
        for rule in rules.values():
            if rule.name in selected:
                yield from _events(table, rule, judge(rule, stored))

    return gate


def _spec(domain: Domain, table: Table, rule: Rule) -> dg.AssetCheckSpec:
    reads = [asset_key(domain.table(name)) for name in rule.reads if name != table.name]
    return dg.AssetCheckSpec(
        name=rule.name,
        asset=asset_key(table),
        description=rule.doc,
        blocking=rule.blocking,
        additional_deps=reads,
        partitions_def=partitions_of(table.slicing) if rule.per_partition else None,
    )


def judge(rule: Rule, stored: Stored) -> list[Verdict]:
    """The rule's verdicts; data that cannot be read breaks the rule, and says so."""
    try:
        verdicts = rule.measure(stored)
    except (UserError, pl.exceptions.PolarsError) as error:
        note = str(error).splitlines()[0]
        offenders = [{"error": note}]
        keys: Sequence[str | None] = stored.keys if rule.per_partition else [None]
        return [Verdict(key, False, float("nan"), "readable", {}, offenders, note) for key in keys]
    failed = [verdict.key for verdict in verdicts if not verdict.passed]
    note = _not_stored(rule, stored, failed) if failed else ""
    return [v if v.passed else replace(v, note=note) for v in verdicts]


def _not_stored(rule: Rule, stored: Stored, failed: Sequence[str | None]) -> str:
    """What a failed rule reads of other tables that is not stored, and how to make it."""
    for name in rule.reads:
        other = stored.other(name)
        path = other.table.path
        missing = [key for key in _needed(other.table, stored, failed) if key not in other.keys]
        if missing:
            span = missing[0] if len(missing) == 1 else f"{missing[0]}..{missing[-1]}"
            what = f"{span} of {path}" if other.keys else f"nothing of {path}"
            verb = "is not stored" if other.keys else "is stored"
            return f"{what} {verb}: run `synth materialize {path} --partitions {span}`"
    return ""


def _needed(table: Table, stored: Stored, failed: Sequence[str | None]) -> list[str]:
    """The slices of another table that slices of the judged one refer to."""
    judged = [key for key in failed if key] or list(stored.keys)
    keys = list(table.slicing.keys())
    if isinstance(table.slicing, Daily):
        return [key for key in keys if key <= max(judged)]  # a day refers to those before it
    return [key for key in keys if key in judged] or keys


def _events(table: Table, rule: Rule, verdicts: Sequence[Verdict]) -> Iterator[object]:
    severity = dg.AssetCheckSeverity.ERROR if rule.blocking else dg.AssetCheckSeverity.WARN
    key = asset_key(table)
    if len(verdicts) > 1:
        for verdict in verdicts:
            yield dg.AssetCheckEvaluation(
                asset_key=key,
                check_name=rule.name,
                passed=verdict.passed,
                metadata=verdict_metadata(verdict),
                severity=severity,
                partition=verdict.key,
                blocking=rule.blocking,
            )
    failed = [verdict for verdict in verdicts if not verdict.passed]
    shown = failed[0] if failed else verdicts[-1]
    metadata = verdict_metadata(shown)
    if len(verdicts) > 1:
        metadata["partitions"] = dg.MetadataValue.int(len(verdicts))
        metadata["partitions_failed"] = dg.MetadataValue.int(len(failed))
        if failed:
            named = ", ".join(str(verdict.key) for verdict in failed[:20])
            metadata["failed_partitions"] = dg.MetadataValue.text(named)
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name=rule.name,
        passed=not failed,
        metadata=metadata,
        severity=severity,
    )
