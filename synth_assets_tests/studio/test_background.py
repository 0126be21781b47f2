"""Work that pages do not wait for."""

from __future__ import annotations

import threading
import time

import pytest

from synth_assets.studio.background import REST, Background


def test_work_is_done_once_while_it_is_fresh_and_again_when_it_is_outdated() -> None:
    done: list[int] = []
    work = Background(lambda: done.append(1), fresh=600)
    for _ in range(3):
        work.ensure(patience=60)
    assert len(done) == 1
    work.outdated()
    work.ensure(patience=60)
    work.join()
    assert len(done) == 2


def test_a_page_waits_no_longer_than_its_patience_and_work_never_runs_twice_at_once() -> None:
    going, started = threading.Event(), []

    def slow() -> None:
        started.append(1)
        going.wait(60)

    work = Background(slow, fresh=0)
    work.ensure(patience=0.01)
    work.ensure(patience=0.01)
    assert started == [1]
    going.set()
    work.join()


def test_work_that_takes_long_rests_longer() -> None:
    done: list[int] = []

    def slow() -> None:
        done.append(1)
        time.sleep(0.2)

    work = Background(slow, fresh=0)
    work.ensure(patience=60)
    work.ensure(patience=60)
    assert len(done) == 1
    time.sleep(0.2 * REST + 0.1)
    work.ensure(patience=60)
    assert len(done) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_fails_is_tried_again() -> None:
    tries: list[int] = []

    def fails() -> None:
        tries.append(1)
        raise SystemExit

    work = Background(fails, fresh=0)
    for _ in range(2):
        work.ensure(patience=60)
        work.join()
    assert len(tries) == 2
