"""What ``synth gate`` prints: the checks that did not pass, and annotations for GitHub Actions."""

from __future__ import annotations

import sys

from rich.markup import escape

from synth_assets.cli.console import out, write
from synth_assets.reports.gate import CheckOutcome, GateReport

# Annotations that GitHub shows of a step, of each kind.
ANNOTATIONS = 10


def print_gate(gate_report: GateReport, *, warnings_fail: bool = False) -> None:
    """Prints each check that did not pass, what to do, and the verdict.

    Args:
        gate_report: The report.
        warnings_fail: Whether a warning is a failure of the gate.
    """
    for check in gate_report.checks:
        if check.failures:
            colour = "red" if check.status == "failed" else "yellow"
            out.print(
                f"[{colour}]{check.status:>6}[/] {check.table} {escape(_message(check))}",
                highlight=False,
                soft_wrap=True,
            )
    _print_commands(gate_report)
    counts = ", ".join(f"{count} {status}" for status, count in gate_report.counts.items())
    result = "[green]passed[/]" if gate_report.passed else "[red]FAILED[/]"
    if gate_report.passed and warnings_fail and gate_report.counts["warned"]:
        result = "[red]FAILED[/] (--fail-on warn)"
    out.print(f"Gate {result}: checks {counts}")


def print_annotations(gate_report: GateReport) -> None:
    """Prints workflow commands, which GitHub shows at the run; to standard error, beside results.

    Args:
        gate_report: The report.
    """
    for status, kind in (("failed", "error"), ("warned", "warning")):
        for check in [c for c in gate_report.checks if c.status == status][:ANNOTATIONS]:
            title = _data(f"{check.table} {check.name}").replace(":", "%3A").replace(",", "%2C")
            write(f"::{kind} title={title}::{_data(_message(check))}\n", sys.stderr)


def _data(text: str) -> str:
    """Text in a workflow command, which ends at the line's end."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _message(check: CheckOutcome) -> str:
    first = check.failures[0]
    of = f"{len(check.failures)} of {len(check.results)} partitions, first {first.key}"
    where = f" in {of}" if first.key else ""
    note = f"; {first.note}" if first.note and first.note not in first.finding else ""
    return f"{check.name}{where}: {first.finding}{note}"


def _print_commands(gate_report: GateReport) -> None:
    """Prints the commands that materialize the first failed partition of each table again.

    A result with a note has its cause elsewhere, and says so.
    """
    for table in gate_report.tables:
        failed = [r for check in table.checks if check.status == "failed" for r in check.results]
        first = next(
            (result.key for result in failed if not (result.passed or result.note) and result.key),
            None,
        )
        if first is not None:
            out.print(
                f"If its rows were changed: synth materialize {table.table} --partitions {first}",
                highlight=False,
                soft_wrap=True,
            )
