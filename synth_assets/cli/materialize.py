"""``synth materialize`` and ``synth demo``: slices made through Dagster, with their gates."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Annotated, Any

import dagster as dg
import typer
from rich.markup import escape
from rich.table import Table as Grid

from synth_assets.cli.console import display_path, err, out
from synth_assets.cli.exits import BAD_INPUT, GATE_FAILED, RUN_FAILED
from synth_assets.cli.options import Partitions, Recreate, RequiredSelection, Seed, Settings_
from synth_assets.cli.progress import run_progress
from synth_assets.cli.selection import scenario_values, select
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.domains import load_domains
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.gate_asset import gate_key, publish_recorded
from synth_assets.orchestration.gate_messages import is_failure
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.interruption import stop_if_interrupted
from synth_assets.orchestration.io_manager import RECREATE
from synth_assets.orchestration.marts import marts_group, marts_of
from synth_assets.orchestration.partitions import keys_among
from synth_assets.orchestration.resources import resource_key
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shipped import FROM_WHEEL
from synth_assets.orchestration.warehouse import model_rows, target_of
from synth_assets.quality.structural import checks_of


def materialize(
    selection: RequiredSelection = None,
    partitions: Partitions = None,
    seed: Seed = None,
    set_: Settings_ = None,
    dbt: Annotated[bool, typer.Option(help="Also build the dbt models downstream.")] = False,
    recreate: Recreate = False,
) -> None:
    """Make slices of tables, and judge them by their gates; `all` makes every domain.

    Every partition by default: all days until yesterday, all shards.
    """
    domains = load_domains()
    if not selection:
        names = ", ".join(["all", *(domain.name for domain in domains)])
        raise UserError(
            f"name what to make: {names}, domain/table, or a pattern such as 'jaffle/raw_*'"
        )
    chosen = select(domains, selection)
    if dbt:
        settings = Settings.from_environment()
        for domain, _ in chosen:
            target_of(domain, settings, settings.routes)
    values = scenario_values([d for d, _ in chosen], seed, set_ or [])
    ranges = {d.name: keys_among(tables, partitions) for d, tables in chosen}
    raise typer.Exit(run(domains, chosen, ranges, values, dbt=dbt, recreate=recreate))


def demo(
    days: Annotated[int, typer.Option(min=1, max=3650, help="First partitions to make.")] = 60,
    recreate: Recreate = False,
) -> None:
    """Make every domain at small scale, with all gates and dbt, and say what there is.

    By default the first 60 days of the daily tables, and all of the others.
    """
    domains = load_domains()
    chosen = [(domain, list(domain.tables)) for domain in domains]
    ranges = {d.name: keys_among(d.tables, None)[: min(days, d.demo_keys or days)] for d in domains}
    values: dict[str, dict[str, object]] = {d.name: {} for d in domains}
    code = run(domains, chosen, ranges, values, dbt=True, recreate=recreate)
    settings = Settings.from_environment()
    out.print()
    stores = settings.open_stores()
    for store in {stores.of(t).kind: stores.of(t) for _, tables in chosen for t in tables}.values():
        out.print(f"Data:         [bold]{display_path(store.location)}[/] ({store.kind})")
    if settings.warehouse.exists():
        out.print(
            f"Warehouse:    [bold]{display_path(settings.warehouse)}[/] (DuckDB, dbt's models)"
        )
    out.print(f"Gate report:  [bold]{display_path(settings.gate_folder)}/index.html[/]")
    ui = "synth ui" if FROM_WHEEL else "make ui"
    out.print(f"Dagster UI:   [bold]{ui}[/], then open http://localhost:3000")
    raise typer.Exit(code)


def run(
    domains: Sequence[Domain],
    chosen: Sequence[tuple[Domain, Sequence[Table]]],
    ranges: dict[str, list[str]],
    values: dict[str, dict[str, Any]],
    *,
    dbt: bool,
    recreate: bool = False,
    summary: bool = True,
) -> int:
    """Runs each domain's part of a selection and prints a summary; gives the exit code."""
    settings = Settings.from_environment()
    instance = open_instance(settings)
    defs = build_definitions(domains, settings, with_dbt=dbt)
    graph = defs.resolve_asset_graph()
    code = 0
    for domain, tables in chosen:
        stop_if_interrupted()
        assets = [asset_key(table) for table in tables]
        checks = [
            dg.AssetCheckKey(asset_key(t), check.name) for t in tables for check in checks_of(t)
        ]
        if dbt:
            assets += _models(defs, domain)
            ours = set(assets)
            checks = [key for key in graph.asset_check_keys if key.asset_key in ours]
        steps = len(tables) * 2 + (3 if dbt else 0)
        keys = ranges[domain.name]
        config = {"resources": {resource_key(domain): {"config": values[domain.name]}}}
        started = time.perf_counter()
        title = domain.name + (f" {keys[0]}..{keys[-1]}" if keys else "")
        with run_progress(title, steps) as progress, _dbt_log(settings):
            outcome = launch(
                defs,
                assets,
                checks,
                instance,
                keys=keys,
                run_config=config if values[domain.name] else {},
                tags={RECREATE: "true"} if recreate else {},
                on_event=progress,
            )
        if not outcome.success and outcome.checks and gate_key(domain.name) not in outcome.rows:
            _publish(domain, defs, settings, instance)
        if summary:
            _print_summary(domain, tables, outcome, time.perf_counter() - started)
        for failure in outcome.messages:
            err.print(f"[bold red]failed:[/] {escape(failure)}", highlight=False, soft_wrap=True)
        code = max(code, _code(outcome))
    return code


