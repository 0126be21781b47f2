"""What further rows cost a generator, its start apart: the slope between two numbers of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Growth:
    """The cost of further rows.

    Attributes:
        name: The generator.
        million_rows: Processor seconds of a million further rows.
        million_cells: Processor seconds of a million further cells.
    """

    name: str
    million_rows: float
    million_cells: float


def by_generator(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The measured rows of each generator, in their order; an empty list is left out.

    Args:
        rows: Rows of the part ``peers``.
    """
    found: dict[str, list[Row]] = {}
    for row in rows:
        if "rows" in row.get("details", {}):
            found.setdefault(row["name"].split(",")[0], []).append(row)
    return found


def growths(rows: Sequence[Row]) -> dict[str, Growth]:
    """The growth of each generator of which the two largest numbers of rows can tell it.

    Args:
        rows: Rows of the part ``peers``.
    """
    found = {}
    for name, measured in by_generator(rows).items():
        if len(measured) < 2:
            continue
        few, many = measured[-2:]
        seconds = many["cpu_seconds"] - few["cpu_seconds"]
        more = {n: (many["details"][n] - few["details"][n]) / 1e6 for n in ("rows", "cells")}
        if seconds > 0 and more["rows"] > 0:
            found[name] = Growth(name, seconds / more["rows"], seconds / more["cells"])
    return found
