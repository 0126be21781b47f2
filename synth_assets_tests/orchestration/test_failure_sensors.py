"""The gate report after a failed run, however the run was launched."""

from __future__ import annotations

from collections.abc import Collection

import dagster as dg
import pytest

from synth_assets.core.model import Domain
from synth_assets.domains import load_domains
from synth_assets.orchestration import sensors
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.run_retries import AGAIN
from synth_assets.orchestration.sensors import report_failures
from synth_assets.orchestration.settings import Settings
from synth_assets.reports.alerts import Alert
from synth_assets_tests.orchestration.conftest import DAILY

SPOIL = {"resources": {"tiny_scenario": {"config": {"spoil": 1.0}}}}
SPOILT = list(DAILY.keys())[3]
EVENT = dg.DagsterEvent(event_type_value="PIPELINE_FAILURE", job_name="any")


def reaction(
    domain: Domain,
    job: str,
    assets: Collection[str] | None = None,
    checked: Collection[str] | None = None,
    event: dg.DagsterEvent = EVENT,
) -> dg.RunRequest | dg.SkipReason:
    """What the domain's sensor does about a failed run of a job, or of a selection."""
    run = dg.DagsterRun(
        job_name=job,
        run_id="failed",
        asset_selection=None if assets is None else {*map(dg.AssetKey.from_user_string, assets)},
        asset_check_selection=None
        if checked is None
        else {dg.AssetCheckKey(dg.AssetKey.from_user_string(name), "c") for name in checked},
    )
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_run_status_sensor_context("any", event, instance, run)
        return report_failures(domain)(context.for_run_failure())


@pytest.mark.parametrize(
    ("job", "assets", "checked"),
    [
        ("tiny_all", None, None),
        ("tiny_daily", None, None),
        ("__ASSET_JOB", ["tiny/parents", "other/table"], None),
        ("__ASSET_JOB", ["tiny_marts/model"], []),
        ("__ASSET_JOB", [], ["tiny/children"]),
        ("__ASSET_JOB", ["tiny/gate_report", "tiny/parents"], []),
    ],
)
def test_a_failed_run_of_the_domain_publishes_the_report(
    domain: Domain,
    job: str,
    assets: list[str] | None,
    checked: list[str] | None,
) -> None:
    request = reaction(domain, job, assets, checked)
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == "failed"


def test_a_failure_that_is_reported_again_sends_no_second_alert(domain: Domain) -> None:
    again = dg.DagsterEvent("PIPELINE_FAILURE", "any", message="lost" + AGAIN)
    assert isinstance(reaction(domain, "tiny_all", event=again), dg.SkipReason)


@pytest.mark.parametrize(
    ("job", "assets"),
    [
        ("tiny_gate_report", None),
        ("tiny_gate_report", ["tiny/gate_report"]),
        ("__ASSET_JOB", ["tiny/gate_report"]),
        ("__ASSET_JOB", ["tinyish/parents"]),
        ("other_all", None),
    ],
)
def test_the_report_itself_and_other_domains_do_not(
    domain: Domain, job: str, assets: list[str] | None
) -> None:
    assert isinstance(reaction(domain, job, assets), dg.SkipReason)


def test_a_tick_finds_the_failed_run_of_a_selection_of_assets(
    domain: Domain,
    settings: Settings,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[Alert] = []
    monkeypatch.setattr(sensors, "send", lambda alert: sent.append(alert) or "sent")
    defs = build_definitions([domain], settings, with_dbt=False)
    sensor = defs.get_repository_def().get_sensor_def("tiny_report_failures")

    def tick(cursor: str | None) -> dg.SensorExecutionData:
        # Without a repository: runs in this process have none, and a sensor watches only its own.
        with dg.build_sensor_context(instance, cursor=cursor, sensor_name=sensor.name) as context:
            return sensor.evaluate_tick(context)

    first = tick(None)
    assert not first.run_requests
    run = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        asset_selection=[dg.AssetKey(["tiny", "parents"])],
        partition_key=SPOILT,
        run_config=SPOIL,
        raise_on_error=False,
    )
    assert not run.success
    second = tick(first.cursor)
    assert [request.run_key for request in second.run_requests or ()] == [run.run_id]
    [alert] = sent
    assert (alert.job, alert.run_id) == ("a selection of assets", run.run_id)
    assert alert.run_url == f"http://localhost:3000/runs/{run.run_id}"
    assert any(m.startswith(f"tiny/parents value_sound of {SPOILT}: ") for m in alert.messages)

    # The report is published, though the run did not include it.
    publishing = defs.get_job_def("tiny_gate_report").execute_in_process(instance=instance)
    assert publishing.success
    page = (settings.gate_folder / "tiny" / "report.html").read_text()
    assert "value_sound" in page
    assert f"/runs/{run.run_id}" in page
    assert (settings.gate_folder / "index.html").exists()
    [made] = publishing.asset_materializations_for_node("tiny__gate_report")
    table = made.metadata["not_passed"].value
    found = [(r.data["table"], r.data["check"]) for r in table.records]  # type: ignore[union-attr]
    assert ("tiny/parents", "value_sound") in found


def test_the_sensors_are_on_by_default() -> None:
    for domain in load_domains():
        assert report_failures(domain).default_status == dg.DefaultSensorStatus.RUNNING
