"""What ``synth clean-room query`` prints of an answer: its first rows, and how many there are."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich.markup import escape
from rich.table import Table as Grid

from synth_assets.cli.console import counted, out

# The most rows that are printed; a file has all.
MAX_PRINTED_ROWS = 20


def print_answer(answer: pl.DataFrame) -> None:
    """Prints an answer as a table.

    Args:
        answer: The result of a query.
    """
    grid = Grid(*answer.columns)
    for row in answer.head(MAX_PRINTED_ROWS).iter_rows():
        grid.add_row(*(escape(_shown(value)) for value in row))
    out.print(grid)
    some = f" ({MAX_PRINTED_ROWS} of them shown, all with --output)"
    more = some if len(answer) > MAX_PRINTED_ROWS else ""
    out.print(f"{counted(len(answer), 'row')}{more}", highlight=False)


def _shown(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
