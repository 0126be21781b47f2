"""Options that several commands have, with their help."""

from __future__ import annotations

from typing import Annotated

import typer

Selection = Annotated[
    list[str] | None,
    typer.Argument(
        help="all (the default), a domain, domain/table, or a pattern such as 'jaffle/raw_*'."
    ),
]
RequiredSelection = Annotated[
    list[str] | None,
    typer.Argument(
        help="Required: all, a domain, domain/table, or a pattern such as 'jaffle/raw_*'."
    ),
]
Partitions = Annotated[
    str | None, typer.Option(help="One partition or a range a..b; without it all of them.")
]
Seed = Annotated[int | None, typer.Option(help="Seed of every draw; the scenario's by default.")]
Recreate = Annotated[
    bool, typer.Option(help="Drop slices that another scenario or other code has made.")
]
Settings_ = Annotated[
    list[str] | None, typer.Option("--set", help="A scenario field: field=value. Repeatable.")
]
