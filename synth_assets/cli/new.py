"""``synth new``: the files of a new domain outside the package."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from synth_assets.cli.console import out, path_markup
from synth_assets.cli.paths import LocalPath
from synth_assets.core.consistency import problem_of_name, problem_of_table
from synth_assets.core.errors import UserError
from synth_assets.domains import names_in_use
from synth_assets.scaffold.files import new_domain
from synth_assets.scaffold.names import (
    DEFAULT_TABLES,
    parse_tables,
    require_name,
    require_package_name,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="rich")


@app.callback()
def new() -> None:
    """Write the files of a new domain of your own, which work at once."""


@app.command()
def domain(
    name: Annotated[str, typer.Argument(help="Name of the domain, and of its folder.")],
    tables: Annotated[
        str,
        typer.Option(
            help="Tables, separated by commas: a name, or a name with :daily or :sharded. The "
            "others refer to the first."
        ),
    ] = DEFAULT_TABLES,
    to: Annotated[
        Path,
        typer.Option(
            help="Folder in which the domain's folder is made.",
            parser=LocalPath("--to", folder=True, written=True),
        ),
    ] = Path(),
    python: Annotated[
        bool, typer.Option("--python", help="Write the tables in Python instead of YAML.")
    ] = False,
) -> None:
    """Write a folder with tables, a test, dbt models and a README, to be changed.

    SYNTH_DOMAINS=<folder> makes every command, the UI and the studio find it.
    """
    require_name(name, "domain")
    if (wrong := problem_of_name(name)) is not None:
        raise UserError(f"{wrong}; give another name")
    if python:
        require_package_name(name)
    requested = parse_tables(tables)
    for table in requested:
        if (wrong := problem_of_table(table.name)) is not None:
            raise UserError(f"{wrong}; give another name")
    if name in names_in_use():
        raise UserError(f"there is a domain {name!r} already: give another name")
    folder = to / name
    paths = new_domain(name, requested, folder, python=python)
    out.print(
        f"wrote {len(paths)} files to {path_markup(folder)}; next:\n"
        f"  export SYNTH_DOMAINS={shlex.quote(str(folder))}\n  synth materialize {name} --dbt",
        highlight=False,
        soft_wrap=True,
    )
