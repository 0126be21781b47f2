"""The outcome of a check."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """

    key: str | None
    passed: bool
    measured: float
    threshold: str
    numbers: dict[str, float] = field(default_factory=dict)
    failing_rows: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
