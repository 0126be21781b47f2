"""The content of a gate report: domains, their tables and models, checks, and results.

How it is shown is in the renderers; which results it has is decided by ``orchestration.gate``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from synth_assets.core.check_result import CheckResult

Status = Literal["passed", "failed", "warned", "missing"]
STATUSES: tuple[Status, ...] = ("passed", "failed", "warned", "missing")
# From the most to the least urgent.
WORST_FIRST: tuple[Status, ...] = ("failed", "warned", "missing", "passed")
Kind = Literal["table", "model"]


def verdict_of(counts: Mapping[Status, int]) -> Status:
    """The verdict on checks together.

    Args:
        counts: Checks by status.

    Returns:
        ``failed``, else ``warned``, else ``passed``; ``missing`` if nothing was evaluated.
    """
    evaluated: tuple[Status, ...] = ("failed", "warned", "passed")
    return next((status for status in evaluated if counts.get(status)), "missing")


@dataclass(frozen=True)
class CheckOutcome:
    """One check of one table or model, with its results.

    Attributes:
        table: Path of the table or model.
        name: The check's name.
        doc: What the check verifies.
        blocking: Whether a failure stops what is downstream.
        results: A result for each partition, or one for the whole table.
        runs: Id of the run that evaluated each partition, by key, if a run did.
        detects: Kinds of planted anomalies that the check must find.
    """

    table: str
    name: str
    doc: str
    blocking: bool
    results: Sequence[CheckResult]
    runs: Mapping[str | None, str] = field(default_factory=dict)
    detects: Sequence[str] = ()

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
        return self.status_of(self.results) if self.results else "missing"

    def status_of(self, results: Iterable[CheckResult]) -> Status:
        """The status of some of its results.

        Args:
            results: The results.

        Returns:
            ``failed`` if a failure blocks, ``warned`` if none does, ``passed`` without failures.
        """
        failures = [result.blocks(self.blocking) for result in results if not result.passed]
        if not failures:
            return "passed"
        return "failed" if any(failures) else "warned"


@dataclass(frozen=True)
class Reference:
    """A foreign key.

    Attributes:
        column: The column with the key.
        parent: Path of the table that it refers to.
        parent_column: The column that it refers to.
        check: Name of the check that counts keys without a parent.
    """

    column: str
    parent: str
    parent_column: str
    check: str


@dataclass(frozen=True)
class Materialization:
    """The latest materialization of an asset.

    Attributes:
        run_id: Id of the run.
        at: When it was recorded.
    """

    run_id: str
    at: datetime


@dataclass(frozen=True)
class TableOutcome:
    """A table or dbt model with its checks.

    Attributes:
        table: Path of the table or model.
        doc: What a row is.
        rows: Rows of each partition, by key; a model has none.
        checks: The table's checks.
        images: PNG images by name, base64 encoded.
        kind: Whether it is a generated table, or a model of dbt.
        tags: Tags of the asset.
        references: Its foreign keys.
        declared: Number of partitions that the table can have.
        latest: The latest materialization, if one is recorded.
    """

    table: str
    doc: str
    rows: Mapping[str, int]
    checks: Sequence[CheckOutcome]
    images: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "table"
    tags: Mapping[str, str] = field(default_factory=dict)
    references: Sequence[Reference] = ()
    declared: int = 0
    latest: Materialization | None = None

    @property
    def total(self) -> int:
        """Rows of all partitions."""
        return sum(self.rows.values())

    @property
    def status(self) -> Status:
        """The worst status of its checks."""
        found = {check.status for check in self.checks}
        return next((status for status in WORST_FIRST if status in found), "passed")

    def check(self, name: str) -> CheckOutcome | None:
        """A check by its name.

        Args:
            name: The check's name.
        """
        return next((check for check in self.checks if check.name == name), None)


class Counted:
    """What follows from tables: their checks, counts and verdict."""

    tables: Sequence[TableOutcome]

    @property
    def checks(self) -> list[CheckOutcome]:
        """The checks of all tables."""
        return [check for table in self.tables for check in table.checks]

    @property
    def totals(self) -> dict[str, int]:
        """Numbers of tables, dbt models, partitions and rows."""
        models = sum(table.kind == "model" for table in self.tables)
        return {
            "tables": len(self.tables) - models,
            "models": models,
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
        """Whether no blocking check failed, and all rows could be read."""
        return self.counts["failed"] == 0

    @property
    def verdict(self) -> Status:
        """``failed``, else ``warned``, else ``passed``; ``missing`` if nothing was evaluated."""
        return verdict_of(self.counts)


@dataclass(frozen=True)
class DomainOutcome(Counted):
    """A domain with its tables.

    Attributes:
        name: The domain's name.
        doc: What its tables are about.
        owners: Owners of the assets.
        scenario: The scenario, in words.
        tables: Its tables and models.
        complete: Whether all of its tables are included, with all stored partitions.
    """

    name: str
    doc: str
    owners: Sequence[str]
    scenario: str
    tables: Sequence[TableOutcome]
    complete: bool = True


@dataclass(frozen=True)
class GateReport(Counted):
    """The outcome of a gate.

    Attributes:
        title: Title of the report.
        created_at: When the report was created.
        domains: The domains.
        ui: Address of the Dagster UI, for links; empty if there is none.
    """

    title: str
    created_at: datetime
    domains: Sequence[DomainOutcome]
    ui: str = ""

    @property
    def tables(self) -> Sequence[TableOutcome]:  # type: ignore[override]
        """The tables of all domains."""
        return [table for domain in self.domains for table in domain.tables]


def since(outcomes: Sequence[TableOutcome], day: str, dated: Collection[str]) -> list[TableOutcome]:
    """Outcomes without the partitions before a day.

    Args:
        outcomes: The outcomes of tables.
        day: The first day (ISO).
        dated: Paths of the tables that are partitioned by day; others stay as they are.
    """

    def later(check: CheckOutcome) -> CheckOutcome:
        return replace(check, results=[r for r in check.results if r.key is None or r.key >= day])

    return [
        replace(
            outcome,
            rows={key: rows for key, rows in outcome.rows.items() if key >= day},
            checks=[later(check) for check in outcome.checks],
        )
        if outcome.table in dated
        else outcome
        for outcome in outcomes
    ]
