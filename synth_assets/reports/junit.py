"""The report as JUnit XML, for CI systems: a suite for each table, a case for each check.

A check with the status ``failed`` is a failure. A warning passes, and the case's output has it. A
check without a result is skipped.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from synth_assets.quality.building import SAMPLES
from synth_assets.reports.gate import CheckOutcome, GateReport, TableOutcome

# Characters that XML 1.0 does not allow.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Failing partitions with their numbers, failing partitions with rows, keys in a message, and
# characters of a row at most: CI systems refuse or truncate long texts.
DETAILED = 20
SAMPLED = 3
NAMED = 10
ROW_LENGTH = 400


def render(report: GateReport) -> str:
    """The report as JUnit XML text.

    Args:
        report: The report.
    """
    root = Xml.Element("testsuites", name=_clean(report.title))
    for table in report.tables:
        root.append(_suite(table, report.created_at.isoformat(timespec="seconds")))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", "0")
    Xml.indent(root)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"
    )


def _suite(table: TableOutcome, created_at: str) -> Xml.Element:
    statuses = [check.status for check in table.checks]
    suite = Xml.Element(
        "testsuite",
        name=_clean(table.table),
        timestamp=created_at,
        tests=str(len(statuses)),
        failures=str(statuses.count("failed")),
        errors="0",
        skipped=str(statuses.count("missing")),
        time="0",
    )
    properties = Xml.SubElement(suite, "properties")
    for name, value in (("rows", table.total), ("partitions", len(table.rows))):
        Xml.SubElement(properties, "property", name=name, value=str(value))
    suite.extend(_case(check) for check in table.checks)
    return suite


def _case(check: CheckOutcome) -> Xml.Element:
    names = {"classname": _clean(check.table), "name": _clean(check.name)}
    case = Xml.Element("testcase", names, time="0")
    if check.status == "missing":
        Xml.SubElement(case, "skipped", message="not evaluated")
    elif check.status == "failed":
        failure = Xml.SubElement(case, "failure", message=_message(check), type="gate")
        failure.text = _failures(check)
    elif check.status == "warned":
        output = Xml.SubElement(case, "system-out")
        output.text = f"warned (does not block): {_message(check)}\n{_failures(check)}"
    return case


def _message(check: CheckOutcome) -> str:
    failures = check.failures
    keys = [result.key for result in failures if result.key is not None]
    numbers = failures[0].finding
    if not keys:
        return _clean(numbers)
    named = ", ".join(keys[:NAMED]) + (", …" if len(keys) > NAMED else "")
    return _clean(f"{len(keys)} of {len(check.results)} partitions failed: {named} ({numbers})")


def _failures(check: CheckOutcome) -> str:
    """The check, failing partitions with their numbers, and the keys of the remaining ones."""
    lines = [check.doc]
    for n, result in enumerate(check.failures[:DETAILED]):
        where = "whole table" if result.key is None else result.key
        lines.append(f"{where}: {result.finding}")
        rows = result.failing_rows[:SAMPLES] if n < SAMPLED else []
        lines += [f"  {_short(str(row))}" for row in rows]
    further = check.failures[DETAILED:]
    if further:
        lines.append(f"and {len(further)} more: " + ", ".join(str(v.key) for v in further))
    return _clean("\n".join(lines))


def _short(text: str) -> str:
    return text if len(text) <= ROW_LENGTH else text[:ROW_LENGTH] + "…"


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
