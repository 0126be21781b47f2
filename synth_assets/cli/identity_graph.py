"""``synth identity-graph``: the ten tables in one command, from options and a YAML file."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from synth_assets.cli.console import err, out, path_markup, warn
from synth_assets.cli.exits import GATE_FAILED, RUN_FAILED
from synth_assets.cli.options import Yes
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.plan import ask_before, planned
from synth_assets.cli.progress import run_progress
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.domains.identity_graph.scenario import DOMAIN, IdentityGraphScenario
from synth_assets.domains.identity_graph.validation import (
    PRESETS,
    configuration,
    read_yaml,
    warnings,
)
from synth_assets.orchestration.environment import ignored_by
from synth_assets.orchestration.settings import Settings
from synth_assets.pipelines.identity_graph import (
    SUCCEEDED,
    destination,
    execute_full_pipeline,
    get_table_stats,
)

Preset = StrEnum("Preset", list(PRESETS))  # type: ignore[misc]


def identity_graph(
    households: Annotated[
        int | None, typer.Option(help="Households: 1,000 to 10,000,000; 10,000 by default.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A YAML file of settings.", parser=LocalPath("--config"))
    ] = None,
    preset: Annotated[Preset, typer.Option(help="What is not set otherwise.")] = Preset[
        "realistic"
    ],
    seed: Annotated[int | None, typer.Option(help="Same seed, same data; 42 by default.")] = None,
    end_date: Annotated[str | None, typer.Option(help="The day after the last of events.")] = None,
    campaigns: Annotated[
        int | None, typer.Option(help="Campaigns: 1 to 1,000; 10 by default.")
    ] = None,
    shards: Annotated[int | None, typer.Option(help="Shards of every table; 8 by default.")] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Add to what is stored rather than replace it.")
    ] = False,
    gates: Annotated[bool, typer.Option(help="Judge what was made.")] = True,
    yes: Yes = False,
) -> None:
    """Make households, people, devices, engagements, campaigns and outcomes, linked.

    By default 10,000 households and 10 campaigns, in 8 shards; what is stored is replaced.
    """
    options: dict[str, Any] = {
        "seed": seed,
        "end_date": end_date,
        "shards": shards,
        "incremental": append or None,
        "household_config": {"num_households": households} if households is not None else None,
        "campaign_config": {"num_campaigns": campaigns} if campaigns is not None else None,
    }
    given = {name: value for name, value in options.items() if value is not None}
    layers = [read_yaml(config) if config else {}, given]
    requested = configuration(*layers, preset=preset.value)
    if not any("planned_households" in (layer.get("campaign_config") or {}) for layer in layers):
        plan = {"campaign_config": {"planned_households": _planned(requested)}}
        requested = configuration(*layers, plan, preset=preset.value)
    for warning in [*ignored_by("`synth identity-graph`", DOMAIN), *warnings(requested)]:
        warn(warning)
    raise typer.Exit(_run(requested, gates=gates, yes=yes))


def _planned(requested: GenerationConfig) -> int:
    """Households for which budgets are planned: those of the first run, as the home remembers."""
    if requested.incremental:
        remembered = IdentityGraphScenario.from_environment(DOMAIN)
        return remembered.campaign_config.planned_households
    return requested.household_config.num_households


def _run(config: GenerationConfig, *, gates: bool, yes: bool) -> int:
    domain, settings = destination(config, Settings.from_environment())
    tables = domain.tables
    keys = tables[0].partitioning.keys()
    ask_before(
        lambda: [planned(domain, tables, keys, {}, dbt=False)],
        "fewer --households make less",
        yes=yes,
    )
    started = time.perf_counter()
    with run_progress(DOMAIN, len(tables) * (2 if gates else 1)) as progress:
        result = execute_full_pipeline(config, gates=gates, on_event=progress)
    stores = settings.open_stores()
    grid = Grid()
    grid.add_column("table", no_wrap=True)
    for name in ("rows", "MB", "files", ""):
        grid.add_column(name, justify="right")
    for table in tables:
        stats = get_table_stats(stores, table)
        action = "made" if table.name in result["tables_created"] else "as it was"
        size = f"{stats['size_bytes'] / 1e6:,.1f}"
        grid.add_row(table.name, f"{stats['num_rows']:,}", size, str(stats["num_files"]), action)
    out.print(grid)
    for failure in result["failures"]:
        err.print(f"[bold red]failed:[/] {escape(failure)}", highlight=False, soft_wrap=True)
    where = {stores.of(table).location for table in tables}
    seconds = time.perf_counter() - started
    gates_text = {True: ", gates passed", False: ", gates [bold red]FAILED[/]", None: ""}
    out.print(
        f"{result['status']} in {seconds:.1f} s{gates_text[result['gates_passed']]}: "
        f"{', '.join(path_markup(location) for location in sorted(where))}",
        highlight=False,
        soft_wrap=True,
    )
    if result["gates_passed"] is False:
        return GATE_FAILED
    return 0 if result["status"] == SUCCEEDED else RUN_FAILED
