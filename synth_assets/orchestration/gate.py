"""The outcomes of checks: evaluated now on the stored data, or read from the instance.

``evaluate_tables`` evaluates the checks; ``recorded_tables`` and ``recorded_models`` read the
latest result in Dagster's instance for each check and partition. All become a ``GateReport``,
which ``gate_asset`` publishes after a run and ``synth gate`` turns into an exit code.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import dagster as dg
import polars as pl

from synth_assets.core.cached_reader import CachedReader
from synth_assets.core.check_result import CheckResult
from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, Domain, Table, TableView
from synth_assets.core.scenario import Scenario
from synth_assets.core.schema import columns_of
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.checks import evaluate
from synth_assets.orchestration.marts import Marts
from synth_assets.orchestration.metadata import PREVIEW_ROWS
from synth_assets.orchestration.recorded_results import (
    failed_rows,
    latest_evaluations,
    latest_materializations,
    latest_results,
)
from synth_assets.orchestration.ui_address import ui_address
from synth_assets.quality.structural import checks_of
from synth_assets.reports.gate import (
    CheckOutcome,
    DomainOutcome,
    GateReport,
    Materialization,
    Reference,
    TableOutcome,
)
from synth_assets.stores.damage import Damage
from synth_assets.stores.routing import Stores
from synth_assets.stores.store import described

PNG = re.compile(r"\(data:image/png;base64,([A-Za-z0-9+/=]+)\)")
Latest = Mapping[str, Materialization]
NOT_RECORDED: Latest = MappingProxyType({})


def evaluate_tables(
    domain: Domain,
    tables: Sequence[Table],
    stores: Stores,
    scenario: Scenario,
    keys_of: Callable[[Table], Sequence[str]],
    latest: Latest = NOT_RECORDED,
) -> list[TableOutcome]:
    """Evaluates every check of tables on what is stored now.

    Args:
        domain: The tables' domain.
        tables: The tables.
        stores: Where they are stored.
        scenario: The scenario that the rows are checked against.
        keys_of: The stored partitions of a table to evaluate.
        latest: The latest materialization of each table, by path, where it is recorded.

    Returns:
        An outcome per table, in their order.
    """
    reader, damage = CachedReader(stores), Damage(stores)
    outcomes = []
    for table in tables:
        keys = keys_of(table)
        view = TableView(domain, table, keys, reader, scenario)
        checks = [
            _outcome(table, check, evaluate(check, view, damage) if keys else [])
            for check in checks_of(table)
        ]
        stats, damaged = described(stores, table)[0], damage.of(table, keys)
        rows = {key: stats[key].rows for key in keys if key in stats and key not in damaged}
        outcomes.append(_table(table, rows, checks, stores, latest))
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
    latest = latest_materializations(instance, [*map(asset_key, tables)])
    outcomes = []
    for table in tables:
        rows = {key: stats.rows for key, stats in stores.describe(table).items()}
        checks = [
            _outcome(table, check, *latest_results(instance, table, check))
            for check in checks_of(table)
        ]
        outcomes.append(_table(table, rows, checks, stores, latest))
    return outcomes


def recorded_domain(
    domain: Domain, marts: Marts, stores: Stores, instance: dg.DagsterInstance
) -> list[TableOutcome]:
    """The recorded results of all tables and dbt models of a domain.

    Args:
        domain: The domain.
        marts: Its dbt models and tests.
        stores: Where its tables are stored.
        instance: The instance.
    """
    models = {outcome.table: outcome for outcome in recorded_models(marts, instance)}
    tables = []
    for outcome in recorded_tables(domain.tables, stores, instance):
        tests = models.pop(outcome.table, None)  # tests of a source belong to its table
        checks = [*outcome.checks, *(tests.checks if tests else ())]
        tables.append(replace(outcome, checks=checks))
    return [*tables, *models.values()]


def recorded_models(marts: Marts, instance: dg.DagsterInstance) -> list[TableOutcome]:
    """The recorded dbt models and the latest results of dbt tests.

    A test that only warns in dbt also warns here.

    Args:
        marts: The models and tests of a domain.
        instance: The instance.

    Returns:
        An outcome per model that was built or tested, and per table with tests.
    """
    checks: dict[dg.AssetKey, list[CheckOutcome]] = {}
    for spec in marts.checks:
        if found := latest_evaluations(instance, spec.key):
            evaluation, run_id = next(iter(found.values()))
            path = spec.asset_key.to_user_string()
            strict = evaluation.severity == dg.AssetCheckSeverity.ERROR
            result = CheckResult(None, evaluation.passed, failed_rows(evaluation), "= 0 (dbt test)")
            doc = spec.description or ""
            outcome = CheckOutcome(path, spec.name, doc, strict, [result], {None: run_id})
            checks.setdefault(spec.asset_key, []).append(outcome)
    specs = {spec.key: spec for spec in marts.models}
    latest = latest_materializations(instance, list(specs))
    built = [key for key in specs if key.to_user_string() in latest or key in checks]
    return [
        TableOutcome(
            path := key.to_user_string(),
            _first_paragraph(specs[key].description) if key in specs else "",
            {},
            checks.get(key, []),
            kind="model",
            latest=latest.get(path),
        )
        for key in dict.fromkeys([*built, *checks])
    ]


def _first_paragraph(text: str | None) -> str:
    """The description of a model, without the SQL that dagster-dbt appends."""
    first = (text or "").strip().partition("\n\n")[0]
    return "A model of dbt." if not first or first.startswith(("#", "dbt model")) else first


def _outcome(
    table: Table,
    check: Check,
    results: Sequence[CheckResult],
    runs: Mapping[str | None, str] = {},
) -> CheckOutcome:
    return CheckOutcome(
        table.path, check.name, check.doc, check.blocking, results, runs, check.detects
    )


def _table(
    table: Table,
    rows: Mapping[str, int],
    checks: Sequence[CheckOutcome],
    stores: Stores,
    latest: Latest,
) -> TableOutcome:
    references = [
        Reference(column.name, f"{table.domain}/{table.parents[role]}", of, f"fk_{column.name}")
        for column in columns_of(table.schema)
        if column.foreign_key is not None
        for role, of in [column.foreign_key]
    ]
    return TableOutcome(
        table.path,
        table.doc,
        rows,
        checks,
        _images(table, stores, list(rows)),
        tags=table.tags,
        references=references,
        declared=len(list(table.partitioning.keys())),
        latest=latest.get(table.path),
    )


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


def domain_outcome(
    domain: Domain, tables: Sequence[TableOutcome], *, complete: bool = True
) -> DomainOutcome:
    """The outcome of a domain.

    Args:
        domain: The domain.
        tables: The outcomes of its tables and models.
        complete: Whether these are all tables, with all stored partitions.
    """
    scenario = f"{domain.scenario.fingerprint()} (seed {domain.scenario.seed})"
    return DomainOutcome(domain.name, domain.doc, domain.owners, scenario, tables, complete)


def report(title: str, domains: Sequence[DomainOutcome]) -> GateReport:
    """A gate report of domains, with the present time.

    Args:
        title: Title of the report.
        domains: The outcomes.
    """
    return GateReport(title, datetime.now(UTC), domains, ui_address())
