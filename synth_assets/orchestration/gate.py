"""The gate report: verdicts of a selection, judged anew or read from the instance.

``judged`` looks at the store now; ``recorded`` reads the latest verdict that Dagster holds for
each check and partition. Either becomes a ``GateReport``, which an asset of each domain
publishes after a run and ``synth gate`` turns into an exit code.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl

from synth_assets.generation.domain import Domain
from synth_assets.generation.errors import UserError
from synth_assets.generation.rules import Rule, Verdict
from synth_assets.generation.scenario import Scenario
from synth_assets.generation.stored import Snapshot, Stored
from synth_assets.generation.table import Table
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.checks import judge
from synth_assets.orchestration.metadata import PREVIEW_ROWS
from synth_assets.reports.files import write
from synth_assets.reports.gate import CheckOutcome, GateReport, TableOutcome
from synth_assets.stores.routing import Stores

Selected = Mapping[str, Sequence[Table]]
PNG = re.compile(r"\(data:image/png;base64,([A-Za-z0-9+/=]+)\)")
# Newest records of a check that are looked through for each partition's latest.
HISTORY = 5_000


def gate_key(domain: str) -> dg.AssetKey:
    """Asset key of a domain's gate report."""
    return dg.AssetKey([domain, "gate_report"])


def judged(
    domain: Domain,
    tables: Sequence[Table],
    stores: Stores,
    scenario: Scenario,
    keys_of: Callable[[Table], Sequence[str]],
    progress: Callable[[Table, Rule], None] = lambda table, rule: None,
) -> list[TableOutcome]:
    """Every rule of the tables, measured now on the stored slices that ``keys_of`` names."""
    snapshot = Snapshot(stores)
    outcomes = []
    for table in tables:
        keys = keys_of(table)
        stored = Stored(domain, table, keys, snapshot, scenario)
        checks = []
        for rule in table.all_rules:
            progress(table, rule)
            checks.append(_outcome(table, rule, judge(rule, stored) if keys else []))
        rows = {k: r.rows for k, r in snapshot.describe(table).items() if k in set(keys)}
        images = _images(table, stores, list(rows))
        outcomes.append(TableOutcome(table.path, table.doc, rows, checks, images))
    return outcomes


def recorded(
    tables: Sequence[Table], stores: Stores, instance: dg.DagsterInstance
) -> list[TableOutcome]:
    """The latest verdicts that the instance holds for the tables' checks."""
    outcomes = []
    for table in tables:
        rows = {key: receipt.rows for key, receipt in stores.describe(table).items()}
        checks = [_outcome(table, rule, _latest(instance, table, rule)) for rule in table.all_rules]
        images = _images(table, stores, list(rows))
        outcomes.append(TableOutcome(table.path, table.doc, rows, checks, images))
    return outcomes


def _images(table: Table, stores: Stores, keys: Sequence[str]) -> dict[str, str]:
    """The pictures of a table's last slice that are images."""
    if table.pictures is None or not keys:
        return {}
    try:
        rows = stores.scan(table, keys[-1:]).head(PREVIEW_ROWS).collect()
        made = table.pictures(rows) if len(rows) else {}
    except (UserError, pl.exceptions.PolarsError):
        return {}  # what cannot be read has failed its checks
    found = {name: PNG.search(markdown) for name, markdown in made.items()}
    return {name: image[1] for name, image in found.items() if image}


def report(
    title: str, scenarios: Mapping[str, Scenario], tables: Sequence[TableOutcome]
) -> GateReport:
    """A gate report over table outcomes, stamped with the present time."""
    made_by = {
        name: f"{scenario.fingerprint()} (seed {scenario.seed})"
        for name, scenario in scenarios.items()
    }
    return GateReport(title, datetime.now(UTC), made_by, tables)


def _outcome(table: Table, rule: Rule, verdicts: Sequence[Verdict]) -> CheckOutcome:
    return CheckOutcome(table.path, rule.name, rule.doc, rule.blocking, verdicts)


def _latest(instance: dg.DagsterInstance, table: Table, rule: Rule) -> list[Verdict]:
    history = instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(asset_key(table), rule.name), limit=HISTORY
    )
    latest: dict[str | None, Verdict] = {}
    for record in history:
        event = record.event.dagster_event if record.event else None
        if event is None or event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            continue  # planned, not judged yet
        # The summary of a range run lies on no partition; its partitions speak for themselves.
        if rule.per_partition and record.partition is None and table.slicing.axis != "part":
            continue
        evaluation = event.asset_check_evaluation_data
        latest.setdefault(record.partition, _verdict(record.partition, evaluation))
    return [latest[key] for key in sorted(latest, key=str)]


def _verdict(key: str | None, evaluation: dg.AssetCheckEvaluation) -> Verdict:
    numbers = {
        name: float(value.value)
        for name, value in evaluation.metadata.items()
        if isinstance(value, dg.FloatMetadataValue) and value.value is not None
    }
    measured = numbers.pop("measured", float("nan"))
    bound = evaluation.metadata.get("bound")
    offenders = evaluation.metadata.get("offenders")
    return Verdict(
        key,
        evaluation.passed,
        measured,
        str(bound.value) if bound is not None else "",
        numbers,
        [{"sample": str(offenders.value)}] if offenders is not None else [],
    )


def gate_asset(
    domain: Domain, stores: Stores, folder: Path, upstream: Sequence[dg.AssetKey], group: str
) -> dg.AssetsDefinition:
    """An asset that publishes the domain's gate report from the instance's latest verdicts."""

    @dg.asset(
        key=gate_key(domain.name),
        deps=list(upstream),
        description="The latest verdict of every check, as HTML, JSON and JUnit XML.",
        group_name=group,
        owners=list(domain.owners),
        kinds={"html", "junit"},
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        outcomes = recorded(domain.tables, stores, context.instance)
        made = report(f"{domain.name} quality gate", {domain.name: domain.scenario}, outcomes)
        paths = write(made, folder / domain.name)
        counts = {f"checks_{status}": count for status, count in made.counts.items()}
        return dg.MaterializeResult(
            metadata={
                "report": dg.MetadataValue.path(str(paths[0])),
                "passed": made.passed,
                **counts,
            }
        )

    return publish
