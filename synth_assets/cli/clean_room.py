"""``synth clean-room``: both parties' tables in one command, and queries under their rules."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.markup import escape

from synth_assets.cli.clean_room_answer import print_answer
from synth_assets.cli.console import buffered_stderr, counted, display_path, err, out, write
from synth_assets.cli.exits import INTERRUPTED
from synth_assets.cli.options import Recreate, Seed, Settings_, Yes
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.plan import ask_before, planned
from synth_assets.cli.running import run
from synth_assets.cli.scenario_options import scenario_values
from synth_assets.cli.selection import domain_named
from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.core.schema import polars_schema
from synth_assets.domains.clean_room.account_tier.bigquery import create_model, predict_query
from synth_assets.domains.clean_room.account_tier.bigquery_tables import names_of
from synth_assets.domains.clean_room.analysis_rules import bigquery_script
from synth_assets.domains.clean_room.domain import SHARED
from synth_assets.domains.clean_room.scenario import DOMAIN, SPLITS, scenario_of
from synth_assets.domains.clean_room.snapshot.window import of_split
from synth_assets.domains.clean_room.use_cases import budgets
from synth_assets.domains.clean_room.use_cases.guidance import guide
from synth_assets.domains.clean_room.use_cases.sharing import (
    OWNER_OF_BOTH,
    open_clean_room,
    open_unprotected,
    parties,
)
from synth_assets.orchestration.partitions import keys_among
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.warehouse import target_of
from synth_assets.stores.damage import VerifyingReader

app = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode="rich")
PartyName = StrEnum("PartyName", ["merchant", "provider"])
Split = StrEnum("Split", list(SPLITS))  # type: ignore[misc]
UseCaseName = StrEnum("UseCaseName", [use_case.name for use_case in SHARED])  # type: ignore[misc]


@app.callback()
def clean_room(
    context: typer.Context,
    merchant_project_id: Annotated[
        str | None, typer.Option(help="The merchant's project; its schema where a store has none.")
    ] = None,
    provider_project_id: Annotated[
        str | None, typer.Option(help="The provider's project; its schema where a store has none.")
    ] = None,
    seed: Seed = None,
    set_: Settings_ = None,
    dbt: Annotated[bool, typer.Option(help="Also build the dbt models downstream.")] = False,
    recreate: Recreate = False,
    yes: Yes = False,
) -> None:
    """Make both parties' tables and judge them by their gates; ask questions under the rules.

    Without a command the tables are made, with 100,000 users by default.
    """
    _set_project("merchant", merchant_project_id)
    _set_project("provider", provider_project_id)
    if context.invoked_subcommand is not None:
        if seed is not None or set_ or dbt or recreate or yes:
            raise UserError(
                f"{context.invoked_subcommand} makes nothing: --seed, --set, --dbt, --recreate and "
                "--yes are for `synth clean-room` alone"
            )
        return
    domain = domain_named(DOMAIN)
    values = scenario_values([domain], seed, set_ or [])
    if dbt:
        settings = Settings.from_environment()
        target_of(domain, settings, settings.routes)
    chosen = [(domain, list(domain.tables))]
    keys = {DOMAIN: keys_among(domain.tables, None)}
    ask_before(
        lambda: [planned(domain, domain.tables, keys[DOMAIN], values[DOMAIN], dbt=dbt)],
        "--set with fewer users makes less",
        yes=yes,
    )
    code = run([domain], chosen, keys, values, dbt=dbt, recreate=recreate)
    scenario = scenario_of(domain)
    stores = Settings.from_environment().open_stores()
    for party in PartyName:
        tables = [t for t in domain.tables if t.tags.get("party") == party]
        where = display_path(stores.of(tables[0]).location)
        out.print(
            f"{party.title()}: schema [bold]{scenario.schema_of(party)}[/] of {escape(where)}, "
            f"in queries [bold]{scenario.project_of(party)}[/]",
            soft_wrap=True,
        )
    raise typer.Exit(code)


@app.command()
def query(
    file: Annotated[
        Path,
        typer.Argument(
            help="BigQuery SQL; - reads standard input.", parser=LocalPath("FILE", stdin=True)
        ),
    ],
    as_: Annotated[PartyName | None, typer.Option("--as", help="Who asks.")] = None,
    unprotected: Annotated[
        bool,
        typer.Option("--unprotected", help="Ask the tables themselves, as the owner of both."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Write the answer here as CSV.", parser=LocalPath("--output", written=True)
        ),
    ] = None,
) -> None:
    """Run a party's query under the rules that the other one has set.

    With --unprotected no rule holds: a query over both parties' tables as they are, for whoever
    has made them.
    """
    if unprotected == (as_ is not None):
        raise UserError(
            "give --as merchant or --as provider to ask under the rules, or --unprotected, without "
            "--as, to ask the tables of both as their owner"
        )
    sql = _read(file)
    try:
        with buffered_stderr():
            answer = _answer(sql, as_)
    except KeyboardInterrupt:
        err.print("interrupted: the query was stopped; what it cost of a privacy budget is spent")
        raise typer.Exit(INTERRUPTED) from None
    if output is None:
        print_answer(answer)
        return
    try:
        answer.write_csv(output)
    except OSError as error:
        raise UserError(f"--output {output}: cannot be written: {error.strerror}") from None
    except pl.exceptions.PolarsError as error:
        raise UserError(f"--output {output}: the answer is no CSV: {error}") from None
    rows = counted(len(answer), "row")
    err.print(f"{rows} in {escape(display_path(output))}", highlight=False, soft_wrap=True)


def _answer(sql: str, as_: PartyName | None) -> pl.DataFrame:
    """The result of a party's query, or of the owner of both parties' data if ``as_`` is None."""
    domain, settings = domain_named(DOMAIN), Settings.from_environment()
    stores, scenario = VerifyingReader(settings.open_stores()), scenario_of(domain)
    stored = TableView(domain, domain.tables[0], (), stores, scenario)
    guide(sql, as_.value if as_ else None, SHARED, scenario)

    def read(table: str, split: str) -> pl.LazyFrame:
        return of_split(stored, table, split)

    if as_ is None:
        return open_unprotected(scenario, read).run(sql, OWNER_OF_BOTH)
    ledger = budgets.privacy_budgets(settings.home, SHARED, stored)
    return open_clean_room(SHARED, scenario, read, budget=ledger).run(sql, as_.value)


@app.command()
def example(
    use_case: Annotated[UseCaseName, typer.Argument(help="Which question.")],
    split: Annotated[Split, typer.Option(help="Of which snapshot.")] = Split["training"],
) -> None:
    """Print the query of a use case over the protected views."""
    scenario = scenario_of(domain_named(DOMAIN))
    shared = next(shared for shared in SHARED if shared.name == use_case)
    write(f"-- Asked by the {shared.asker}.\n{shared.protected(scenario, split.value)}\n")


@app.command()
def views() -> None:
    """Print the protected views as BigQuery's DDL."""
    domain = domain_named(DOMAIN)
    empty = {
        table.name: pl.LazyFrame(schema=polars_schema(table.schema)) for table in domain.tables
    }
    sharing = parties(SHARED, scenario_of(domain), lambda table, split: empty[table])
    write(bigquery_script(sharing).rstrip() + "\n")


