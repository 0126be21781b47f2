"""Slots of pools: those of runs that have ended are freed, and a step waits without a busy loop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import dagster as dg
import pytest

from synth_assets.orchestration import pool_slots
from synth_assets.orchestration.abandoned_runs import end_abandoned
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.interruption import recording_interruptions
from synth_assets.orchestration.runs import launch
from synth_assets.orchestration.settings import Settings

POOL = "warehouse"


@dg.job
def nothing() -> None:
    """A job without steps."""


def run_of(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> str:
    return instance.create_run_for_job(nothing, status=status).run_id


def has_slot(instance: dg.DagsterInstance, run: str) -> bool:
    claimed = instance.event_log_storage.claim_concurrency_slot(POOL, run, "build")
    return bool(claimed.is_claimed)


@pytest.fixture(params=["sqlite", "postgres"])
def pool(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """An instance with a pool of one slot; steps that wait ask again soon."""
    if request.param == "postgres":
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", request.getfixturevalue("postgres_url"))
    monkeypatch.setattr(pool_slots, "ASK_AGAIN_SECONDS", 0.3)
    with open_instance(settings) as instance:
        assert isinstance(instance.event_log_storage, pool_slots.WaitsForSlots)
        instance.event_log_storage.set_concurrency_slots(POOL, 1)
        yield instance


@pytest.mark.parametrize(
    "ended", [dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.FAILURE, None], ids=str
)
def test_a_slot_of_a_run_that_has_ended_is_freed(
    pool: dg.DagsterInstance, ended: dg.DagsterRunStatus | None
) -> None:
    holder = run_of(pool, ended or dg.DagsterRunStatus.STARTED)
    assert has_slot(pool, holder)
    if ended is None:
        pool.delete_run(holder)
    other = run_of(pool, dg.DagsterRunStatus.STARTED)
    # The first time it is refused, and frees the slot for the second.
    assert has_slot(pool, other) or has_slot(pool, other)


def test_a_slot_of_a_run_that_goes_on_is_kept(pool: dg.DagsterInstance) -> None:
    holder, other = (run_of(pool, dg.DagsterRunStatus.STARTED) for _ in range(2))
    assert has_slot(pool, holder)
    end_abandoned(pool)
    assert not has_slot(pool, other)
    assert not has_slot(pool, other)


def test_a_step_that_waits_leaves_the_processor_to_others(pool: dg.DagsterInstance) -> None:
    holder, other = (run_of(pool, dg.DagsterRunStatus.STARTED) for _ in range(2))
    assert has_slot(pool, holder)
    began = time.monotonic()
    claim = pool.event_log_storage.claim_concurrency_slot(POOL, other, "build")
    assert time.monotonic() - began >= 0.3
    assert claim.sleep_interval == 0  # Dagster does not sleep, and would ask only after a second


def test_a_long_wait_is_logged_once(
    pool: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pool_slots, "USUAL_SECONDS", 0.1)
    holder, other = (run_of(pool, dg.DagsterRunStatus.STARTED) for _ in range(2))
    assert has_slot(pool, holder)
    for _ in range(4):
        assert not has_slot(pool, other)
    said = [r.getMessage() for r in caplog.records if r.name == pool_slots.__name__]
    assert said == ["build waits for another run, which has the pool warehouse"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_leaves_no_slot(
    pool: dg.DagsterInstance, number: signal.Signals
) -> None:
    @dg.asset(pool=POOL)
    def built() -> None:
        os.kill(os.getpid(), number)
        time.sleep(5)

    with recording_interruptions(), pytest.raises(KeyboardInterrupt):
        launch(dg.Definitions([built]), [built.key], [], pool)
    [run] = pool.get_runs()
    assert run.status == dg.DagsterRunStatus.CANCELED
    assert not pool.event_log_storage.get_concurrency_run_ids()


def test_a_step_that_waits_is_interrupted_at_once(pool: dg.DagsterInstance) -> None:
    @dg.asset(pool=POOL)
    def built() -> None:
        raise AssertionError("it has no slot")

    def interrupt(event: dg.DagsterEvent) -> None:
        if event.event_type == dg.DagsterEventType.RUN_START:
            os.kill(os.getpid(), signal.SIGTERM)

    holder = run_of(pool, dg.DagsterRunStatus.STARTED)
    assert has_slot(pool, holder)
    began = time.monotonic()
    with recording_interruptions(), pytest.raises(KeyboardInterrupt):
        launch(dg.Definitions([built]), [built.key], [], pool, on_event=interrupt)
    assert time.monotonic() - began < 10
    assert pool.event_log_storage.get_concurrency_run_ids() == {holder}
