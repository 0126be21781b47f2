"""Slices made by the deployment's workers, then their gates and dbt.

The slices are a backfill of Dagster, which its daemon divides into runs. The gate of such a run
sees what other runs have stored until then. When all slices are made, all gates are therefore
evaluated in a run of this process, and dbt builds in another one if they passed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
import typer
from rich.markup import escape

from synth_assets.cli.console import err, out, warn
from synth_assets.cli.exits import INTERRUPTED, RUN_FAILED
from synth_assets.cli.progress import run_progress
from synth_assets.cli.running import assets_of, code_of, config_of, dbt_log
from synth_assets.core.model import Domain, Table
from synth_assets.orchestration import backfills, daemon_lock
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.gate_messages import is_failure
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.interruption import interrupted
from synth_assets.orchestration.io_manager import RECREATE
from synth_assets.orchestration.run_services import require_run_services
from synth_assets.orchestration.runs import launch, recorded_outcome
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shared_stores import refuse_own_disk
from synth_assets.orchestration.ui_address import ui_address
from synth_assets.reports.links import backfill_url


def submitted(
    domains: Sequence[Domain],
    chosen: Sequence[tuple[Domain, Sequence[Table]]],
    ranges: dict[str, list[str]],
    values: dict[str, dict[str, Any]],
    *,
    dbt: bool,
    recreate: bool,
    wait: bool,
) -> int:
    """Requests a backfill of each domain's part of a selection, and follows it.

    Args:
        domains: All domains of the definitions.
        chosen: The domains, each with its tables.
        ranges: The partition keys of each domain.
        values: Launchpad fields of each domain's scenario.
        dbt: Whether to build the dbt models downstream.
        recreate: Whether to drop partitions of another scenario or code version.
        wait: Whether to wait for the slices and evaluate their gates.

    Returns:
        The exit code.

    Raises:
        UserError: The home or the instance cannot be used.
    """
    settings = Settings.from_environment()
    refuse_own_disk(settings)
    require_run_services(settings)
    instance = open_instance(settings)
    defs = build_definitions(domains, settings, with_dbt=dbt)
    requested: dict[str, str] = {}
    with _handed_over(requested.values(), instance):
        for domain, tables in chosen:
            config, keys = config_of(domain, values[domain.name]), ranges[domain.name]
            title = domain.name + (f" {keys[0]}..{keys[-1]}" if keys else "")
            requested[domain.name] = backfills.submit(
                defs.resolve_asset_graph(),
                [asset_key(table) for table in tables],
                keys,
                instance,
                title=title,
                run_config=config,
                tags={RECREATE: "true"} if recreate else {},
            )
            out.print(f"{title}: backfill {requested[domain.name]}", highlight=False)
        if not (daemon_lock.is_held(settings) or backfills.has_daemon(instance)):
            warn("no daemon makes backfills now: start `synth service daemon`, or `synth ui`")
        codes = [0]
        for domain, tables in chosen if wait else ():
            backfill, config = requested[domain.name], config_of(domain, values[domain.name])
            if backfills.wait_for(backfill, instance):
                out.print(f"{domain.name}: made by {_count(backfill, instance)}", highlight=False)
                assets, keys = assets_of(domain, tables, defs, dbt=dbt), ranges[domain.name]
                with dbt_log(settings):
                    codes.append(_judged(domain, tables, assets, defs, instance, keys, config))
            else:
                _print_failures(backfill, instance)
                codes.append(RUN_FAILED)
        return max(codes)


@contextmanager
def _handed_over(requested: Collection[str], instance: dg.DagsterInstance) -> Iterator[None]:
    """Says what the daemon goes on with if the command is interrupted.

    Args:
        requested: The backfills that were requested until then.
        instance: The instance.

    Raises:
        typer.Exit: The command was interrupted, and a backfill has not ended.
    """
    ui = ui_address()
    try:
        yield
    except BaseException as error:
        left = [backfill for backfill in requested if not backfills.has_ended(backfill, instance)]
        if not left or not (interrupted() or isinstance(error, KeyboardInterrupt)):
            raise
        for backfill in left:
            text = f"interrupted: the daemon goes on with backfill {backfill}; cancel it at"
            err.print(f"{text} {backfill_url(ui, backfill)}", highlight=False, soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None


def _judged(
    domain: Domain,
    tables: Sequence[Table],
    assets: Sequence[dg.AssetKey],
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    keys: Sequence[str],
    config: dict[str, Any],
) -> int:
    """Evaluates the gates of tables that are made, builds the models; the exit code."""
    models, code = assets[len(tables) :], 0
    known = defs.resolve_asset_graph().asset_check_keys
    # Dagster lets checks of a run stop assets only if it makes their tables as well.
    for made, checked in (([], assets[: len(tables)]), (models, models)):
        checks = [check for check in known if check.asset_key in set(checked)]
        if code or not checked:
            break
        with run_progress(domain.name, len(checked)) as listener:
            outcome = launch(
                defs, made, checks, instance, keys=keys, run_config=config, on_event=listener
            )
        failed = sum(map(is_failure, outcome.checks))
        judged = f"{len(outcome.checks)} check results, {failed} failed"
        out.print(f"{domain.name}: {judged}", highlight=False)
        _print_messages(outcome.messages)
        code = code_of(outcome)
    return code


def _count(backfill: str, instance: dg.DagsterInstance) -> str:
    count = len(backfills.runs_of(backfill, instance))
    return "one run" if count == 1 else f"{count} runs"


def _print_failures(backfill: str, instance: dg.DagsterInstance) -> None:
    """Says why a backfill failed: by its runs, else by itself."""
    failed = backfills.failed_runs(backfill, instance)
    outcomes = [recorded_outcome(instance, run.run_id) for run in failed]
    messages = [message for outcome in outcomes for message in outcome.messages]
    _print_messages(messages or [f"backfill {backfill}: {backfills.reason(backfill, instance)}"])


def _print_messages(messages: Sequence[str]) -> None:
    for message in messages:
        err.print(f"[bold red]failed:[/] {escape(message)}", highlight=False, soft_wrap=True)
