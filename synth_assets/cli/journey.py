"""``synth journey``: events, backend, reconciliation and dbt in one command, with a summary."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer
from rich.table import Table as Grid

from synth_assets.cli.console import out
from synth_assets.cli.options import Recreate, Seed, Settings_, Yes
from synth_assets.cli.plan import ask_before, planned
from synth_assets.cli.running import run
from synth_assets.cli.scenario_options import scenario_values
from synth_assets.cli.selection import domain_named
from synth_assets.core.model import Domain, Reader
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.domains.journey.scenario import DOMAIN
from synth_assets.domains.journey.tables import events, orders, purchases, reconciled
from synth_assets.domains.journey.tables import reconciliation_scores as scores
from synth_assets.domains.journey.tables import users as customers
from synth_assets.domains.journey.tables.extracts import PREFIX
from synth_assets.orchestration.partitions import keys_among
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.warehouse import target_of
from synth_assets.stores.damage import VerifyingReader


def journey(
    scale: Annotated[
        float | None,
        typer.Option(help="Size of the export; 1 is that of the public sample, 0.05 the default."),
    ] = None,
    gap_rate: Annotated[
        float | None,
        typer.Option(help="Share of transactions without an equal order; 0.17 by default."),
    ] = None,
    seed: Seed = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="First days to make; all without.")
    ] = None,
    set_: Settings_ = None,
    dbt: Annotated[bool, typer.Option(help="Build the dbt models, too.")] = True,
    recreate: Recreate = False,
    yes: Yes = False,
) -> None:
    """Make a shop's events and backend, reconcile the two, and build the dbt models.

    By default all days of the export, at a twentieth of the public sample's size.
    """
    domain = domain_named(DOMAIN)
    named = {"scale": scale, "gap_rate": gap_rate}
    given = [f"{name}={value}" for name, value in named.items() if value is not None]
    values = scenario_values([domain], seed, [*(set_ or []), *given])
    settings = Settings.from_environment()
    if dbt:
        target_of(domain, settings, settings.routes)
    keys = {DOMAIN: keys_among(domain.tables, None)[:days]}
    chosen = [(domain, list(domain.tables))]
    ask_before(
        lambda: [planned(domain, domain.tables, keys[DOMAIN], values[DOMAIN], dbt=dbt)],
        "a smaller --scale or --days makes less",
        yes=yes,
    )
    code = run([domain], chosen, keys, values, dbt=dbt, recreate=recreate)
    stores = VerifyingReader(settings.open_stores())
    if code == 0:
        _print(domain, stores)
    raise typer.Exit(code)


def _print(domain: Domain, stores: Reader) -> None:
    """Prints rows per table, and the scores of the reconciliation by class and cause."""
    counts = {
        "events": events.NAME,
        "purchases": purchases.NAME,
        "customers": customers.NAME,
        "orders": orders.NAME,
        "orders ingested": PREFIX + orders.NAME,
    }
    lines = [f"{_rows(domain, stores, name):,} {title}" for title, name in counts.items()]
    out.print(", ".join(lines), highlight=False)
    found = stores.scan(domain.table(reconciled.NAME)).collect()
    transactions = found.filter(pl.col("gap_class").is_in(reconciled.OF_TRANSACTIONS))
    matched = transactions.filter(pl.col("gap_class") == discrepancies.MATCHED)
    both = pl.col("backend_cents") - pl.col("ga4_cents")
    delta = transactions.select(both.sum()).item() / 100
    share = len(matched) / max(len(transactions), 1)
    out.print(
        f"{len(matched):,} of {len(transactions):,} transactions match ([bold]{share:.1%}[/]); "
        f"where both sides tell of one, the backend has {delta:+,.2f} USD",
        highlight=False,
    )
    grid = Grid("class or cause", *(("planted", "found", "precision", "recall")))
    for column in grid.columns[1:]:
        column.justify = "right"
    rows = stores.scan(domain.table(scores.NAME)).collect()
    for row in rows.iter_rows(named=True):
        if row["planted"] or row["found"]:
            of_class = row["scope"] == scores.OF_CLASS
            grid.add_row(
                f"[bold]{row['name']}[/]" if of_class else f"  {row['name']}",
                f"{row['planted']:,}",
                "" if row["found"] is None else f"{row['found']:,}",
                _share(row["precision"]),
                _share(row["recall"]),
            )
    out.print(grid)


def _rows(domain: Domain, stores: Reader, name: str) -> int:
    return sum(stats.rows for stats in stores.describe(domain.table(name)).values())


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
