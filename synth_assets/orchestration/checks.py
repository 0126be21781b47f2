"""One asset check per check, with a result for each partition of a run.

A run without a partition (checks alone, as the UI starts them) evaluates all stored partitions.
``evaluations`` converts results to Dagster's events.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import dagster as dg
import polars as pl

from synth_assets.core.cached_reader import CachedReader
from synth_assets.core.check_result import CheckResult
from synth_assets.core.consistency import OF_GATES, SEPARATOR
from synth_assets.core.errors import NotStoredError, UserError
from synth_assets.core.model import Check, Domain, Table, TableView
from synth_assets.core.schema import differences, polars_schema
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.evaluations import evaluations, targets_of
from synth_assets.orchestration.interruption import stop_if_interrupted
from synth_assets.orchestration.partitions import has_partitions, partitions_of
from synth_assets.orchestration.resources import resource_key, scenario_of
from synth_assets.quality.structural import checks_of
from synth_assets.stores.damage import ANY_ERROR, Damage, SoundReader, may_be_damage
from synth_assets.stores.routing import Stores
from synth_assets.stores.store import MissingPartitionError


def table_checks(domain: Domain, table: Table, stores: Stores) -> dg.AssetChecksDefinition:
    """All checks of a table, evaluated in one step on the stored rows.

    Args:
        domain: The table's domain.
        table: The table.
        stores: Where the domain's tables are stored.
    """
    scenario_key = resource_key(domain)
    checks = [(_spec(domain, table, check), check) for check in checks_of(table)]
    partitions = partitions_of(table.partitioning)

    @dg.multi_asset_check(
        name=f"{table.domain}{SEPARATOR}{table.name}{OF_GATES}",
        specs=[spec for spec, _ in checks],
        can_subset=True,
        required_resource_keys={scenario_key},
        description=f"Quality gate of {table.path}.",
    )
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[object]:
        scenario = scenario_of(domain, getattr(context.resources, scenario_key))
        requested = list(context.partition_keys) if partitions and has_partitions(context) else None
        reader = CachedReader(stores)
        damage = Damage(stores)
        keys, missing = _keys(table, damage, requested, uri=stores.of(table).uri(table))
        view = TableView(domain, table, keys, reader, scenario)
        targets = targets_of(context.instance, asset_key(table), keys if partitions else None)
        for spec, check in checks:
            stop_if_interrupted()
            if spec.key in context.selected_asset_check_keys:
                results = _results(check, view, damage, missing)
                several = not context.has_partition_key
                yield from evaluations(spec, check, results, targets, summarize=several)

    return gate


def _spec(domain: Domain, table: Table, check: Check) -> dg.AssetCheckSpec:
    reads = [asset_key(domain.table(name)) for name in check.reads if name != table.name]
    return dg.AssetCheckSpec(
        name=check.name,
        asset=asset_key(table),
        description=check.doc,
        blocking=check.blocking,
        additional_deps=reads,
        partitions_def=partitions_of(table.partitioning) if check.per_partition else None,
    )


def _keys(
    table: Table, damage: Damage, requested: Sequence[str] | None, uri: str
) -> tuple[list[str], dict[str | None, str]]:
    """The stored partitions among the requested ones (None: all), and messages for the others."""
    nothing = f"nothing of {table.path} is stored at {uri}: run `synth materialize {table.path}`"
    try:
        stored = damage.stored_keys(table)
    except (UserError, pl.exceptions.PolarsError) as error:
        stored, nothing = [], str(error).splitlines()[0]
    if requested is None:
        return stored, {} if stored else {None: nothing}
    messages: dict[str | None, str] = {
        key: str(MissingPartitionError(table, [key], uri)) if stored else nothing
        for key in requested
        if key not in stored
    }
    return [key for key in requested if key in stored], messages


def _results(
    check: Check, view: TableView, damage: Damage, missing: Mapping[str | None, str]
) -> list[CheckResult]:
    """The results of a check on stored partitions, and failed results for missing ones."""
    results = evaluate(check, view, damage) if view.keys else []
    if check.per_partition:
        results += [_missing(key, message) for key, message in missing.items()]
    elif not results:
        results = [_missing(None, message) for message in list(missing.values())[:1]]
    return results


def _missing(key: str | None, message: str) -> CheckResult:
    return _not_judged(key, message, "stored")


def evaluate(check: Check, view: TableView, damage: Damage) -> list[CheckResult]:
    """Evaluates a check on the partitions that are as they were written.

    Args:
        check: The check.
        view: The table, with the partitions to evaluate.
        damage: The damaged partitions.

    Returns:
        The check's results; failed results with a note where the data cannot be read.
    """
    try:
        damaged = damage.of(view.table, view.keys)
    except UserError as error:
        return _unreadable(check, view, str(error).splitlines()[0])
    if damaged and not check.per_partition:
        return _unreadable(check, view, next(iter(damaged.values())))
    sound = [key for key in view.keys if key not in damaged]
    reader = SoundReader(view.reader, view.table, damaged)
    found = _on_sound(check, replace(view, keys=sound, reader=reader), damage) if sound else []
    return found + [_not_judged(k, note, "readable") for k, note in damaged.items()]


def _on_sound(check: Check, view: TableView, damage: Damage) -> list[CheckResult]:
    try:
        results = check.measure(view)
    except ANY_ERROR as error:
        if may_be_damage(error) and damage.found_in(view.table, view.keys):
            return evaluate(check, view, damage)
        note = _behind(error, check, view, damage)
        if not note and not isinstance(error, UserError | pl.exceptions.PolarsError):
            raise  # a fault in the code of the check
        # Another table that is not stored is no damage: a check that warns of its rows still does.
        readable = isinstance(error, NotStoredError)
        return _unreadable(check, view, note or str(error).splitlines()[0], readable=readable)
    failed = [result.key for result in results if not result.passed]
    if not failed:
        return results
    note = _behind_failures(failed, check, view, damage)
    return [r if r.passed or not note else replace(r, note=note) for r in results]


def _unreadable(
    check: Check, view: TableView, note: str, *, readable: bool = False
) -> list[CheckResult]:
    keys: list[str | None] = [*view.keys] if check.per_partition else [None]
    return [_not_judged(key, note, "readable", readable=readable) for key in keys]


def _not_judged(
    key: str | None, note: str, threshold: str, *, readable: bool = False
) -> CheckResult:
    rows = [{"error": note}]
    return CheckResult(key, False, float("nan"), threshold, {}, rows, note, readable)


def _behind_failures(
    failed: Sequence[str | None], check: Check, view: TableView, damage: Damage
) -> str:
    """Names another partition because of which results failed; empty for none."""
    others = [view.domain.table(name) for name in check.reads]
    with suppress(UserError):
        if not check.blocking:  # no reason to read all bytes: what is planted warns in every run
            return _not_stored(check, view, failed)
        return (
            _damage_of(others, damage)
            or _not_stored(check, view, failed)
            or _damage_of([view.table], damage)
        )
    return ""


def _behind(error: BaseException, check: Check, view: TableView, damage: Damage) -> str:
    """Names another partition because of which rows cannot be read; empty for none."""
    note, tables = "", _tables_read(check, view)
    with suppress(UserError):
        if may_be_damage(error):
            for table in tables:
                damage.found_in(table, damage.stored_keys(table))
            note = _damage_of(tables, damage)
        if not note and isinstance(error, pl.exceptions.PolarsError):
            note = _other_columns(check, view)
    return note


def _damage_of(tables: Sequence[Table], damage: Damage) -> str:
    """Names the first damaged partition of tables; empty for none."""
    return next((note for table in tables for note in damage.of(table).values()), "")


def _tables_read(check: Check, view: TableView) -> list[Table]:
    return [view.domain.table(name) for name in dict.fromkeys([view.table.name, *check.reads])]


def _other_columns(check: Check, view: TableView) -> str:
    """Names the first partition that a check reads and that has other columns than its table."""
    for table in _tables_read(check, view):
        other = view.other(table.name)
        expected, path = polars_schema(other.table.schema), other.table.path
        for key, stats in other.partition_stats.items():
            found = differences(expected, stats.schema)
            if found:
                return (
                    f"slice {key} of {path} has other columns ({'; '.join(found)}): make it again "
                    f"with `synth materialize {path} --partitions {key}`"
                )
    return ""


def _not_stored(check: Check, view: TableView, failed: Sequence[str | None]) -> str:
    """Names partitions of other tables that a failed check reads and that are not stored."""
    for name in check.reads:
        other = view.other(name)
        path = other.table.path
        missing = [key for key in _needed(other.table, view, failed) if key not in other.keys]
        if missing:
            span = missing[0] if len(missing) == 1 else f"{missing[0]}..{missing[-1]}"
            what = f"{span} of {path}" if other.keys else f"nothing of {path}"
            verb = "is not stored" if other.keys else "is stored"
            return f"{what} {verb}: run `synth materialize {path} --partitions {span}`"
    return ""


def _needed(table: Table, view: TableView, failed: Sequence[str | None]) -> list[str]:
    """The partitions of another table to which the evaluated partitions refer."""
    evaluated = [key for key in failed if key] or list(view.keys)
    keys = list(table.partitioning.keys())
    refers = table.partitioning.may_reference
    return [k for k in keys if k in evaluated or any(refers(key, k) for key in evaluated)] or keys
