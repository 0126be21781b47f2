"""``synth gate``: a data-quality gate for CI steps and scheduled runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from synth_assets.cli.console import display_path, err, out, tracked
from synth_assets.cli.exits import GATE_FAILED
from synth_assets.cli.options import Partitions, Selection
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.selection import select
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.partition_stats import UNKNOWN
from synth_assets.domains import load_domains
from synth_assets.orchestration.gate import (
    evaluate_tables,
    recorded_models,
    recorded_tables,
    report,
)
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.marts import checks_of_models
from synth_assets.orchestration.partitions import keys_between
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.building import abbreviated
from synth_assets.reports.files import write
from synth_assets.reports.gate import GateReport, TableOutcome
from synth_assets.stores.routing import Stores


def gate(
    selection: Selection = None,
    partitions: Partitions = None,
    latest: Annotated[
        bool, typer.Option(help="Read the latest verdicts from Dagster instead of judging now.")
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
    raise typer.Exit(write_gate_report(chosen, partitions, output, latest=latest))


def write_gate_report(
    chosen: Sequence[tuple[Domain, Sequence[Table]]],
    partitions: str | None = None,
    output: Path | None = None,
    *,
    latest: bool = False,
) -> int:
    """Evaluates the checks of tables, or reads their results, and writes the gate report.

    Args:
        chosen: Domains, each with the selected tables.
        partitions: A partition key, a range ``a..b``, or None for all stored partitions.
        output: Folder of the report; ``gate/cli`` in the home by default.
        latest: Whether to read the latest recorded results instead of evaluating the checks.

    Returns:
        The exit code.

    Raises:
        UserError: Nothing of the selection is stored.
    """
    settings = Settings.from_environment()
    stores = settings.open_stores()
    outcomes: list[TableOutcome] = []
    for domain, tables in chosen:
        if latest:
            instance = open_instance(settings)
            outcomes += recorded_tables(tables, stores, instance)
            if len(tables) == len(domain.tables):
                from synth_assets.orchestration.dbt import dbt_definitions

                dbt = dbt_definitions([domain], settings, stores)
                outcomes += recorded_models(checks_of_models(domain, dbt), instance)
            continue
        selected = {key for t in tables for key in keys_between(t.partitioning, partitions)}

        def keys_of(table: Table, selected: set[str] = selected) -> list[str]:
            return [key for key in stores.describe(table) if key in selected]

        _note_other_scenarios(domain, tables, stores)
        for table in tracked(tables, f"judging {domain.name}"):
            outcomes += evaluate_tables(domain, [table], stores, domain.scenario, keys_of)
    first = chosen[0][1][0]
    if not any(check.results for outcome in outcomes for check in outcome.checks):
        raise UserError(
            f"nothing of the selection is stored at {stores.of(first).uri(first)}: "
            "run `synth materialize` first"
        )
    gate_report = report("Quality gate", {d.name: d.scenario for d, _ in chosen}, outcomes)
    paths = write(gate_report, output or settings.gate_folder / "cli")
    _print(gate_report)
    for path in paths:
        out.print(f"wrote {display_path(path)}", highlight=False, soft_wrap=True)
    return 0 if gate_report.passed else GATE_FAILED


def _note_other_scenarios(domain: Domain, tables: Sequence[Table], stores: Stores) -> None:
    fingerprints = {
        (table.path, stats.key): stats.fingerprint
        for table in tables
        for stats in stores.describe(table).values()
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


def _print(gate_report: GateReport) -> None:
    for table in gate_report.tables:
        for check in table.checks:
            if check.status in ("failed", "warned"):
                failed = [result for result in check.results if not result.passed]
                first = failed[0]
                of = f"{len(failed)} of {len(check.results)} partitions, first {first.key}"
                where = f" in {of}" if first.key else ""
                note = f"; {escape(first.note)}" if first.note else ""
                colour = "red" if check.status == "failed" else "yellow"
                out.print(
                    f"[{colour}]{check.status:>6}[/] {table.table} {check.name}{where}: "
                    f"measured {first.measured:g}, threshold {first.threshold}{note}",
                    highlight=False,
                    soft_wrap=True,
                )
    _print_commands(gate_report)
    counts = ", ".join(f"{count} {status}" for status, count in gate_report.counts.items())
    result = "[green]passed[/]" if gate_report.passed else "[red]FAILED[/]"
    out.print(f"Gate {result}: checks {counts}")


def _print_commands(gate_report: GateReport) -> None:
    """Prints the commands that materialize the first failed partition of each table again."""
    for table in gate_report.tables:
        failed = [r for check in table.checks if check.status == "failed" for r in check.results]
        first = next((result.key for result in failed if not result.passed and result.key), None)
        if first is not None:
            out.print(
                f"If its rows were changed: synth materialize {table.table} --partitions {first}",
                highlight=False,
                soft_wrap=True,
            )