@app.command()
def model() -> None:
    """Print the account tier model as BigQuery's statements."""
    scenario = scenario_of(domain_named(DOMAIN))
    names = names_of(scenario)
    write(f"{create_model(names).rstrip()}\n\n{predict_query(names).rstrip()}\n")


def _set_project(party: str, project: str | None) -> None:
    """Sets the variables of a party's project: a BigQuery project, or a schema in other stores.

    On BigQuery the default is the party's project in ``SYNTH_BIGQUERY_PARTIES``.
    """
    variable, settings = f"SYNTH_CLEAN_ROOM_{party.upper()}_PROJECT", Settings.from_environment()
    kind = settings.routes.overrides.get(DOMAIN, settings.routes.default)
    on_bigquery = kind == "bigquery"
    if project is None:
        if on_bigquery and party in settings.parties:
            os.environ.setdefault(variable, settings.parties[party])
        return
    os.environ[variable] = project
    if on_bigquery:
        named = {**settings.parties, party: project}
        parties = ",".join(f"{name}={id_}" for name, id_ in named.items())
        os.environ["SYNTH_BIGQUERY_PARTIES"] = parties
    else:
        os.environ[f"SYNTH_CLEAN_ROOM_{party.upper()}_SCHEMA"] = project


def _read(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text()
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"cannot read {file}: it is no text in UTF-8") from None
