"""The page Jobs on what Dagster answers: what it shows, and how often it asks."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from synth_assets.domains.jaffle.domain import domain
from synth_assets.studio.context import Studio
from synth_assets.studio.dagster_api import LOGS, RUNS, TERMINATE, VERSION, Dagster
from synth_assets.studio.pages import jobs
from synth_assets_tests.studio.conftest import page
from synth_assets_tests.studio.test_runs import run, stored

NAMES = {VERSION: "version", RUNS: "runs", TERMINATE: "terminate", LOGS: "logs"}
TABLE = domain().tables[0].path.split("/")
ENDED = [
    run(runId=f"ended-{number}", jobName="jaffle_all", status=status, creationTime=100.0,
        startTime=110.0, endTime=200.0 + number, canTerminate=False,
        runConfigYaml=f"resources: {{jaffle_scenario: {{config: {{seed: {number}}}}}}}",
        assetMaterializations=[stored("orders", 1_000 * number, "2026-01-01")])
    for number, status in enumerate(("SUCCESS", "FAILURE", "CANCELED"), 1)
]  # fmt: skip
ACTIVE = [
    run(runId=f"active-{number}", jobName="jaffle_all", status="STARTED", creationTime=300.0,
        startTime=310.0, endTime=None, canTerminate=True,
        assetMaterializations=[{**stored("", 70, "2026-01-01"), "assetKey": {"path": TABLE}}])
    for number in (1, 2)
]  # fmt: skip


class Answers:
    """Dagster's answers, and what was asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.cancelled: list[str] = []
        self.events: list[dict[str, Any]] = []

    def __call__(self, operation: str, timeout: object = None, **given: Any) -> dict[str, Any]:
        """The answer to an operation, as ``Dagster`` gets it."""
        self.asked[NAMES[operation]] += 1
        if operation == VERSION:
            return {"version": "1"}
        if operation == LOGS:
            found = {"__typename": "EventConnection", "hasMore": False, "events": self.events}
            return {"logsForRun": found}
        if operation == TERMINATE:
            self.cancelled.append(given["run"])
            return {"terminateRun": {"__typename": "TerminateRunSuccess"}}
        wanted = given["filter"]
        known = [
            one for one in [*ACTIVE, *ENDED]
            if one["status"] in wanted.get("statuses", [one["status"]])
            and one["runId"] in wanted.get("runIds", [one["runId"]])
        ]  # fmt: skip
        if not given["stored"]:
            known = [{k: v for k, v in r.items() if k != "assetMaterializations"} for r in known]
        return {"runsOrError": {"__typename": "Runs", "results": known[: given["limit"]]}}


@pytest.fixture
def answers(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """A Dagster that answers, without one."""
    found = Answers()
    monkeypatch.setattr(Dagster, "_ask", lambda self, *given, **named: found(*given, **named))
    return found


def test_jobs_show_what_runs_and_ran_and_ask_once_for_all_runs(answers: Answers) -> None:
    test = page("jobs")
    assert not test.exception
    assert answers.asked == {"version": 1, "runs": 3}  # what runs, what ran, and its rows
    history = test.dataframe[0].value
    assert history["Run"].tolist() == ["ended-3", "ended-2", "ended-1"]
    assert history["Rows"].tolist() == [3_000, 2_000, 1_000]
    assert history["Seed"].tolist() == ["3", "2", "1"]
    assert history["Verdict"].tolist() == ["cancelled", "failed", "passed"]
    shown = [m.value for m in test.metric if m.label == "Rows"]
    assert shown == ["70", "70"]
    before = answers.asked["runs"]
    page("jobs")
    assert answers.asked["runs"] <= before + 2, "rows of runs that have ended are known"


def test_cancel_ends_the_run_that_was_chosen(answers: Answers) -> None:
    test = page("jobs")
    test.button(key="cancel active-2").click().run()
    assert not test.exception
    assert answers.cancelled == ["active-2"]


def test_a_selected_run_stays_selected_when_another_one_ends(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not [b for b in page("jobs").button if b.label == "Run again"]
    test = page("jobs", {"history selected": "ended-1"})
    assert [b.label for b in test.button if b.key == "again ended-1"] == ["Run again"]
    new = {**ENDED[0], "runId": "ended-9", "endTime": 900.0}
    monkeypatch.setitem(globals(), "ENDED", [*ENDED, new])
    test.run()
    assert test.dataframe[0].value["Run"].tolist()[0] == "ended-9"
    assert [b.key for b in test.button if b.label == "Run again"] == ["again ended-1"]


@pytest.mark.parametrize("stopped", [False, True])
def test_a_failed_run_names_the_gates_if_one_has_stopped_it(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    monkeypatch.setattr(jobs, "gate", lambda folder, domain: object())
    evaluation = {"checkName": "volume", "assetKey": {"path": TABLE}, "success": False,
                  "severity": "ERROR", "partition": None}  # fmt: skip
    check = {"__typename": "AssetCheckEvaluationEvent", "evaluation": evaluation}
    failure = {"__typename": "RunFailureEvent", "message": "no room"}
    answers.events = [check, failure] if stopped else [failure]
    test = page("jobs", {"history selected": "ended-2"})
    assert not test.exception
    assert ("volume" if stopped else "no room") in test.error[0].value
    assert any("Quality gates" in c.value for c in test.caption) == stopped
