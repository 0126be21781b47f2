"""The content of a gate report: tables, their checks, and a result for each partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from synth_assets.core.check_result import CheckResult

Status = Literal["passed", "failed", "warned", "missing"]
STATUSES: tuple[Status, ...] = ("passed", "failed", "warned", "missing")


@dataclass(frozen=True)
class CheckOutcome:
    """One check of one table, with its results.

    Attributes:
        table: Path of the table.
        name: The check's name.
        doc: What the check verifies.
        blocking: Whether a failure stops what is downstream.
        results: A result for each partition, or one for the whole table.
    """

    table: str
    name: str
    doc: str
    blocking: bool
    results: Sequence[CheckResult]

    @property
    def failures(self) -> list[CheckResult]:
        """The results that did not pass."""
        return [result for result in self.results if not result.passed]

    @property
    def passed(self) -> bool:
        """Whether it was evaluated and no result failed."""
        return self.status == "passed"

    @property
    def status(self) -> Status:
        """``missing`` without results; ``failed`` or ``warned`` if a result did not pass."""
        if not self.results:
            return "missing"
        if not self.failures:
            return "passed"
        return "failed" if self.blocking else "warned"


@dataclass(frozen=True)
class TableOutcome:
    """A table with its checks.

    Attributes:
        table: Path of the table.
        doc: What a row is.
        rows: Rows of each partition, by key.
        checks: The table's checks.
        images: PNG images by name, base64 encoded.
    """

    table: str
    doc: str
    rows: Mapping[str, int]
    checks: Sequence[CheckOutcome]
    images: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows of all partitions."""
        return sum(self.rows.values())


@dataclass(frozen=True)
class GateReport:
    """The outcome of a gate.

    Attributes:
        title: Title of the report.
        created_at: When the report was created.
        scenario: The scenario of each domain, in words.
        tables: The tables.
    """

    title: str
    created_at: datetime
    scenario: Mapping[str, str]
    tables: Sequence[TableOutcome]

    @property
    def checks(self) -> list[CheckOutcome]:
        """The checks of all tables."""
        return [check for table in self.tables for check in table.checks]

    @property
    def totals(self) -> dict[str, int]:
        """Numbers of tables, partitions and rows."""
        return {
            "tables": len(self.tables),
            "partitions": sum(len(table.rows) for table in self.tables),
            "rows": sum(table.total for table in self.tables),
        }

    @property
    def counts(self) -> dict[Status, int]:
        """Checks by status."""
        found = [check.status for check in self.checks]
        return {status: found.count(status) for status in STATUSES}

    @property
    def passed(self) -> bool:
        """Whether no blocking check failed."""
        return self.counts["failed"] == 0
