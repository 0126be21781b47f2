"""The report as JSON, for programs. ``format`` changes whenever readers must change."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from synth_assets.core.check_result import CheckResult
from synth_assets.reports.gate import CheckOutcome, GateReport, TableOutcome

FORMAT = 1


def render(report: GateReport) -> str:
    """The report as JSON text; numbers that are not finite become null, other values text.

    Args:
        report: The report.
    """
    content = {
        "format": FORMAT,
        "title": report.title,
        "made_at": report.created_at.isoformat(),
        "passed": report.passed,
        "totals": report.totals,
        "checks": report.counts,
        "scenario": dict(report.scenario),
        "tables": [_table(table) for table in report.tables],
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _table(table: TableOutcome) -> dict[str, Any]:
    return {
        "table": table.table,
        "doc": table.doc,
        "rows": dict(table.rows),
        "checks": [_check(check) for check in table.checks],
    }


def _check(check: CheckOutcome) -> dict[str, Any]:
    return {
        "rule": check.name,
        "doc": check.doc,
        "blocking": check.blocking,
        "status": check.status,
        "verdicts": [_result(result) for result in check.results],
    }


def _result(result: CheckResult) -> dict[str, Any]:
    return {
        "partition": result.key,
        "passed": result.passed,
        "measured": _number(result.measured),
        "bound": result.threshold,
        "numbers": {name: _number(value) for name, value in result.numbers.items()},
        "offenders": [plain(row) for row in result.failing_rows],
    }


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
