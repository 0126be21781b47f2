"""Gate reports: statuses, and what people, programs and CI systems read."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from synth_assets.generation.errors import UserError
from synth_assets.generation.rules import Verdict
from synth_assets.reports import document, junit, page
from synth_assets.reports.files import write
from synth_assets.reports.gate import CheckOutcome, GateReport, TableOutcome

HOSTILE = "<script>alert('x')</script>\x00\x1b[31m & \"quoted\""
DAYS = [f"2026-01-{day:02d}" for day in range(1, 31)]


def verdicts(*failing: str, keys: list[str] = DAYS) -> list[Verdict]:
    offenders = [{"id": 7, "name": HOSTILE, "on": date(2026, 1, 2), "cost": Decimal("1.50")}]
    return [
        Verdict(k, k not in failing, 3.0 if k in failing else 0.0, "= 0", {"rows": 9.0},
                offenders if k in failing else [])
        for k in keys
    ]  # fmt: skip


def check(rule: str, *, blocking: bool = True, judged: list[Verdict] | None = None) -> CheckOutcome:
    found = verdicts() if judged is None else judged
    return CheckOutcome("shop/orders", rule, f"Rule {HOSTILE}.", blocking, found)


def report(*checks: CheckOutcome, rows: dict[str, int] | None = None) -> GateReport:
    counts = dict.fromkeys(DAYS, 1_000) if rows is None else rows
    table = TableOutcome("shop/orders", "An order.", counts, checks)
    made_at = datetime(2026, 2, 1, tzinfo=UTC)
    return GateReport("Gate", made_at, {"shop": "abc (seed 1)"}, [table])


SOUND = check("sound")
WARNED = check("warned", blocking=False, judged=verdicts(DAYS[2]))
FAILED = check("failed", judged=verdicts(DAYS[4], DAYS[9]))
MISSING = check("missing", judged=[])
NOT_A_NUMBER = check("unreadable", judged=[Verdict(None, False, float("nan"), "readable")])


def test_a_gate_fails_by_its_blocking_checks_alone() -> None:
    assert [c.status for c in (SOUND, WARNED, FAILED, MISSING)] == [
        "passed",
        "warned",
        "failed",
        "missing",
    ]
    assert report(SOUND, WARNED, MISSING).passed
    assert not report(SOUND, FAILED).passed
    assert report(SOUND, WARNED, FAILED, MISSING).counts == {
        "passed": 1,
        "failed": 1,
        "warned": 1,
        "missing": 1,
    }


def test_the_page_is_one_file_and_escapes_what_it_shows() -> None:
    html = page.render(report(SOUND, WARNED, FAILED, MISSING, NOT_A_NUMBER))
    assert "<script>alert" not in html
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:|//)", html)
    assert "<link" not in html
    assert "<script" not in html
    assert "Gate: failed" in html
    for text in ("shop/orders", "sound", DAYS[4], DAYS[9], "2 of 30 partitions failed", "1.50"):
        assert text in html


def test_the_page_stays_small_with_many_partitions() -> None:
    keys = [f"s{n:04d}" for n in range(400)]
    many = [check(f"rule{n}", judged=verdicts(*keys[::40], keys=keys)) for n in range(8)]
    table = report(*many, rows=dict.fromkeys(keys, 10)).tables[0]
    whole = GateReport("Gate", datetime(2026, 2, 1, tzinfo=UTC), {}, [table] * 10)
    assert len(page.render(whole)) < 3_000_000


def test_json_says_everything_and_is_json() -> None:
    found = json.loads(document.render(report(SOUND, FAILED, NOT_A_NUMBER)))
    assert found["passed"] is False
    checks = {c["rule"]: c for c in found["tables"][0]["checks"]}
    failing = [v["partition"] for v in checks["failed"]["verdicts"] if not v["passed"]]
    assert failing == [DAYS[4], DAYS[9]]
    assert checks["unreadable"]["verdicts"][0]["measured"] is None
    assert checks["failed"]["verdicts"][4]["offenders"][0]["name"] == HOSTILE
    assert sum(found["tables"][0]["rows"].values()) == 30_000


def test_junit_counts_as_a_ci_system_would() -> None:
    root = ElementTree.fromstring(junit.render(report(SOUND, WARNED, FAILED, MISSING)))
    suite = root[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "1")
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("4", "1", "1")
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert len(cases["sound"]) == 0
    assert DAYS[9] in (cases["failed"].find("failure").text or "")
    assert "warned" in (cases["warned"].find("system-out").text or "")
    assert cases["missing"].find("skipped") is not None


def test_writing_leaves_three_whole_files(tmp_path: Path) -> None:
    paths = write(report(SOUND), tmp_path / "deep" / "folder")
    assert [p.name for p in paths] == ["report.html", "report.json", "report.xml"]
    assert sorted(p.name for p in paths[0].parent.iterdir()) == sorted(p.name for p in paths)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write the gate report to .*file/gate"):
        write(report(SOUND), tmp_path / "file" / "gate")
