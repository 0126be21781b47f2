"""Options that several commands have, with their help and what a shell offers for them."""

from __future__ import annotations

from typing import Annotated

import typer

from synth_assets.cli import completion

# More than anybody gives: of events, and of rows.
MANY = 1_000_000_000

Selection = Annotated[
    list[str] | None,
    typer.Argument(
        help="all (the default), a domain, domain/table, or a pattern such as 'jaffle/raw_*'.",
        autocompletion=completion.selections,
    ),
]
RequiredSelection = Annotated[
    list[str] | None,
    typer.Argument(
        help="Required: all, a domain, domain/table, or a pattern such as 'jaffle/raw_*'.",
        autocompletion=completion.selections,
    ),
]
TableName = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        help="A table, such as jaffle/raw_orders_training.",
        autocompletion=completion.tables,
    ),
]
Partitions = Annotated[
    str | None,
    typer.Option(
        help="One partition or a range a..b; without it all of them.",
        autocompletion=completion.partitions,
    ),
]
Seed = Annotated[int | None, typer.Option(help="Seed of every draw; the scenario's by default.")]
Recreate = Annotated[
    bool,
    typer.Option(
        help="Drop slices that another scenario or other code has made: needed where other slices "
        "of a table would stay."
    ),
]
Settings_ = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="A scenario field: field=value. Repeatable.",
        autocompletion=completion.settings,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Show what would be done, and do nothing.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
