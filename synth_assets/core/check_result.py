"""The outcome of a check."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import Any


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check on one partition, or on the whole table.

    Attributes:
        key: Partition key; None for the whole table.
        passed: Whether the measured value is within the threshold.
        measured: The value that is compared with the threshold.
        threshold: What the measured value must be, in words.
        numbers: Further numbers for metadata and plots, by name.
        failing_rows: A few of the rows that fail the check.
        note: What to do about a failure, where that is known.
        readable: Whether the rows could be read.
    """

    key: str | None
    passed: bool
    measured: float
    threshold: str
    numbers: dict[str, float] = field(default_factory=dict)
    failing_rows: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
    readable: bool = True

    def blocks(self, of_check: bool) -> bool:
        """Whether a failure stops what is downstream; otherwise it warns.

        Nothing is known of rows that cannot be read: they fail for every check.

        Args:
            of_check: Whether the check blocks.
        """
        return of_check or not self.readable

    @property
    def finding(self) -> str:
        """What was measured, in words, or why nothing was."""
        if self.note and isnan(self.measured):
            return f"cannot be judged: {self.note}"
        return f"measured {self.measured:g}, threshold {self.threshold}"
