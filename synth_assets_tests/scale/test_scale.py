"""The simulation keeps its laws, and the page is what it gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synth_assets_tests.scale import page
from synth_assets_tests.scale.model import Plan, Server, simulate
from synth_assets_tests.scale.rates import Rates

RATES = Rates(record=2e-6, judged=1e-6, bytes=50, event=2e-4, event_bytes=1_600)
SMALL = Plan(records=1e9, shards=256, workers=10)


def test_a_server_serves_one_after_the_other() -> None:
    server = Server()
    assert [server.serve(0, 2), server.serve(1, 2), server.serve(9, 1)] == [2, 4, 10]
    assert server.busy == 5


def test_no_run_is_faster_than_its_work_or_its_busiest_server() -> None:
    for workers in (1, 10, 1_000):
        plan = replace(SMALL, workers=workers)
        found = simulate(plan, RATES)
        assert found.seconds >= found.worker_seconds / workers
        assert max(found.busy.values()) <= 1
        assert found.worker_seconds == pytest.approx(1e9 * 3e-6)


def test_more_workers_are_never_slower_and_shards_that_merge_need_fewer_requests() -> None:
    seconds = [simulate(replace(SMALL, workers=n), RATES).seconds for n in (1, 10, 100)]
    assert seconds == sorted(seconds, reverse=True)
    today, merged = (simulate(replace(SMALL, merging=m), RATES) for m in (False, True))
    assert merged.gets < today.gets / 4
    assert merged.seconds < today.seconds


def test_footers_grow_with_the_square_of_the_shards() -> None:
    plans = [replace(SMALL, shards=shards, merging=False) for shards in (256, 512)]
    few, many = (simulate(plan, RATES).gets for plan in plans)
    assert 3.5 < many / few < 4.1


@pytest.mark.slow
def test_the_page_is_what_the_simulation_gives() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.render(), (
        "run python -m synth_assets_tests.scale.page"
    )
