"""Days and times of day follow the weights that are set."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from synth_assets.randomness.seasonality import (
    HOUR,
    ONLINE_MONTHS,
    ORDER_HOURS,
    black_friday,
    day_weights,
    public_holidays,
    seconds_of_day,
)
from synth_assets.randomness.streams import RandomStream


@pytest.mark.parametrize(
    "day", [date(2022, 11, 25), date(2023, 11, 24), date(2024, 11, 29), date(2026, 11, 27)]
)
def test_black_friday_is_the_day_after_thanksgiving(day: date) -> None:
    assert black_friday(day.year) == day


def test_holidays_are_those_of_the_country() -> None:
    assert date(2026, 10, 3) in public_holidays("DE", 2026)
    assert date(2026, 10, 3) not in public_holidays("US", 2026)
    assert date(2026, 11, 26) in public_holidays("US", 2026)
    assert public_holidays("XX", 2026) == frozenset()


def test_weights_of_days_are_weekday_month_event_and_growth() -> None:
    start = date(2026, 1, 5)  # a Monday
    weekdays = (1, 1, 1, 1, 1, 2, 0.5)
    weights = day_weights(start, 8, weekdays=weekdays, events={date(2026, 1, 7): 3.0})
    assert weights.tolist() == [1, 1, 3, 1, 1, 2, 0.5, 1]
    years = day_weights(start, 1_462, annual_growth=0.1)
    assert years[1_461] == pytest.approx(1.1**4, rel=1e-6)
    seasons = day_weights(date(2026, 1, 1), 365, months=ONLINE_MONTHS)
    assert seasons[334:].mean() > 1.15
    assert seasons[31:59].mean() < 0.95


def test_times_of_day_follow_the_hours() -> None:
    rows = pl.DataFrame({"row": np.arange(200_000)})
    stream = RandomStream(1, "times")
    seconds = rows.select(second=seconds_of_day(stream, pl.col("row")))["second"]
    assert seconds.min() >= 0  # type: ignore[operator]
    assert seconds.max() < 24 * HOUR  # type: ignore[operator]
    found = np.bincount((seconds // HOUR).to_numpy(), minlength=24) / len(seconds)
    expected = np.array(ORDER_HOURS) / sum(ORDER_HOURS)
    assert np.abs(found - expected).max() < 0.003
    assert abs(float((seconds % HOUR).mean()) - HOUR / 2) < 15  # type: ignore[arg-type]
