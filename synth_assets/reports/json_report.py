"""The report as JSON, for programs, and the JSON Schema of it.

The pydantic models are the one definition of the document. ``VERSION`` changes whenever a reader
would have to change; new fields do not change it. ``python -m synth_assets.reports.json_report``
writes the schema that ``docs/schemas`` publishes.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from synth_assets.core.check_result import CheckResult
from synth_assets.reports.gate import CheckOutcome, DomainOutcome, GateReport, Status, TableOutcome

VERSION: Literal[2] = 2
SCHEMA_FILE = f"gate_report.v{VERSION}.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Counts(_Part):
    """Checks by status."""

    passed: int
    failed: int = Field(description="Blocking checks that failed, and rows not readable.")
    warned: int = Field(description="Checks that failed and do not block.")
    missing: int = Field(description="Checks without a result.")


class Totals(_Part):
    """Numbers of what the report is about."""

    tables: int
    models: int = Field(description="Models of dbt.")
    partitions: int
    rows: int


class Result(_Part):
    """The result of a check on one partition, or on the whole table."""

    partition: str | None = Field(description="Partition key; null for the whole table.")
    passed: bool
    measured: float | None = Field(description="Null if it is not a finite number.")
    threshold: str = Field(description="What the measured value must be, in words.")
    numbers: dict[str, float | None]
    note: str = Field(description="What to do about a failure, where that is known.")
    failing_rows: list[Any] = Field(description="A few of the failing rows.")
    run_id: str | None = Field(description="The Dagster run that evaluated it.")


class CheckPart(_Part):
    """A check of a table or model."""

    name: str
    doc: str
    blocking: bool = Field(description="Whether a failure stops what is downstream.")
    status: Status
    detects: list[str] = Field(description="Kinds of planted anomalies that it must find.")
    results: list[Result]


class ReferencePart(_Part):
    """A foreign key."""

    column: str
    parent: str
    parent_column: str
    check: str = Field(description="The check that counts keys without a parent.")


class MaterializationPart(_Part):
    """The latest materialization."""

    run_id: str
    at: datetime


class TablePart(_Part):
    """A table or model with its checks."""

    table: str = Field(description="Its path, domain/table.")
    kind: Literal["table", "model"]
    doc: str
    status: Status = Field(description="The worst status of its checks.")
    tags: dict[str, str]
    rows: dict[str, int] = Field(description="Rows of each stored partition, by key.")
    declared_partitions: int
    references: list[ReferencePart]
    latest_materialization: MaterializationPart | None
    checks: list[CheckPart]


class DomainPart(_Part):
    """A domain with its tables."""

    name: str
    doc: str
    owners: list[str]
    scenario: str = Field(description="Fingerprint and seed.")
    complete: bool = Field(description="Whether all tables and stored partitions are included.")
    passed: bool
    checks: Counts
    totals: Totals
    tables: list[TablePart]


class Document(_Part):
    """The outcome of a data-quality gate."""

    version: Literal[2] = Field(description="Changes whenever a reader has to change.")
    title: str
    created_at: datetime
    passed: bool = Field(description="Whether no check has the status failed.")
    checks: Counts
    totals: Totals
    domains: list[DomainPart]


def render(report: GateReport) -> str:
    """The report as JSON text; numbers that are not finite become null, other values text.

    Args:
        report: The report.
    """
    document = Document(
        version=VERSION,
        title=report.title,
        created_at=report.created_at,
        passed=report.passed,
        checks=Counts.model_validate(report.counts),
        totals=Totals.model_validate(report.totals),
        domains=[_domain(domain) for domain in report.domains],
    )
    return json.dumps(document.model_dump(mode="json"), indent=1, allow_nan=False) + "\n"


def schema() -> str:
    """The JSON Schema of the report, as text."""
    found = Document.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:synth-assets:gate-report:{VERSION}",
    }
    return json.dumps(head | found, indent=2) + "\n"


def _domain(domain: DomainOutcome) -> DomainPart:
    return DomainPart(
        name=domain.name,
        doc=domain.doc,
        owners=list(domain.owners),
        scenario=domain.scenario,
        complete=domain.complete,
        passed=domain.passed,
        checks=Counts.model_validate(domain.counts),
        totals=Totals.model_validate(domain.totals),
        tables=[_table(table) for table in domain.tables],
    )


def _table(table: TableOutcome) -> TablePart:
    latest: MaterializationPart | None = None
    if table.latest is not None:
        latest = MaterializationPart(run_id=table.latest.run_id, at=table.latest.at)
    return TablePart(
        table=table.table,
        kind=table.kind,
        doc=table.doc,
        status=table.status,
        tags=dict(table.tags),
        rows=dict(table.rows),
        declared_partitions=table.declared,
        references=[ReferencePart(**vars(reference)) for reference in table.references],
        latest_materialization=latest,
        checks=[_check(check) for check in table.checks],
    )


def _check(check: CheckOutcome) -> CheckPart:
    return CheckPart(
        name=check.name,
        doc=check.doc,
        blocking=check.blocking,
        status=check.status,
        detects=list(check.detects),
        results=[_result(result, check.runs.get(result.key)) for result in check.results],
    )


def _result(result: CheckResult, run_id: str | None) -> Result:
    return Result(
        partition=result.key,
        passed=result.passed,
        measured=_number(result.measured),
        threshold=result.threshold,
        numbers={name: _number(value) for name, value in result.numbers.items()},
        note=result.note,
        failing_rows=[plain(row) for row in result.failing_rows],
        run_id=run_id,
    )


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def plain(value: Any) -> Any:
    """A JSON value: nested values stay nested, times become ISO text, bytes hexadecimal text.

    Args:
        value: A value of a cell.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return _number(value)
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case Mapping():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
    return str(value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema(), encoding="utf-8")
