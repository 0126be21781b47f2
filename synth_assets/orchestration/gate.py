"""The gate report: results of a selection, judged anew or read from the instance.

``judged`` looks at the store now; ``recorded`` reads the latest result that Dagster holds for
each check and partition. Either becomes a ``GateReport``, which an asset of each domain
publishes after a run and ``synth gate`` turns into an exit code.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl

from synth_assets.core.cached_reader import CachedReader
from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, CheckResult, Domain, Table, TableView
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.scenario import Scenario
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.checks import judge
from synth_assets.orchestration.metadata import PREVIEW_ROWS, rows_of
from synth_assets.quality.structural import checks_of
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
    progress: Callable[[Table, Check], None] = lambda table, check: None,
) -> list[TableOutcome]:
    """Every check of the tables, measured now on the stored partitions that ``keys_of`` names."""
    snapshot = CachedReader(stores)
    outcomes = []
    for table in tables:
        keys = keys_of(table)
        stored = TableView(domain, table, keys, snapshot, scenario)
        checks = []
        for check in checks_of(table):
            progress(table, check)
            checks.append(_outcome(table, check, judge(check, stored) if keys else []))
        rows = {k: r.rows for k, r in snapshot.describe(table).items() if k in set(keys)}
        images = _images(table, stores, list(rows))
        outcomes.append(TableOutcome(table.path, table.doc, rows, checks, images))
    return outcomes


def recorded(
    tables: Sequence[Table], stores: Stores, instance: dg.DagsterInstance
) -> list[TableOutcome]:
    """The latest results that the instance holds for the tables' checks."""
    outcomes = []
    for table in tables:
        rows = {key: stats.rows for key, stats in stores.describe(table).items()}
        checks = [
            _outcome(table, check, _latest(instance, table, check)) for check in checks_of(table)
        ]
        images = _images(table, stores, list(rows))
        outcomes.append(TableOutcome(table.path, table.doc, rows, checks, images))
    return outcomes


def models_recorded(
    checks: Sequence[dg.AssetCheckSpec], instance: dg.DagsterInstance
) -> list[TableOutcome]:
    """The latest results of dbt's tests of models and sources that the instance holds.

    A test that only warns in dbt warns here, too. A model whose tests have not run is left out.
    """
    by_asset: dict[dg.AssetKey, list[CheckOutcome]] = {}
    for spec in checks:
        if found := _evaluations(instance, spec.key):
            evaluation = next(iter(found.values()))
            model = spec.asset_key.to_user_string()
            strict = evaluation.severity == dg.AssetCheckSeverity.ERROR
            result = CheckResult(None, evaluation.passed, _failures(evaluation), "dbt test")
            outcome = CheckOutcome(model, spec.name, spec.description or "", strict, [result])
            by_asset.setdefault(spec.asset_key, []).append(outcome)
    return [
        TableOutcome(key.to_user_string(), "A model of dbt.", {}, outcomes)
        for key, outcomes in by_asset.items()
    ]


def _failures(evaluation: dg.AssetCheckEvaluation) -> float:
    """Rows that a test of dbt found, as far as it counted them."""
    counted = evaluation.metadata.get("dagster_dbt/failed_row_count")
    return float(str(counted.value)) if counted is not None else float(not evaluation.passed)


def _images(table: Table, stores: Stores, keys: Sequence[str]) -> dict[str, str]:
    """The pictures of a table's last partition that are images."""
    if table.plots is None or not keys:
        return {}
    try:
        rows = stores.scan(table, keys[-1:]).head(PREVIEW_ROWS).collect()
        made = table.plots(rows) if len(rows) else {}
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


def _outcome(table: Table, check: Check, results: Sequence[CheckResult]) -> CheckOutcome:
    return CheckOutcome(table.path, check.name, check.doc, check.blocking, results)


def _latest(instance: dg.DagsterInstance, table: Table, check: Check) -> list[CheckResult]:
    found = _evaluations(instance, dg.AssetCheckKey(asset_key(table), check.name))
    if check.per_partition and not isinstance(table.partitioning, Unpartitioned):
        # The summary of a range run lies on no partition; its partitions speak for themselves.
        found.pop(None, None)
    return [_result(key, found[key]) for key in sorted(found, key=str)]


def _evaluations(
    instance: dg.DagsterInstance, check: dg.AssetCheckKey
) -> dict[str | None, dg.AssetCheckEvaluation]:
    """A check's latest evaluation of each partition that the instance holds, newest first."""
    latest: dict[str | None, dg.AssetCheckEvaluation] = {}
    for record in instance.event_log_storage.get_asset_check_execution_history(
        check, limit=HISTORY
    ):
        event = record.event.dagster_event if record.event else None
        # Others are planned, not judged yet.
        if event and event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            latest.setdefault(record.partition, event.asset_check_evaluation_data)
    return latest


def _result(key: str | None, evaluation: dg.AssetCheckEvaluation) -> CheckResult:
    numbers = {
        name: float(value.value)
        for name, value in evaluation.metadata.items()
        if isinstance(value, dg.FloatMetadataValue) and value.value is not None
    }
    measured = numbers.pop("measured", float("nan"))
    bound = evaluation.metadata.get("bound")
    note = evaluation.metadata.get("note")
    return CheckResult(
        key,
        evaluation.passed,
        measured,
        str(bound.value) if bound is not None else "",
        numbers,
        rows_of(evaluation.metadata.get("offenders")),
        str(note.value) if note is not None else "",
    )


def gate_asset(
    domain: Domain,
    stores: Stores,
    folder: Path,
    upstream: Sequence[dg.AssetKey],
    group: str,
    model_checks: Sequence[dg.AssetCheckSpec] = (),
) -> dg.AssetsDefinition:
    """An asset that publishes the domain's gate report from the instance's latest results.

    ``model_checks`` are dbt's tests of the domain, which count like the tables' checks.
    """

    @dg.asset(
        key=gate_key(domain.name),
        deps=list(upstream),
        description="The latest verdict of every check and dbt test, as HTML, JSON and JUnit XML.",
        group_name=group,
        owners=list(domain.owners),
        kinds={"html", "junit"},
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        outcomes = recorded(domain.tables, stores, context.instance)
        outcomes += models_recorded(model_checks, context.instance)
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
