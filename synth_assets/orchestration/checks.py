"""One asset check a rule, with a verdict for each partition of a run.

A run without a partition (checks alone, as the UI starts them) judges what is stored. How
verdicts become events is in ``evaluations``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import dagster as dg
import polars as pl

from synth_assets.generation.domain import Domain
from synth_assets.generation.errors import UserError
from synth_assets.generation.rules import Rule, Verdict
from synth_assets.generation.stored import Snapshot, Stored
from synth_assets.generation.table import Table
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.evaluations import evaluations, targets_of
from synth_assets.orchestration.interruption import stop_if_interrupted
from synth_assets.orchestration.partitions import has_partitions, partitions_of
from synth_assets.orchestration.resources import resource_key, scenario_of
from synth_assets.stores.routing import Stores
from synth_assets.stores.store import MissingSliceError


def table_checks(domain: Domain, table: Table, stores: Stores) -> dg.AssetChecksDefinition:
    """All rules of a table, evaluated in one step on what the store holds."""
    scenario_key = resource_key(domain)
    checks = [(_spec(domain, table, rule), rule) for rule in table.all_rules]
    partitions = partitions_of(table.slicing)

    @dg.multi_asset_check(
        name=f"{table.domain}__{table.name}__gate",
        specs=[spec for spec, _ in checks],
        can_subset=True,
        required_resource_keys={scenario_key},
        description=f"Quality gate of {table.path}.",
    )
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[object]:
        scenario = scenario_of(domain, getattr(context.resources, scenario_key))
        asked = list(context.partition_keys) if partitions and has_partitions(context) else None
        snapshot = Snapshot(stores)
        keys, missing = _keys(table, snapshot, asked, where=stores.of(table).uri(table))
        stored = Stored(domain, table, keys, snapshot, scenario)
        targets = targets_of(context.instance, asset_key(table), keys if partitions else None)
        for spec, rule in checks:
            stop_if_interrupted()
            if spec.key in context.selected_asset_check_keys:
                verdicts = _verdicts(rule, stored, missing)
                several = not context.has_partition_key
                yield from evaluations(spec, rule, verdicts, targets, sum_up=several)

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


def _keys(
    table: Table, reader: Snapshot, asked: Sequence[str] | None, where: str
) -> tuple[list[str], dict[str | None, str]]:
    """The stored partitions among those asked for (None: all), and why others are not judged."""
    nothing = f"nothing of {table.path} is stored at {where}: run `synth materialize {table.path}`"
    try:
        stored = list(reader.describe(table))
    except (UserError, pl.exceptions.PolarsError) as error:
        stored, nothing = [], str(error).splitlines()[0]
    if asked is None:
        return stored, {} if stored else {None: nothing}
    missing = [key for key in asked if key not in stored]
    if not stored:
        return [], dict.fromkeys(missing, nothing)
    whys = {key: str(MissingSliceError(table, [key], where)) for key in missing}
    return [key for key in asked if key in stored], whys


def _verdicts(rule: Rule, stored: Stored, missing: Mapping[str | None, str]) -> list[Verdict]:
    """The rule's verdicts on what is stored, and failed ones for what is not."""
    verdicts = judge(rule, stored) if stored.keys else []
    if rule.per_partition:
        verdicts += [_absent(key, why) for key, why in missing.items()]
    elif not verdicts:
        verdicts = [_absent(None, why) for why in list(missing.values())[:1]]
    return verdicts


def _absent(key: str | None, why: str) -> Verdict:
    return Verdict(key, False, float("nan"), "stored", {}, [{"error": why}], why)


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
    refers = table.slicing.refers
    return [k for k in keys if k in judged or any(refers(key, k) for key in judged)] or keys
