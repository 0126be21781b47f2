"""``synth gate``: a data-quality gate for CI steps and scheduled runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import dagster as dg
import typer

from synth_assets.cli.console import err, out, path_markup, tracked, write
from synth_assets.cli.exits import GATE_FAILED
from synth_assets.cli.gate_output import print_annotations, print_gate
from synth_assets.cli.options import Partitions, Selection
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.selection import select
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.partition_keys import keys_between
from synth_assets.core.partition_stats import UNKNOWN
from synth_assets.core.partitioning import Daily
from synth_assets.domains import load_domains
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.gate import (
    domain_outcome,
    evaluate_tables,
    recorded_domain,
    recorded_tables,
    report,
)
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.marts import marts_of
from synth_assets.orchestration.recorded_results import latest_materializations
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.building import abbreviated
from synth_assets.reports import json_report
from synth_assets.reports.files import publish
from synth_assets.reports.gate import GateReport, TableOutcome, since
from synth_assets.stores.routing import Stores
from synth_assets.stores.store import described


class FailOn(StrEnum):
    """What makes the exit code 1."""

    ERROR = "error"
    WARN = "warn"


@dataclass(frozen=True)
class Request:
    """What a gate is to judge, and where its report goes.

    Attributes:
        partitions: A partition key, a range ``a..b``, or None for all stored partitions.
        since: The first day of tables that are partitioned by day, or None for all days.
        latest: Whether to read the latest recorded results instead of evaluating the checks.
        output: Folder of the report; ``gate/cli`` in the home by default.
        fail_on: What makes the exit code 1.
        as_json: Whether to print the report as JSON.
    """

    partitions: str | None = None
    since: date | None = None
    latest: bool = False
    output: Path | None = None
    fail_on: FailOn = FailOn.ERROR
    as_json: bool = False


def gate(
    selection: Selection = None,
    partitions: Partitions = None,
    since_: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="Daily tables: this day and later ones only."),
    ] = None,
    latest: Annotated[
        bool, typer.Option(help="Read the latest verdicts from Dagster instead of judging now.")
    ] = False,
    fail_on: Annotated[
        FailOn, typer.Option(help="Exit with 1 if a blocking check failed, or also for warnings.")
    ] = FailOn.ERROR,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the report; SYNTH_HOME/gate/cli by default.",
            parser=LocalPath("--output", folder=True, written=True),
        ),
    ] = None,
) -> None:
    """Judge what is stored; write report.html, report.json and report.xml; exit 0 or 1."""
    chosen = select(load_domains(), selection or [])
    if latest and partitions:
        raise UserError("--partitions is for judging now; --latest reads those of every partition")
    if since_ and partitions:
        raise UserError("--since and --partitions both name partitions: give one of them")
    request = Request(partitions, _day(since_), latest, output, fail_on, as_json)
    raise typer.Exit(write_gate_report(chosen, request))


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"--since {text or repr(text)}: must be a date, such as 2026-03-01"
        ) from None


def write_gate_report(
    chosen: Sequence[tuple[Domain, Sequence[Table]]], request: Request | None = None
) -> int:
    """Evaluates the checks of tables, or reads their results, and writes the gate report.

    Args:
        chosen: Domains, each with the selected tables.
        request: What to judge, and where the report goes.

    Returns:
        The exit code.

    Raises:
        UserError: Nothing of the selection is stored.
    """
    request = request or Request()
    settings = Settings.from_environment()
    stores = settings.open_stores()
    domains = []
    for domain, tables in chosen:
        read = _recorded if request.latest else _evaluated
        outcomes = read(domain, tables, request, settings, stores)
        if request.since:
            dated = {t.path for t in tables if isinstance(t.partitioning, Daily)}
            outcomes = since(outcomes, request.since.isoformat(), dated)
        whole = len(tables) == len(domain.tables) and not (request.partitions or request.since)
        domains.append(domain_outcome(domain, outcomes, complete=whole))
    gate_report = report("Quality gate", domains)
    if not any(check.results for check in gate_report.checks):
        first = chosen[0][1][0]
        what = f" since {request.since}" if request.since else ""
        raise UserError(
            f"nothing of the selection{what} is stored at {stores.of(first).uri(first)}: "
            "run `synth materialize` first"
        )
    published = settings.gate_folder
    paths = publish(gate_report, request.output or published / "cli", published)
    if request.as_json:
        write(json_report.render(gate_report))
    else:
        print_gate(gate_report, warnings_fail=request.fail_on is FailOn.WARN)
        for path in paths:
            out.print(f"wrote {path_markup(path)}", highlight=False, soft_wrap=True)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        print_annotations(gate_report)
    return _code(gate_report, request.fail_on)


def _code(gate_report: GateReport, fail_on: FailOn) -> int:
    warned = fail_on is FailOn.WARN and gate_report.counts["warned"]
    return 0 if gate_report.passed and not warned else GATE_FAILED


def _recorded(
    domain: Domain, tables: Sequence[Table], request: Request, settings: Settings, stores: Stores
) -> list[TableOutcome]:
    """The results that the instance has, with those of dbt for a whole domain."""
    instance = open_instance(settings)
    if len(tables) < len(domain.tables):
        return recorded_tables(tables, stores, instance)
    from synth_assets.orchestration.dbt import dbt_definitions

    marts = marts_of(domain, dbt_definitions([domain], settings, stores))
    return recorded_domain(domain, marts, stores, instance)


def _evaluated(
    domain: Domain, tables: Sequence[Table], request: Request, settings: Settings, stores: Stores
) -> list[TableOutcome]:
    selected = {key for t in tables for key in keys_between(t.partitioning, request.partitions)}
    first = request.since.isoformat() if request.since else ""

    def keys_of(table: Table) -> list[str]:
        least = first if isinstance(table.partitioning, Daily) else ""
        stats, damaged = described(stores, table)  # the checks of damaged ones fail
        return sorted(key for key in (*stats, *damaged) if key in selected and key >= least)

    _note_other_scenarios(domain, tables, stores)
    latest = {}
    if os.access(settings.dagster_home, os.W_OK):  # the instance writes locks
        assets: list[dg.AssetKey] = [*map(asset_key, tables)]
        latest = latest_materializations(open_instance(settings), assets)
    outcomes: list[TableOutcome] = []
    for table in tracked(tables, f"judging {domain.name}"):
        outcomes += evaluate_tables(domain, [table], stores, domain.scenario, keys_of, latest)
    return outcomes


def _note_other_scenarios(domain: Domain, tables: Sequence[Table], stores: Stores) -> None:
    fingerprints = {
        (table.path, stats.key): stats.fingerprint
        for table in tables
        for stats in described(stores, table)[0].values()
    }
    foreign = [f"{path} ({key})" for (path, key), f in fingerprints.items() if f == UNKNOWN]
    if foreign:
        err.print(
            f"note: {abbreviated(foreign)} was not written by synth, or has lost its metadata",
            highlight=False,
            soft_wrap=True,
        )
    if set(fingerprints.values()) - {domain.scenario.fingerprint(), UNKNOWN}:
        err.print(
            f"note: {domain.name} was made with other scenario fields than the environment has; "
            "rules that depend on them may fail. Set the same SYNTH_ variables to judge it.",
            soft_wrap=True,
        )
