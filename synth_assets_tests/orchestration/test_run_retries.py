"""A lost run that Dagster's daemon has missed is launched again, or given up."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.tags import WILL_RETRY_TAG
from dagster._daemon.auto_run_reexecution import auto_run_reexecution
from dagster._daemon.auto_run_reexecution.event_log_consumer import EventLogConsumerDaemon

from synth_assets.orchestration.run_retries import WAIT_SECONDS, is_reported_again, repair

LOST = "The worker does not have the run any more."


class Daemon:
    """Dagster's daemon that launches lost runs again, one look at a time."""

    def __init__(self, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
        self.instance, self.launched = instance, list[str]()
        monkeypatch.setattr(
            auto_run_reexecution, "retry_run", lambda run, _: self.launched.append(run.run_id)
        )
        self.look()  # it ignores what was before it

    def look(self) -> None:
        """Reads the failures since the last look."""
        workspace: Any = SimpleNamespace(instance=self.instance)
        list(EventLogConsumerDaemon().run_iteration(workspace))


@pytest.fixture
def daemon(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Daemon:
    return Daemon(instance, monkeypatch)


@pytest.fixture
def run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run that has started."""

    @dg.job
    def nothing() -> None:
        """A job without steps."""

    return instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)


def _failed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    """The messages of a run's failures."""
    entries = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    return [entry.get_dagster_event().message or "" for entry in entries]


def _missed(daemon: Daemon, run: dg.DagsterRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has a run fail, whose event the daemon reads before its status."""
    runs = type(daemon.instance.run_storage)
    handle = runs.handle_run_event

    def handle_late(self: Any, *words: Any) -> None:
        daemon.look()
        handle(self, *words)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "handle_run_event", handle_late)
        daemon.instance.report_run_failed(run, LOST)


def test_a_run_that_the_daemon_has_missed_is_launched_again(
    daemon: Daemon, run: dg.DagsterRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = daemon.instance
    _missed(daemon, run, monkeypatch)
    daemon.look()
    assert daemon.launched == []
    waits = instance.get_run_by_id(run.run_id)
    assert waits is not None
    assert waits.is_complete_and_waiting_to_retry

    assert repair(instance, time.time()) == []  # not yet
    assert repair(instance, time.time() + WAIT_SECONDS + 1) == [run.run_id]
    daemon.look()
    assert daemon.launched == [run.run_id]
    first, second = _failed(instance, run)
    assert (first, second.startswith(LOST)) == (LOST, True)
    assert [is_reported_again(first), is_reported_again(second)] == [False, True]


def test_a_run_that_nobody_can_launch_is_given_up(
    daemon: Daemon, run: dg.DagsterRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = daemon.instance
    _missed(daemon, run, monkeypatch)
    for times in (1, 2):
        assert repair(instance, time.time() + times * (WAIT_SECONDS + 1)) == [run.run_id]
        daemon.look()
    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.tags[WILL_RETRY_TAG] == "false"
    assert not ended.is_complete_and_waiting_to_retry
    assert len(_failed(instance, run)) == 2
    assert repair(instance, time.time() + 3 * WAIT_SECONDS) == []


def test_a_run_that_the_daemon_sees_is_left_alone(daemon: Daemon, run: dg.DagsterRun) -> None:
    instance = daemon.instance
    instance.report_run_failed(run, LOST)
    daemon.look()
    assert daemon.launched == [run.run_id]
    instance.add_run_tags(run.run_id, {"dagster/auto_retry_run_id": "another"})
    assert repair(instance, time.time() + 3 * WAIT_SECONDS) == []
    assert _failed(instance, run) == [LOST]
