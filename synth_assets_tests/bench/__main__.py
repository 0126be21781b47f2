"""``python -m synth_assets_tests.bench [PART…]``: runs parts, prints their rows, keeps results."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.table import Table

from synth_assets_tests.bench import (
    commands,
    graph,
    identity,
    jaffle,
    journey,
    results,
    stores,
    studio,
)
from synth_assets_tests.bench.peers import side_by_side
from synth_assets_tests.bench.rows import Row, Scale
from synth_assets_tests.part_arguments import PartParser

Measured = Callable[[Scale], Iterator[Row]]
PARTS: dict[str, tuple[Measured, ...]] = {
    "jaffle": jaffle.PART,
    "commands": commands.PART,
    "identity": identity.PART,
    "graph": graph.PART,
    "journey": journey.PART,
    "stores": stores.PART,
    "studio": studio.PART,
    "peers": side_by_side.PART,
}
out = Console(width=None if sys.stdout.isatty() else 150, highlight=False)


def measured(part: tuple[Measured, ...], scale: Scale) -> Iterator[Row]:
    """The rows of a part; a measurement that fails is a row, and the others go on.

    Args:
        part: What the part measures.
        scale: How much of it.
    """
    for measure in part:
        try:
            yield from measure(scale)
        except Exception as error:
            what = (measure.__doc__ or measure.__name__).rstrip(".\n ")
            yield Row(what, note=f"failed: {error}")


def shown(number: float | None, digits: int | None = None) -> str:
    """A number for people, with three digits at least; empty if there is none."""
    if number is None:
        return ""
    return f"{number:,.{(2 if number < 10 else 1) if digits is None else digits}f}"


def cells(row: Row) -> list[str]:
    """A row's numbers as texts."""
    return [
        shown(row.cpu_seconds),
        shown(row.wall_seconds),
        shown(row.peak_mib, 0),
        shown(row.ratio, 2),
        f"{shown(row.value, 2)} {row.unit}".strip(),
        str(row.goal or ""),
        {True: "[green]met[/]", False: "[red]not met[/]", None: ""}[row.met],
    ]


def print_part(name: str, rows: list[Row], seconds: float) -> None:
    """Prints a part's rows as a table, with the notes beneath their names."""
    table = Table(title=f"{name} ({seconds:.0f} s)", title_justify="left", box=None, padding=(0, 1))
    table.add_column("what", ratio=1)
    for column in ("CPU s", "wall s", "MiB", "ratio", "value", "goal", ""):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        about = "; ".join(filter(None, [row.against and f"against {row.against}", row.note]))
        table.add_row(f"{row.name}[dim]{f' ({about})' if about else ''}[/]", *cells(row))
    out.print(table)
    out.print()


def arguments() -> argparse.Namespace:
    """The command line."""
    program = "python -m synth_assets_tests.bench"
    parser = PartParser(program, __doc__, PARTS, results.LATEST)
    parser.add_argument(
        "--scale",
        choices=[scale.name for scale in Scale],
        default=Scale.default.name,
        help="about a minute, a quarter of an hour (default), or all sizes",
    )
    parser.add_argument("--quick", action="store_true", help="the same as --scale quick")
    return parser.parse_args()


def main() -> int:
    """Runs the parts; the exit code is 1 if a measurement failed."""
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C, ends what is measured
    scale = Scale.quick if given.quick else Scale[given.scale]
    failed = False
    for name in given.parts or PARTS:
        started, rows = time.perf_counter(), []
        with out.status(f"{name}: measuring"):
            for row in measured(PARTS[name], scale):
                rows.append(row)
                failed |= row.note.startswith("failed")
        print_part(name, rows, time.perf_counter() - started)
        results.keep(given.json, name, scale, rows)
    out.print(f"wrote {given.json}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
