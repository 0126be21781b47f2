"""A line of the table: a fault, how often it was caused, and what went wrong."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

# Failures whose texts a line keeps.
MOST_KEPT = 5


@dataclass
class Trial:
    """A fault in one place.

    Attributes:
        fault: What was done.
        place: Where: a kind of store, a command.
        times: How often it was done.
        failed: How often something was torn, lost or left behind.
        failures: What, for the first few.
        numbers: Further numbers, by name.
        series: Numbers after each of the times, where they are measured.
        note: A remark, for example why it was not done.
        seconds: How long it took.
    """

    fault: str
    place: str
    times: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)
    series: list[dict[str, float]] = field(default_factory=list)
    note: str = ""
    seconds: float = 0.0

    def hold(self, problem: str | None) -> None:
        """Counts one fault.

        Args:
            problem: What went wrong; None if nothing did.
        """
        self.times += 1
        if problem:
            self.failed += 1
            if len(self.failures) < MOST_KEPT:
                self.failures.append(problem)

    def count(self, name: str, number: float = 1) -> None:
        """Adds to a number.

        Args:
            name: The number's name.
            number: What is added.
        """
        self.numbers[name] = self.numbers.get(name, 0) + number

    def largest(self, name: str, number: float) -> None:
        """Keeps the largest of several numbers.

        Args:
            name: The number's name.
            number: One of them.
        """
        self.numbers[name] = max(self.numbers.get(name, number), number)

    def as_json(self) -> dict[str, Any]:
        """The line as the results file has it."""
        return asdict(self)


@dataclass(frozen=True)
class Budget:
    """How much a part does: so many faults of a line, and no more seconds than that for all lines.

    Attributes:
        times: Faults of a line.
        seconds: Seconds of a part.
        seed: Of random instants.
    """

    times: int
    seconds: float
    seed: int = 20_260_101

    def rounds(self, trial: Trial, lines: int = 1) -> Iterator[random.Random]:
        """A random generator for each fault of a line, until its share of the time has passed.

        Args:
            trial: The line.
            lines: How many lines the part has.
        """
        started = time.monotonic()
        for number in range(self.times):
            if number and time.monotonic() - started > self.seconds / lines:
                trial.note = trial.note or f"time for {trial.times} of {self.times}"
                break
            yield random.Random(f"{self.seed} {trial.fault} {trial.place} {number}")
        trial.seconds = time.monotonic() - started


# A part: a budget to its lines.
Part = Callable[[Budget], Iterator[Trial]]
