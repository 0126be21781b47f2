"""``synth materialize``: slices made through Dagster, with their gates.

What a run would make is in ``plan``, the run itself in ``running``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from synth_assets.cli.console import print_json
from synth_assets.cli.options import (
    DryRun,
    Json,
    Partitions,
    Recreate,
    RequiredSelection,
    Seed,
    Settings_,
    Yes,
)
from synth_assets.cli.plan import ask_before, documents, planned, print_plans
from synth_assets.cli.scenario_options import scenario_values
from synth_assets.cli.selection import select
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.domains import load_domains
from synth_assets.orchestration.partitions import keys_among
from synth_assets.orchestration.settings import Settings

Chosen = Sequence[tuple[Domain, Sequence[Table]]]


def materialize(
    selection: RequiredSelection = None,
    partitions: Partitions = None,
    seed: Seed = None,
    set_: Settings_ = None,
    dbt: Annotated[bool, typer.Option(help="Also build the dbt models downstream.")] = False,
    recreate: Recreate = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Make slices of tables, and judge them by their gates; `all` makes every domain.

    Every partition by default: all days until yesterday, all shards.

    On a terminal it asks before more than a minute's work or a thousand partitions.
    """
    domains = load_domains()
    if not selection:
        names = ", ".join(["all", *(domain.name for domain in domains)])
        raise UserError(
            f"name what to make: {names}, domain/table, or a pattern such as 'jaffle/raw_*'; "
            "--dry-run shows what it would be"
        )
    chosen, ranges, values = requested(domains, selection, partitions, seed, set_, dbt=dbt)
    if dry_run:
        _show(chosen, ranges, values, dbt=dbt, as_json=json)
        return
    ask_before(
        lambda: [planned(d, t, ranges[d.name], values[d.name], dbt=dbt) for d, t in chosen],
        "--partitions makes fewer",
        yes=yes,
    )
    from synth_assets.cli.running import run

    # The definitions of the others would take seconds, and none of them is used.
    used = [domain for domain, _ in chosen]
    raise typer.Exit(run(used, chosen, ranges, values, dbt=dbt, recreate=recreate, as_json=json))


def requested(
    domains: Sequence[Domain],
    selection: Sequence[str],
    partitions: str | None,
    seed: int | None,
    settings: Sequence[str] | None,
    *,
    dbt: bool,
) -> tuple[Chosen, dict[str, list[str]], dict[str, dict[str, Any]]]:
    """What a command that makes slices is to make, refused as a whole where a part is wrong.

    Args:
        domains: The domains to select from.
        selection: The selection's words.
        partitions: The partitions as a text; None for all.
        seed: The seed, if it is set.
        settings: Texts of the form ``[domain.]field=value``.
        dbt: Whether dbt's models are built, too.

    Returns:
        The domains with their tables, and the partition keys and launchpad fields of each.

    Raises:
        UserError: A part is wrong.
    """
    chosen = select(domains, selection)
    if dbt:
        refuse_without_warehouse(chosen)
    values = scenario_values([d for d, _ in chosen], seed, settings or [])
    return chosen, {d.name: keys_among(tables, partitions) for d, tables in chosen}, values


def refuse_without_warehouse(chosen: Chosen) -> None:
    """Checks that dbt has a warehouse for each domain, before anything is made.

    Args:
        chosen: The domains, each with its tables.

    Raises:
        UserError: A domain has none, or the one that is named does not exist.
    """
    from synth_assets.orchestration.warehouse import target_of

    settings = Settings.from_environment()
    for domain, _ in chosen:
        target_of(domain, settings, settings.routes)


def _show(
    chosen: Chosen,
    ranges: dict[str, list[str]],
    values: dict[str, dict[str, Any]],
    *,
    dbt: bool,
    as_json: bool,
) -> None:
    """Prints what would be made."""
    stores = Settings.from_environment().open_stores(patient=False)
    plans = [
        planned(d, tables, ranges[d.name], values[d.name], dbt=dbt, stores=stores)
        for d, tables in chosen
    ]
    if as_json:
        print_json(documents(plans))
    else:
        print_plans(plans)
