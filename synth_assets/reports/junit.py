"""The report as JUnit XML, for CI systems: a suite a table, a case a check.

A failed blocking check is a failure; a warning passes and says so in its output; a check
without a verdict is skipped.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from synth_assets.reports.gate import CheckOutcome, GateReport, TableOutcome

# Characters that XML 1.0 does not allow at all.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SHOWN = 20


def render(report: GateReport) -> str:
    """JUnit XML text."""
    root = Xml.Element("testsuites", name=_clean(report.title))
    for table in report.tables:
        root.append(_suite(table, report.made_at.isoformat(timespec="seconds")))
    for name in ("tests", "failures", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    Xml.indent(root)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"
    )


def _suite(table: TableOutcome, made_at: str) -> Xml.Element:
    statuses = [check.status for check in table.checks]
    suite = Xml.Element(
        "testsuite",
        name=_clean(table.table),
        timestamp=made_at,
        tests=str(len(statuses)),
        failures=str(statuses.count("failed")),
        errors="0",
        skipped=str(statuses.count("missing")),
    )
    properties = Xml.SubElement(suite, "properties")
    for name, value in (("rows", sum(table.rows.values())), ("partitions", len(table.rows))):
        Xml.SubElement(properties, "property", name=name, value=str(value))
    suite.extend(_case(check) for check in table.checks)
    return suite


def _case(check: CheckOutcome) -> Xml.Element:
    case = Xml.Element("testcase", classname=_clean(check.table), name=_clean(check.rule))
    if check.status == "missing":
        Xml.SubElement(case, "skipped", message="no verdict")
    elif check.status == "failed":
        first = check.failures[0]
        message = _clean(f"measured {first.measured:g}, bound {first.bound}")
        Xml.SubElement(case, "failure", message=message, type="gate").text = _failures(check)
    elif check.status == "warned":
        Xml.SubElement(case, "system-out").text = "warned (does not block)\n" + _failures(check)
    return case


def _failures(check: CheckOutcome) -> str:
    lines = [check.doc]
    for verdict in check.failures[:SHOWN]:
        where = verdict.key or "whole table"
        lines.append(f"{where}: measured {verdict.measured:g}, bound {verdict.bound}")
        lines += [f"  {row}" for row in verdict.offenders]
    if len(check.failures) > SHOWN:
        lines.append(f"… and {len(check.failures) - SHOWN} more partitions")
    return _clean("\n".join(lines))


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
