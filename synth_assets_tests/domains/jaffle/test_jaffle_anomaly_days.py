"""On which days anomalies occur, and whether detectors of the field find changes of the volume."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from synth_assets.domains.jaffle.anomalies import KINDS
from synth_assets_tests.domains.jaffle.facts import START
from synth_assets_tests.domains.jaffle.made import Frames, all_made, jaffle
from synth_assets_tests.domains.jaffle.planted import NAMES, VOLUMES, Entries, kinds, planted


def days_of(entries: Entries, kind: str) -> list[int]:
    """Days of a kind, counted from the start date."""
    return sorted({(day - START).days for _, day, _, k in entries if k == kind})


def test_every_kind_of_row_occurs_in_any_eight_days_and_others_are_clean(frames: Frames) -> None:
    entries = planted(frames)
    for kind in set(KINDS) - set(VOLUMES):
        days = days_of(entries, kind)
        gaps = np.diff([-1, *days, 60])
        assert gaps.max() <= 8, (kind, days)
        # Late orders of one day arrive on up to three.
        assert 7 <= len(days) <= (30 if kind == "late_order" else 13), (kind, days)
    struck = {day for _, day, _, _ in entries}
    clean = {START + timedelta(days=d) for d in range(60)} - struck
    assert clean, "there are no clean days to hold the others against"
    patterns = [tuple(days_of(entries, kind)) for kind in KINDS]
    assert len(set(patterns)) == len(KINDS), "each kind strikes its own days"


def test_volumes_change_in_pairs_that_are_far_apart(frames: Frames) -> None:
    entries = planted(frames)
    drops, spikes = (days_of(entries, kind) for kind in VOLUMES)
    assert len(drops) == len(spikes) == 3
    assert spikes[0] < 8, "the first eight days have both"
    for drop, spike, following in zip(drops, spikes, [*drops[1:], 99], strict=True):
        assert 2 <= spike - drop <= 4
        assert following - spike > 14, "the two weeks before a drop are clean"


@pytest.mark.slow
def test_every_window_has_its_own_days() -> None:
    patterns = set()
    for first in range(1, 15):
        start = START + timedelta(days=first)
        entries = planted(all_made(jaffle(start_date=start), 8, NAMES))
        assert kinds(entries) == set(KINDS), start
        days = {k: min(day for _, day, _, kind in entries if kind == k) for k in KINDS}
        patterns.add(tuple((days[k] - start).days for k in KINDS))
    assert len(patterns) == 14, "not the same days every night"


# --- detectors ----------------------------------------------------------------------------

Values = npt.NDArray[np.float64]
TRAINING_DAYS, SENSITIVITY = 14, 3


def trailing(counts: Values, day: int) -> float:
    """Standard score of a day against the days before it."""
    before = counts[day - TRAINING_DAYS : day]
    return float((counts[day] - before.mean()) / before.std(ddof=1))


def elementary(counts: Values, day: int) -> float:
    """Standard score as in Elementary's volume anomalies: the period includes the day itself.

    docs.elementary-data.com, 2025: training period 14 days, sensitivity 3, and the values of the
    detection period are part of the training by default.
    """
    period = counts[day - TRAINING_DAYS + 1 : day + 1]
    return float((counts[day] - period.mean()) / period.std(ddof=1))


@pytest.fixture(scope="module")
def counted() -> tuple[Values, Entries]:
    """Orders by date from the first day of the past, over seven cycles, and what was planted."""
    frames = all_made(jaffle(), 7 * 24, NAMES)
    orders = frames["raw_orders_validation"].group_by(pl.col("order_date").dt.date()).len()
    counts = orders.sort("order_date")["len"].cast(pl.Float64).to_numpy()
    return counts[-7 * 24 - 28 :], planted(frames)


@pytest.mark.slow
@pytest.mark.parametrize("score", [trailing, elementary])
def test_detectors_find_the_changes_of_the_volume(
    counted: tuple[Values, Entries], score: Callable[[Values, int], float]
) -> None:
    counts, entries = counted
    days = range(7 * 24 - 3)  # of the last days some orders are still to arrive
    scores = {day: score(counts, day + 28) for day in days}
    drops, spikes = (days_of(entries, kind) for kind in VOLUMES)
    assert len(drops) == len(spikes) == 7
    assert sum(scores[day] < -SENSITIVITY for day in drops) >= 6
    assert sum(scores[day] > SENSITIVITY for day in spikes) >= 6
    clean = [day for day in days if day not in {*drops, *spikes}]
    assert len(clean) > 40
    assert [day for day in clean if abs(scores[day]) > SENSITIVITY] == []
