"""``synth contract``: data contracts, JSON Schemas and a data dictionary as files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from synth_assets.cli.console import counted, out, path_markup
from synth_assets.cli.options import Selection
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.selection import select
from synth_assets.contracts.files import write
from synth_assets.core.errors import UserError
from synth_assets.domains import load_domains
from synth_assets.orchestration.contract_places import place_of
from synth_assets.orchestration.settings import Settings


def contract(
    selection: Selection = None,
    to: Annotated[
        Path,
        typer.Option(
            help="Folder of the files.", parser=LocalPath("--to", folder=True, written=True)
        ),
    ] = Path("contracts"),
) -> None:
    """Write data contracts (ODCS), JSON Schemas and a data dictionary of tables.

    Each table gets <domain>/<table>.odcs.yaml and <domain>/<table>.schema.json, each domain
    <domain>/dictionary.md, which has all its tables. Nothing has to be stored: all of it
    comes from the schemas and checks.
    """
    stores = Settings.from_environment().open_stores(patient=False)
    selected = select(load_domains(), selection or [])
    try:
        paths = list(write(selected, to, partial(place_of, stores)))
    except OSError as error:
        raise UserError(f"cannot write to {to}: {(error.strerror or str(error)).lower()}") from None
    tables = sum(len(tables) for _, tables in selected)
    out.print(
        f"wrote {len(paths):,} files of {counted(tables, 'table')} to {path_markup(to)}",
        highlight=False,
        soft_wrap=True,
    )
