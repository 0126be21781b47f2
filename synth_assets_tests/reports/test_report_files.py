"""The JSON and JUnit texts of a gate report, and how its files are written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from synth_assets.core.errors import UserError
from synth_assets.orchestration.shipped import PROJECT
from synth_assets.reports import json_report, junit
from synth_assets.reports.files import write
from synth_assets_tests.reports.examples import (
    DAYS,
    EVERY_STATUS,
    FAILED,
    HOSTILE,
    SHARDS,
    SOUND,
    Page,
    check,
    domain,
    report,
    results,
)

TABLE = EVERY_STATUS.tables[0]

# --- JSON ---------------------------------------------------------------------------------


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_has_everything_and_is_valid() -> None:
    ran = replace(FAILED, runs={DAYS[4]: "0123"}, detects=["swap"])
    made = replace(EVERY_STATUS, domains=[domain(replace(TABLE, checks=[*TABLE.checks, ran]))])
    found = strict(json_report.render(made))
    Draft202012Validator(json.loads(json_report.schema())).validate(found)
    assert (found["version"], found["passed"]) == (2, False)
    assert datetime.fromisoformat(found["created_at"]) == EVERY_STATUS.created_at
    assert found["checks"] == made.counts
    [shop] = found["domains"]
    assert (shop["name"], shop["owners"], shop["complete"]) == ("shop", ["team:shop"], True)
    assert shop["tables"][0]["rows"] == TABLE.rows
    for of, content in zip(made.checks, shop["tables"][0]["checks"], strict=True):
        assert (content["name"], content["doc"], content["status"]) == (of.name, of.doc, of.status)
        assert (content["blocking"], content["detects"]) == (of.blocking, list(of.detects))
        keys = [
            (v["partition"], v["passed"], v["threshold"], v["numbers"], v["run_id"])
            for v in content["results"]
        ]
        assert keys == [
            (v.key, v.passed, v.threshold, v.numbers, of.runs.get(v.key)) for v in of.results
        ]


def test_json_accepts_any_value() -> None:
    [shop] = strict(json_report.render(EVERY_STATUS))["domains"]
    checks = {c["name"]: c for c in shop["tables"][0]["checks"]}
    assert checks["unreadable"]["results"][0]["measured"] is None
    assert checks["failed"]["results"][4]["failing_rows"] == [
        {"id": 7, "name": HOSTILE, "on": "2026-01-02", "cost": "1.50", "gone": None,
         "raw": "00ff", "rate": None, "tags": ["a", {"b": None}]}
    ]  # fmt: skip


def test_the_published_schema_is_that_of_the_report() -> None:
    """Written by ``python -m synth_assets.reports.json_report docs/schemas/…``."""
    published = PROJECT / "docs" / "schemas" / json_report.SCHEMA_FILE
    assert published.read_text(encoding="utf-8") == json_report.schema()
    Draft202012Validator.check_schema(json.loads(published.read_text(encoding="utf-8")))


# --- JUnit --------------------------------------------------------------------------------


def test_junit_counts_as_a_ci_system_would() -> None:
    root = ElementTree.fromstring(junit.render(EVERY_STATUS))
    for element in (root, root[0]):
        content = {name: element.get(name) for name in ("tests", "failures", "errors", "skipped")}
        tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
        assert content == {name: str(len(list(element.iter(tag)))) for name, tag in tags.items()}
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("5", "2", "1")
    properties = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert properties == {"rows": "30000", "partitions": "30"}


def test_junit_names_what_failed_and_where() -> None:
    root = ElementTree.fromstring(junit.render(EVERY_STATUS))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert len(cases["sound"]) == 0
    failure = cases["failed"].find("failure")
    assert failure is not None
    expected = f"2 of 30 partitions failed: {DAYS[4]}, {DAYS[9]} (measured 3, threshold = 0)"
    assert failure.get("message") == expected
    assert f"{DAYS[9]}: measured 3, threshold = 0" in (failure.text or "")
    assert "<script>alert('x')</script>\ufffd\ufffd[31m" in (failure.text or "")
    unreadable = cases["unreadable"].find("failure")
    assert unreadable is not None
    assert unreadable.get("message") == "measured nan, threshold readable"
    output = cases["warned"].find("system-out")
    assert output is not None
    assert (output.text or "").startswith("warned (does not block): 1 of 30 partitions failed")
    assert cases["missing"].find("skipped") is not None


def test_junit_names_every_failing_partition() -> None:
    every = check("every", outcomes=results(*SHARDS, keys=SHARDS))
    failure = ElementTree.fromstring(junit.render(report(every))).find(".//failure")
    assert failure is not None
    assert all(key in (failure.text or "") for key in SHARDS)


# --- files --------------------------------------------------------------------------------

NAMES = ["report.html", "report.json", "report.xml"]


def test_writing_leaves_three_complete_files(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    for made in (EVERY_STATUS, report(SOUND)):
        paths = write(made, folder)
        assert [path.name for path in paths] == NAMES
        assert sorted(path.name for path in folder.iterdir()) == NAMES
        assert paths[0].read_text(encoding="utf-8").endswith("</html>\n")
        assert strict(paths[1].read_text(encoding="utf-8"))["passed"] == made.passed
        assert len(ElementTree.parse(paths[2]).getroot()) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write the gate report to .*file/gate: not a dir"):
        write(report(SOUND), tmp_path / "file" / "gate")
    with pytest.raises(UserError, match=r"cannot write the gate report to .*file: file exists"):
        write(report(SOUND), tmp_path / "file")


def test_a_folder_in_the_way_leaves_the_older_report(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("older")
    (tmp_path / "report.xml").mkdir()
    with pytest.raises(UserError, match=r"report\.xml is a folder"):
        write(report(SOUND), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.xml"]
    assert (tmp_path / "report.html").read_text() == "older"


def test_a_full_disk_leaves_the_older_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [path.read_bytes() for path in write(report(SOUND), tmp_path)]
    put = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        if ".xml" in path.name:
            put(path, text[:40], **options)
            raise OSError(28, "No space left on device")
        return put(path, text, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UserError, match="no space left on device"):
        write(EVERY_STATUS, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES
    assert [(tmp_path / name).read_bytes() for name in NAMES] == first


def test_several_domains_have_an_index_and_a_page_each(tmp_path: Path) -> None:
    both = replace(EVERY_STATUS, domains=[domain(TABLE), domain(TABLE, name="other")])
    names = [path.name for path in write(both, tmp_path)]
    assert names == [*NAMES, "shop.html", "other.html"]
    index = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    links = [a["href"] for t, a in index.tags if t == "a"]
    assert {"shop.html", "other.html", "other.html#shop-orders-failed"} <= set(links)
    assert 'href="report.html"' in (tmp_path / "other.html").read_text(encoding="utf-8")
