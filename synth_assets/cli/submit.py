"""``synth submit``: like ``materialize``, but the deployment's workers make the slices.

What it does is in ``submitting``.
"""

from __future__ import annotations

from typing import Annotated

import typer

from synth_assets.cli.materialize import requested
from synth_assets.cli.options import Partitions, Recreate, RequiredSelection, Seed, Settings_
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains


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
    service daemon` have it. It goes on if this command is interrupted, which then says where to
    cancel it.
    """
    domains = load_domains()
    if not selection:
        raise UserError(f"name what to make: all, {', '.join(d.name for d in domains)}, or a table")
    if dbt and not wait:
        raise UserError("--dbt builds from slices that are made: it needs --wait")
    chosen, ranges, values = requested(domains, selection, partitions, seed, set_, dbt=dbt)
    from synth_assets.cli.submitting import submitted

    raise typer.Exit(
        submitted(domains, chosen, ranges, values, dbt=dbt, recreate=recreate, wait=wait)
    )
