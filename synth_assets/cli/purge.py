"""``synth purge``: removes Dagster's records of runs that ended long ago; rows stay."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from synth_assets.cli.console import counted, out, print_json
from synth_assets.cli.options import DryRun, Json
from synth_assets.orchestration.deployment import MAX_DAYS
from synth_assets.orchestration.settings import Settings


def purge(
    older_than: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MAX_DAYS,
            help="Days since a run ended; SYNTH_KEEP_RUNS_DAYS (30) by default.",
        ),
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Remove Dagster's records of old runs: logs, events, results that newer ones replaced.

    Stored rows stay, and so do the latest materialization and check results of each partition.
    """
    from synth_assets.orchestration.home import open_instance
    from synth_assets.orchestration.retention import Purged, cutoff, purge_runs, runs_before

    settings = Settings.from_environment()
    days = settings.keep_runs_days if older_than is None else older_than
    with open_instance(settings) as instance:
        if dry_run:
            purged = Purged(runs=len(runs_before(instance, cutoff(days))))
        else:
            purged = purge_runs(instance, cutoff(days))
    if json:
        print_json({"dry_run": dry_run, "older_than_days": days, **asdict(purged)})
        return
    old = f"{counted(purged.runs, 'run')} that ended more than {counted(days, 'day')} ago"
    if dry_run:
        out.print(f"{old} would be removed", highlight=False)
        return
    details = f"{counted(purged.events, 'event')}, {counted(purged.results, 'check result')}"
    out.print(f"removed {old}: {details}", highlight=False)