def _publish(
    domain: Domain, defs: dg.Definitions, settings: Settings, instance: dg.DagsterInstance
) -> None:
    """Publishes the gate report of a failed run, which has not reached the report's asset."""
    marts, folder = marts_of(domain, defs), settings.gate_folder
    _, paths = publish_recorded(domain, marts, settings.open_stores(), instance, folder)
    err.print(f"Gate report: {display_path(paths[0])}", highlight=False, soft_wrap=True)


@contextmanager
def _dbt_log(settings: Settings) -> Iterator[None]:
    """Keeps what dbt prints in a file: the terminal belongs to progress and results."""
    try:
        file = (settings.make_home() / "dbt.log").open("a")
    except OSError as error:
        raise UserError(f"cannot use {settings.home} as SYNTH_HOME: {error.strerror}") from None
    with file, redirect_stdout(file):
        yield


def _models(defs: dg.Definitions, domain: Domain) -> list[dg.AssetKey]:
    """The domain's dbt models and its gate report."""
    group = marts_group(domain.name)
    return [spec.key for spec in defs.resolve_all_asset_specs() if spec.group_name == group]


def _code(outcome: RunOutcome) -> int:
    if outcome.gate_passed:
        return 0
    if outcome.wrong_input:
        return BAD_INPUT
    return RUN_FAILED if outcome.failures else GATE_FAILED


def _print_summary(
    domain: Domain, tables: Sequence[Table], outcome: RunOutcome, seconds: float
) -> None:
    out.print(f"{domain.name}: {domain.doc}", highlight=False)
    grid = Grid()
    grid.add_column("table", no_wrap=True)
    for name in ("slices", "rows", "passed", "warned", "failed", "seconds"):
        grid.add_column(name, justify="right")
    named = {asset_key(table): table.name for table in tables}
    for key in outcome.rows:
        named.setdefault(key, key.to_user_string())
    models = _rows_of_models(domain, named)
    for key, name in named.items():
        rows = outcome.rows.get(key, {})
        count = models.get(key) or sum(rows.values())
        # A check's partitions have verdicts of their own; the last one sums them up.
        last = {c.check_name: c for c in outcome.checks if c.asset_key == key}
        passed = sum(c.passed for c in last.values())
        failed = sum(map(is_failure, last.values()))
        warned = len(last) - passed - failed
        grid.add_row(
            name,
            f"{len(rows):,}",
            f"{count:,}" if count else "",
            str(passed),
            f"[yellow]{warned}[/]" if warned else "0",
            f"[red]{failed}[/]" if failed else "0",
            f"{outcome.seconds[key]:.1f}" if key in outcome.seconds else "",
        )
    out.print(grid)
    if not outcome.checks:
        return  # no gate has run
    sound = "[green]passed[/]" if outcome.success else "[yellow]not finished[/]"
    result = "[red]FAILED[/]" if any(map(is_failure, outcome.checks)) else sound
    out.print(f"Gate {result}: {len(outcome.checks):,} verdicts in {seconds:.1f} s")


def _rows_of_models(domain: Domain, named: Collection[dg.AssetKey]) -> dict[dg.AssetKey, int]:
    """Rows of the dbt models among assets."""
    if not any(key.path[0] == marts_group(domain.name) for key in named):
        return {}
    from synth_assets.orchestration.dbt import model_relations

    settings = Settings.from_environment()
    places = {k: at for k, at in model_relations(domain, settings).items() if k in named}
    counts = model_rows(list(places.values()), domain, settings, settings.open_stores())
    return {key: counts[at] for key, at in places.items() if at in counts}
