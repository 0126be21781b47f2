"""``synth submit``: like ``materialize``, but the deployment's workers make the slices.

What it does is in ``submitting``.
"""

from __future__ import annotations

from typing import Annotated

import typer

from synth_assets.cli.materialize import refuse_without_warehouse
from synth_assets.cli.options import Partitions, Recreate, RequiredSelection, Seed, Settings_
from synth_assets.cli.scenario_options import scenario_values
from synth_assets.cli.selection import select
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.orchestration.partitions import keys_among


def submit(
    selection: RequiredSelection = None,
    partitions: Partitions = None,
    seed: Seed = None,
    set_: Settings_ = None,
    dbt: Annotated[bool, typer.Option(help="Also build the dbt models downstream.")] = False,
    recreate: Recreate = False,
    wait: Annotated[
        bool, typer.Option(help="Wait for the slices, then evaluate their gates.")
    ] = True,
) -> None:
    """Have the deployment's workers make slices, and judge them by their gates.

    The daemon cuts them into runs of SYNTH_PARTITIONS_PER_RUN partitions. `synth ui` and `synth
    service daemon` have it.
    """
    domains = load_domains()
    if not selection:
        raise UserError(f"name what to make: all, {', '.join(d.name for d in domains)}, or a table")
    if dbt and not wait:
        raise UserError("--dbt builds from slices that are made: it needs --wait")
    chosen = select(domains, selection)
    if dbt:
        refuse_without_warehouse(chosen)
    values = scenario_values([d for d, _ in chosen], seed, set_ or [])
    ranges = {d.name: keys_among(tables, partitions) for d, tables in chosen}

    from synth_assets.cli.submitting import submitted

    raise typer.Exit(
        submitted(domains, chosen, ranges, values, dbt=dbt, recreate=recreate, wait=wait)
    )
