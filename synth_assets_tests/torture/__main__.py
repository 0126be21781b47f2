"""``python -m synth_assets_tests.torture [PART…]``: causes faults, prints the table, keeps it."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from synth_assets_tests.part_arguments import PartParser
from synth_assets_tests.torture import (
    clock,
    corruption,
    disk,
    interruptions,
    kills,
    object_store,
    restarts,
    results,
    soak,
    writers,
)
from synth_assets_tests.torture.trials import Budget, Part, Trial

PARTS: dict[str, tuple[Part, ...]] = {
    "kills": kills.PART,
    "writers": writers.PART,
    "restarts": restarts.PART,
    "object_store": object_store.PART,
    "disk": disk.PART,
    "clock": clock.PART,
    "corruption": corruption.PART,
    "interruptions": interruptions.PART,
    "soak": soak.PART,
}
# Faults of a line: 200 kills are those of 11 lines. Two parts need other numbers.
TIMES = {"kills": 19, "restarts": 20, "object_store": 100, "disk": 20, "corruption": 1,
         "interruptions": 50, "soak": 30}  # fmt: skip
USUAL_TIMES = 10
# What the note of a line begins with that could not be tried.
NOT_DONE = "not done"
# Minutes of all parts together, unless the command says otherwise.
MINUTES = 60.0
out = Console(width=None if sys.stdout.isatty() else 150, highlight=False)


def trials(name: str, budget: Budget) -> Iterator[Trial]:
    """The lines of a part; a fault that cannot be caused is a line, and the others go on.

    Args:
        name: The part.
        budget: How much of it.
    """
    for cause in PARTS[name]:
        try:
            yield from cause(budget)
        except Exception as error:
            what = (cause.__doc__ or cause.__name__).splitlines()[0]
            text = str(error).splitlines() or [""]
            yield Trial(what, name, note=f"{NOT_DONE}: {type(error).__name__}: {text[0]}")


def print_part(name: str, lines: list[Trial], seconds: float) -> None:
    """Prints a part's lines, with their failures beneath."""
    table = Table(title=f"{name} ({seconds:.0f} s)", title_justify="left", box=None, padding=(0, 1))
    table.add_column("fault", ratio=1)
    table.add_column("where")
    for column in ("times", "failed"):
        table.add_column(column, justify="right")
    for line in lines:
        numbers = ", ".join(f"{name} {number:,.4g}" for name, number in line.numbers.items())
        about = "; ".join(filter(None, [numbers, line.note, *line.failures]))
        colour = "red" if line.failed else "green"
        failed = f"[{colour}]{line.failed}[/]"
        table.add_row(f"{line.fault} [dim]{about}[/]", line.place, str(line.times), failed)
    out.print(table)
    out.print()


def arguments() -> argparse.Namespace:
    """The command line."""
    program = "python -m synth_assets_tests.torture"
    parser = PartParser(program, __doc__, PARTS, results.LATEST)
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help=f"of all parts together ({MINUTES:g})"
    )
    parser.add_argument("--times", type=int, help="faults of each line; a part's own without it")
    return parser.parse_args()


def main() -> int:
    """Runs the parts; the exit code is 1 if anything was torn or lost, or could not be tried."""
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C, ends what runs
    names = given.parts or list(PARTS)
    failed = 0
    for name in names:
        started = time.perf_counter()
        budget = Budget(
            given.times or TIMES.get(name, USUAL_TIMES),
            60 * given.minutes / len(names) / len(PARTS[name]),
        )
        with out.status(f"{name}: causing faults"):
            lines = list(trials(name, budget))
        failed += sum(line.failed + line.note.startswith(NOT_DONE) for line in lines)
        print_part(name, lines, time.perf_counter() - started)
        results.keep(given.json, name, lines)
    out.print(f"wrote {given.json}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
