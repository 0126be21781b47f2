"""A row of the results: what was measured, against what, and whether a goal was met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any

from synth_assets.reports.gate import TableOutcome

# Units of a row's numbers.
UNITS = {"cpu_seconds": "CPU s", "wall_seconds": "s", "peak_mib": "MiB"}


class Scale(IntEnum):
    """How much is measured: about a minute, a quarter of an hour, or everything."""

    quick = 0
    default = 1
    full = 2


@dataclass(frozen=True)
class Goal:
    """A bound of one of a row's numbers.

    Attributes:
        number: The number's name: a field of ``Row``.
        bound: The most it may be, or the least.
        least: Whether the bound is the least.
    """

    number: str
    bound: float
    least: bool = False

    def met(self, row: Row) -> bool | None:
        """Whether a row meets the goal; None if it lacks the number."""
        measured = getattr(row, self.number)
        if measured is None:
            return None
        # Rounded as it is printed, so that 1.00 meets 1.
        shown = round(measured, 2)
        return bool(shown >= self.bound if self.least else shown <= self.bound)

    def __str__(self) -> str:
        sign = "at least" if self.least else "at most"
        return f"{sign} {self.bound:g} {UNITS.get(self.number, '')}".strip()


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes:
        name: What was measured, unique in its part and the same in every run.
        cpu_seconds: Processor seconds of all processes together.
        wall_seconds: Seconds that passed.
        peak_mib: Peak memory of the process tree.
        ratio: The measurement against the peer's.
        against: What the ratio is against.
        value: Another number, such as milliseconds or megabytes.
        unit: Its unit.
        goal: What it should be.
        note: Why there are no numbers, or what is special about them.
        details: Further numbers by name.
    """

    name: str
    cpu_seconds: float | None = None
    wall_seconds: float | None = None
    peak_mib: float | None = None
    ratio: float | None = None
    against: str = ""
    value: float | None = None
    unit: str = ""
    goal: Goal | None = None
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without goal or number."""
        return self.goal.met(self) if self.goal else None

    def as_json(self) -> dict[str, Any]:
        """The row as the results file has it, without what is empty."""
        found = asdict(self) | {"met": self.met}
        return {name: v for name, v in found.items() if v not in (None, "", {})}


def not_measured(name: str, needs: Scale) -> Row:
    """The row of a measurement that a smaller scale leaves out.

    Args:
        name: What would be measured.
        needs: The scale that measures it.
    """
    return Row(name, note=f"measured with --scale {needs.name}")


def failed_checks(outcomes: Sequence[TableOutcome]) -> str:
    """The note of checks that failed: their time counts, and somebody should look at them.

    Args:
        outcomes: The evaluated checks, by table.
    """
    failed = [
        f"{outcome.table} {check.name}"
        for outcome in outcomes
        for check in outcome.checks
        if check.status == "failed"
    ]
    return f"checks that failed: {', '.join(failed)}" if failed else ""
