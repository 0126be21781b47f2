"""What a run has made, as a table for the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dagster as dg
from rich.table import Table as Grid

from synth_assets.cli.console import out
from synth_assets.core.model import Domain, Table
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.gate_messages import is_failure
from synth_assets.orchestration.marts import marts_group
from synth_assets.orchestration.runs import RunOutcome
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.warehouse import model_rows

GATES = {
    "passed": "[green]passed[/]",
    "failed": "[red]FAILED[/]",
    "not finished": "[yellow]not finished[/]",
}


@dataclass(frozen=True)
class AssetSummary:
    """A table or dbt model of a run.

    Attributes:
        table: The table's name, or the model's asset key.
        partitions: Partitions that were materialized.
        rows: Rows of them; None where it is not known.
        passed: Checks that passed.
        warned: Checks that warned.
        failed: Checks that failed.
        seconds: Duration of the step; None if it did not finish.
    """

    table: str
    partitions: int
    rows: int | None
    passed: int
    warned: int
    failed: int
    seconds: float | None


@dataclass(frozen=True)
class RunSummary:
    """A run of a domain.

    Attributes:
        domain: The domain's name.
        run_id: Id of the run in Dagster.
        first: First partition key of the run; None without partitions.
        last: Last partition key of the run; None without partitions.
        gate: ``passed``, ``failed``, ``not finished``; None if no check was evaluated.
        verdicts: Number of check results.
        seconds: Duration of the run.
        failures: One line per failed check or step.
        assets: The tables and models.
    """

    domain: str
    run_id: str
    first: str | None
    last: str | None
    gate: str | None
    verdicts: int
    seconds: float
    failures: list[str]
    assets: list[AssetSummary]

    @classmethod
    def of(
        cls,
        domain: Domain,
        tables: Sequence[Table],
        keys: Sequence[str],
        outcome: RunOutcome,
        seconds: float,
    ) -> RunSummary:
        """Sums up a run.

        Args:
            domain: The domain.
            tables: The tables that were selected.
            keys: The partition keys of the run.
            outcome: The run's outcome.
            seconds: Its duration.
        """
        named = {asset_key(table): table.name for table in tables}
        for key in outcome.rows:
            named.setdefault(key, key.to_user_string())
        models = _rows_of_models(domain, named)
        checks: dict[dg.AssetKey, list[dg.AssetCheckEvaluation]] = {key: [] for key in named}
        for check in outcome.checks:
            checks.setdefault(check.asset_key, []).append(check)
        return cls(
            domain=domain.name,
            run_id=outcome.run_id,
            first=keys[0] if keys else None,
            last=keys[-1] if keys else None,
            gate=_gate(outcome),
            verdicts=len(outcome.checks),
            seconds=round(seconds, 3),
            failures=outcome.messages,
            assets=[_asset(key, name, outcome, checks[key], models) for key, name in named.items()],
        )

    def document(self) -> dict[str, Any]:
        """The summary as JSON has it."""
        return asdict(self)


def print_summary(domain: Domain, summary: RunSummary) -> None:
    """Prints a run's tables and its gate.

    Args:
        domain: The domain.
        summary: The run.
    """
    out.print(f"{domain.name}: {domain.doc}", highlight=False)
    grid = Grid()
    grid.add_column("table", no_wrap=True)
    for name in ("slices", "rows", "passed", "warned", "failed", "seconds"):
        grid.add_column(name, justify="right")
    for asset in summary.assets:
        grid.add_row(
            asset.table,
            f"{asset.partitions:,}",
            f"{asset.rows:,}" if asset.rows else "",
            str(asset.passed),
            f"[yellow]{asset.warned}[/]" if asset.warned else "0",
            f"[red]{asset.failed}[/]" if asset.failed else "0",
            "" if asset.seconds is None else f"{asset.seconds:.1f}",
        )
    out.print(grid)
    if summary.gate is not None:
        verdicts = f"{summary.verdicts:,} verdicts in {summary.seconds:.1f} s"
        out.print(f"Gate {GATES[summary.gate]}: {verdicts}")


def _gate(outcome: RunOutcome) -> str | None:
    if not outcome.checks:
        return None  # no gate has run
    if any(map(is_failure, outcome.checks)):
        return "failed"
    return "passed" if outcome.success else "not finished"


def _asset(
    key: dg.AssetKey,
    name: str,
    outcome: RunOutcome,
    checks: Sequence[dg.AssetCheckEvaluation],
    models: dict[dg.AssetKey, int],
) -> AssetSummary:
    rows = outcome.rows.get(key, {})
    # A check's partitions have verdicts of their own; the last one sums them up.
    last = {check.check_name: check for check in checks}
    passed = sum(check.passed for check in last.values())
    failed = sum(map(is_failure, last.values()))
    count = models.get(key) or sum(rows.values())
    return AssetSummary(
        table=name,
        partitions=len(rows),
        rows=count or None,
        passed=passed,
        warned=len(last) - passed - failed,
        failed=failed,
        seconds=outcome.seconds.get(key),
    )


def _rows_of_models(domain: Domain, named: Collection[dg.AssetKey]) -> dict[dg.AssetKey, int]:
    """Rows of the dbt models among assets."""
    if not any(key.path[0] == marts_group(domain.name) for key in named):
        return {}
    from synth_assets.orchestration.dbt import model_relations

    settings = Settings.from_environment()
    places = {k: at for k, at in model_relations(domain, settings).items() if k in named}
    counts = model_rows(list(places.values()), domain, settings, settings.open_stores())
    return {key: counts[at] for key, at in places.items() if at in counts}
