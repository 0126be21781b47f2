"""Runs of domains from the command line, with progress, a summary and an exit code.

``materialize``, ``demo`` and the commands of single domains use it. Dagster is imported here, and
not by their modules, so that help, completion and refused input do not wait for it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from typing import IO, Any

import dagster as dg
from rich.markup import escape

from synth_assets.cli.console import Verbosity, display_path, err, note, print_json, warn
from synth_assets.cli.exits import BAD_INPUT, GATE_FAILED, RUN_FAILED
from synth_assets.cli.progress import RunProgress, run_progress
from synth_assets.cli.summary import RunSummary, print_summary
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.orchestration.abandoned_runs import end_abandoned
from synth_assets.orchestration.assets import asset_key
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.gate_asset import gate_key, publish_recorded
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.interruption import stop_if_interrupted
from synth_assets.orchestration.io_manager import RECREATE
from synth_assets.orchestration.marts import marts_group, marts_of
from synth_assets.orchestration.resources import resource_key
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.shared_stores import refuse_own_disk

# Shows the progress of a run with a title and a number of steps.
Shown = Callable[[str, int], AbstractContextManager[RunProgress]]
# With --verbose the run's log is printed, from this level.
VERBOSE_LOG = {"loggers": {"console": {"config": {"log_level": "INFO"}}}}


def run(
    domains: Sequence[Domain],
    chosen: Sequence[tuple[Domain, Sequence[Table]]],
    ranges: dict[str, list[str]],
    values: dict[str, dict[str, Any]],
    *,
    dbt: bool,
    recreate: bool = False,
    summary: bool = True,
    as_json: bool = False,
    progress: Shown = run_progress,
) -> int:
    """Runs each domain's part of a selection and prints a summary.

    Args:
        domains: The domains of the definitions.
        chosen: The domains to run, each with its tables.
        ranges: The partition keys of each domain's run.
        values: Launchpad fields of each domain's scenario.
        dbt: Whether to build the dbt models downstream.
        recreate: Whether to drop partitions of another scenario or code version.
        summary: Whether to print what was made.
        as_json: Whether to print it as JSON.
        progress: What shows the progress of a run.

    Returns:
        The exit code.

    Raises:
        UserError: The home cannot be used.
    """
    settings = Settings.from_environment()
    refuse_own_disk(settings, {settings.routes.kind_of(t) for _, tables in chosen for t in tables})
    instance = open_instance(settings)
    end_abandoned(instance)
    defs = build_definitions(domains, settings, with_dbt=dbt)
    graph = defs.resolve_asset_graph()
    code, documents = 0, []
    for domain, tables in chosen:
        stop_if_interrupted()
        assets = assets_of(domain, tables, defs, dbt=dbt)
        checks = [key for key in graph.asset_check_keys if key.asset_key in set(assets)]
        steps = len(tables) * 2 + (3 if dbt else 0)
        keys = ranges[domain.name]
        started = time.perf_counter()
        title = domain.name + (f" {keys[0]}..{keys[-1]}" if keys else "")
        with progress(title, steps) as listener, dbt_log(settings):
            outcome = launch(
                defs,
                assets,
                checks,
                instance,
                keys=keys,
                run_config=config_of(domain, values[domain.name])
                | (VERBOSE_LOG if Verbosity.verbose else {}),
                tags={RECREATE: "true"} if recreate else {},
                on_event=listener,
            )
        if not outcome.success and outcome.checks and gate_key(domain.name) not in outcome.rows:
            _publish(domain, defs, settings, instance)
        found = RunSummary.of(domain, tables, keys, outcome, time.perf_counter() - started)
        if as_json:
            documents.append(found.document())
        elif summary:
            print_summary(domain, found)
        for failure in outcome.messages:
            err.print(f"[bold red]failed:[/] {escape(failure)}", highlight=False, soft_wrap=True)
        code = max(code, code_of(outcome))
    if as_json:
        print_json({"exit_code": code, "runs": documents})
    return code


def _publish(
    domain: Domain, defs: dg.Definitions, settings: Settings, instance: dg.DagsterInstance
) -> None:
    """Publishes the gate report of a failed run, which has not reached the report's asset."""
    marts, folder = marts_of(domain, defs), settings.gate_folder
    try:
        _, paths = publish_recorded(domain, marts, settings.open_stores(), instance, folder)
    except UserError as error:
        # The run's own failure is reported, often the same one.
        warn(f"no gate report: {error}")
    else:
        note(f"Gate report: {display_path(paths[0])}")


@contextmanager
def dbt_log(settings: Settings) -> Iterator[None]:
    """Keeps what dbt prints in a file: the terminal belongs to progress and results.

    Args:
        settings: The settings, for the home.

    Raises:
        UserError: The file cannot be written.
    """
    try:
        file = (settings.make_home() / "dbt.log").open("a")
    except OSError as error:
        raise UserError(f"cannot use {settings.home} as SYNTH_HOME: {error.strerror}") from None
    with file, redirect_stdout(_Both(file, sys.stderr) if Verbosity.verbose else file):
        yield


class _Both:
    """Text that is written to two streams."""

    def __init__(self, *streams: IO[str]) -> None:
        self._streams = streams

    def write(self, text: str) -> int:
        for stream in self._streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        for stream in self._streams:
            stream.flush()

    def isatty(self) -> bool:
        return False


def assets_of(
    domain: Domain, tables: Sequence[Table], defs: dg.Definitions, *, dbt: bool
) -> list[dg.AssetKey]:
    """The assets of a domain's run: tables, and with dbt its models and the gate report.

    Args:
        domain: The domain.
        tables: The tables.
        defs: The definitions of all assets.
        dbt: Whether to build the models.
    """
    group, specs = marts_group(domain.name), defs.resolve_all_asset_specs() if dbt else []
    models = [spec.key for spec in specs if spec.group_name == group]
    return [*map(asset_key, tables), *models]


def config_of(domain: Domain, values: dict[str, Any]) -> dict[str, Any]:
    """Dagster's run configuration of a domain's run.

    Args:
        domain: The domain.
        values: The fields of its scenario that are set; none for those of the environment.
    """
    return {"resources": {resource_key(domain): {"config": values}}} if values else {}


def code_of(outcome: RunOutcome) -> int:
    """The exit code after a run.

    Args:
        outcome: The run's outcome.
    """
    if outcome.gate_passed:
        return 0
    if outcome.wrong_input:
        return BAD_INPUT
    return RUN_FAILED if outcome.failures else GATE_FAILED
