"""What a gate report is: tables, their checks, a result for each partition."""

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
    """One check of one table, with its results (key None: of the whole table)."""

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
        """It was judged and no result failed."""
        return self.status == "passed"

    @property
    def status(self) -> Status:
        """``missing`` without results; a failure fails a blocking check and else warns."""
        if not self.results:
            return "missing"
        if not self.failures:
            return "passed"
        return "failed" if self.blocking else "warned"


@dataclass(frozen=True)
class TableOutcome:
    """A table with its rows per partition, its checks, and PNG images by name (base64)."""

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
    """The outcome of a gate. ``scenario`` says for each domain what made its data."""

    title: str
    made_at: datetime
    scenario: Mapping[str, str]
    tables: Sequence[TableOutcome]

    @property
    def checks(self) -> list[CheckOutcome]:
        """The checks of all tables."""
        return [check for table in self.tables for check in table.checks]

    @property
    def totals(self) -> dict[str, int]:
        """How much was looked at."""
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
        """No blocking check failed."""
        return self.counts["failed"] == 0
