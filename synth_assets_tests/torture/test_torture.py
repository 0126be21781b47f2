"""The table of faults, its page, and a small version of each kind of fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets_tests.stores.places import Place
from synth_assets_tests.torture import page, results
from synth_assets_tests.torture.__main__ import NOT_DONE, PARTS, trials
from synth_assets_tests.torture.states import (
    KEYS,
    TABLE,
    first_versions,
    problem,
    replace,
    rows_of,
)
from synth_assets_tests.torture.trials import Budget, Trial


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place("parquet", str(tmp_path / "lake"))
    first_versions(found)
    return found


def test_what_is_torn_or_lost_is_found(place: Place) -> None:
    store = place.open()
    replace(store, KEYS[1], 3)
    assert problem(place, {KEYS[1]: 3}) is None
    assert problem(place, {KEYS[1]: 4}) == "lost: s0001 is version 3, 4 was reported"
    store.replace(TABLE, KEYS[1], rows_of(KEYS[1], 3).head(5), "3")
    assert problem(place) == "torn: s0001 has 5 rows, 4003 were written"
    store.replace(TABLE, KEYS[1], rows_of(KEYS[1], 3), "2")
    assert "recorded is (4003, '2')" in (problem(place) or "")
    assert problem(place, written=True) is None
    store.drop(TABLE, [KEYS[1]])
    assert problem(place) == "lost: s0001 is not stored"


def test_a_line_counts_faults_and_keeps_a_few_failures() -> None:
    trial = Trial("a fault", "a place")
    for number in range(8):
        trial.hold(None if number == 0 else f"failure {number}")
    assert (trial.times, trial.failed, trial.failures[-1]) == (8, 7, "failure 5")


def test_a_part_ends_when_its_time_is_up() -> None:
    trial = Trial("a fault", "a place")
    for _ in Budget(times=100, seconds=0).rounds(trial):
        trial.hold(None)
    assert (trial.times, trial.note) == (1, "time for 1 of 100")


def test_the_page_is_made_from_the_kept_results() -> None:
    kept = results.read(results.KEPT)
    assert page.PAGE.read_text(encoding="utf-8") == page.render(kept), (
        "run python -m synth_assets_tests.torture.page"
    )
    assert set(kept) <= set(PARTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARTS)
def test_nothing_is_torn_or_lost(name: str) -> None:
    lines = list(trials(name, Budget(times=2, seconds=120)))
    assert lines
    assert {line.place: line.failures for line in lines if line.failed} == {}
    assert [line.note for line in lines if line.note.startswith(NOT_DONE)] == []
