"""The gate report: check results of a selection, evaluated now or read from the instance.

``evaluate_tables`` evaluates the checks on the stored data; ``recorded_tables`` reads the latest
result in Dagster's instance for each check and partition. Both become a ``GateReport``, which an
asset of each domain publishes after a run and ``synth gate`` turns into an exit code.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl

from synth_assets.core.cached_reader import CachedReader
from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, Domain, Table, TableView
from synth_assets.core.scenario import Scenario
from synth_assets.orchestration.checks import evaluate
from synth_assets.orchestration.metadata import PREVIEW_ROWS
from synth_assets.orchestration.recorded_results import (
    failed_rows,
    latest_evaluations,
    latest_results,
)
from synth_assets.quality.structural import checks_of
from synth_assets.reports.files import write
from synth_assets.reports.gate import CheckOutcome, GateReport, TableOutcome
from synth_assets.stores.routing import Stores

PNG = re.compile(r"\(data:image/png;base64,([A-Za-z0-9+/=]+)\)")


def gate_key(domain: str) -> dg.AssetKey:
    """Asset key of a domain's gate report.

    Args:
        domain: The domain's name.
    """
    return dg.AssetKey([domain, "gate_report"])


def evaluate_tables(
    domain: Domain,
    tables: Sequence[Table],
    stores: Stores,
    scenario: Scenario,
    keys_of: Callable[[Table], Sequence[str]],
    progress: Callable[[Table, Check], None] = lambda table, check: None,
) -> list[TableOutcome]:
    """Evaluates every check of tables on what is stored now.

    Args:
        domain: The tables' domain.
        tables: The tables.
        stores: Where they are stored.
        scenario: The scenario that the rows are checked against.
        keys_of: The stored partitions of a table to evaluate.
        progress: Called before each check.

    Returns:
        An outcome per table, in their order.
    """
    reader = CachedReader(stores)
    outcomes = []
    for table in tables:
        keys = keys_of(table)
        view = TableView(domain, table, keys, reader, scenario)
        checks = []
        for check in checks_of(table):
            progress(table, check)
            checks.append(_outcome(table, check, evaluate(check, view) if keys else []))
        rows = {k: r.rows for k, r in reader.describe(table).items() if k in set(keys)}
        images = _images(table, stores, list(rows))
        outcomes.append(TableOutcome(table.path, table.doc, rows, checks, images))
    return outcomes


def recorded_tables(
    tables: Sequence[Table], stores: Stores, instance: dg.DagsterInstance
) -> list[TableOutcome]:
    """The latest results of the tables' checks that the instance has recorded.

    Args:
        tables: The tables.
        stores: Where they are stored, for their rows and plots.
        instance: The instance.

    Returns:
        An outcome per table, in their order.
    """
    outcomes = []
    for table in tables:
        rows = {key: stats.rows for key, stats in stores.describe(table).items()}
        checks = [
            _outcome(table, check, latest_results(instance, table, check))
            for check in checks_of(table)
        ]
        images = _images(table, stores, list(rows))
        outcomes.append(TableOutcome(table.path, table.doc, rows, checks, images))
    return outcomes


def recorded_models(
    checks: Sequence[dg.AssetCheckSpec], instance: dg.DagsterInstance
) -> list[TableOutcome]:
    """The latest results of dbt tests of models and sources that the instance has recorded.

    A test that only warns in dbt also warns here.

    Args:
        checks: The dbt tests as asset checks (``marts.checks_of_models``).
        instance: The instance.

    Returns:
        An outcome per model, except models without a recorded result.
    """
    by_asset: dict[dg.AssetKey, list[CheckOutcome]] = {}
    for spec in checks:
        if found := latest_evaluations(instance, spec.key):
            evaluation = next(iter(found.values()))
            model = spec.asset_key.to_user_string()
            strict = evaluation.severity == dg.AssetCheckSeverity.ERROR
            result = CheckResult(None, evaluation.passed, failed_rows(evaluation), "dbt test")
            outcome = CheckOutcome(model, spec.name, spec.description or "", strict, [result])
            by_asset.setdefault(spec.asset_key, []).append(outcome)
    return [
        TableOutcome(key.to_user_string(), "A model of dbt.", {}, outcomes)
        for key, outcomes in by_asset.items()
    ]


def _images(table: Table, stores: Stores, keys: Sequence[str]) -> dict[str, str]:
    """The plots of a table's last partition that are PNG images, by name (base64)."""
    if table.plots is None or not keys:
        return {}
    try:
        rows = stores.scan(table, keys[-1:]).head(PREVIEW_ROWS).collect()
        plots = table.plots(rows) if len(rows) else {}
    except (UserError, pl.exceptions.PolarsError):
        return {}  # the checks of unreadable rows have failed
    found = {name: PNG.search(markdown) for name, markdown in plots.items()}
    return {name: image[1] for name, image in found.items() if image}


def report(
    title: str, scenarios: Mapping[str, Scenario], tables: Sequence[TableOutcome]
) -> GateReport:
    """A gate report of table outcomes, with the present time.

    Args:
        title: Title of the report.
        scenarios: The scenario of each domain, by name.
        tables: The outcomes.
    """
    fingerprints = {
        name: f"{scenario.fingerprint()} (seed {scenario.seed})"
        for name, scenario in scenarios.items()
    }
    return GateReport(title, datetime.now(UTC), fingerprints, tables)


def _outcome(table: Table, check: Check, results: Sequence[CheckResult]) -> CheckOutcome:
    return CheckOutcome(table.path, check.name, check.doc, check.blocking, results)


def gate_asset(
    domain: Domain,
    stores: Stores,
    folder: Path,
    upstream: Sequence[dg.AssetKey],
    group: str,
    model_checks: Sequence[dg.AssetCheckSpec] = (),
) -> dg.AssetsDefinition:
    """An asset that publishes a domain's gate report from the latest recorded results.

    Args:
        domain: The domain.
        stores: Where its tables are stored.
        folder: The report is written to a subfolder with the domain's name.
        upstream: Assets that must be materialized before.
        group: The asset group.
        model_checks: The domain's dbt tests, which count like the tables' checks.
    """

    @dg.asset(
        key=gate_key(domain.name),
        deps=list(upstream),
        description="The latest result of every check and dbt test, as HTML, JSON and JUnit XML.",
        group_name=group,
        owners=list(domain.owners),
        kinds={"html", "junit"},
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        outcomes = recorded_tables(domain.tables, stores, context.instance)
        outcomes += recorded_models(model_checks, context.instance)
        published = report(f"{domain.name} quality gate", {domain.name: domain.scenario}, outcomes)
        paths = write(published, folder / domain.name)
        counts = {f"checks_{status}": count for status, count in published.counts.items()}
        return dg.MaterializeResult(
            metadata={
                "report": dg.MetadataValue.path(str(paths[0])),
                "passed": published.passed,
                **counts,
            }
        )

    return publish
