"""The pace of a replay, by a clock that only waiting moves."""

from __future__ import annotations

from itertools import pairwise
from threading import Event

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.replay.pace import BATCH, TICK, Pace, parse_rate, parse_speed


class Clock(Event):
    """A clock that is also the event that a pace waits for."""

    now = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0
        return self.is_set()


def events(count: int, seconds: float = 1.0) -> pl.DataFrame:
    """Events that are so many seconds apart."""
    return pl.DataFrame({"at": [int(n * seconds * 1_000_000) for n in range(count)]})


def test_as_fast_as_possible_is_whole_batches() -> None:
    clock = Clock()
    sizes = [len(b) for b in Pace(clock, clock=lambda: clock.now).batches(events(2 * BATCH + 5))]
    assert (sizes, clock.now) == ([BATCH, BATCH, 5], 0)


def test_a_rate_is_kept() -> None:
    clock = Clock()
    pace = Pace(clock, rate=100, clock=lambda: clock.now)
    sent, times = 0, []
    for batch in pace.batches(events(500)):
        sent += len(batch)
        times.append(clock.now)
        assert sent <= 100 * clock.now + 1e-6
    assert sent == 500
    assert clock.now == pytest.approx(5, abs=2 * TICK)
    assert max(b - a for a, b in pairwise(times)) < 0.2


def test_what_a_slow_target_missed_is_no_burst() -> None:
    clock = Clock()
    sizes = []
    for batch in Pace(clock, rate=100, clock=lambda: clock.now).batches(events(1_000)):
        sizes.append(len(batch))
        clock.now += 10 if len(sizes) == 1 else 0
    assert max(sizes) <= 100


def test_the_speed_is_that_of_the_data() -> None:
    clock = Clock()
    pace = Pace(clock, speed=60, clock=lambda: clock.now)
    for batch in pace.batches(events(601, seconds=6)):
        assert batch["at"][-1] <= clock.now * 60 * 1_000_000 + 1
    assert clock.now == pytest.approx(60, abs=2 * TICK)


def test_a_stop_ends_it_before_the_next_batch() -> None:
    clock = Clock()
    batches = Pace(clock, clock=lambda: clock.now).batches(events(5 * BATCH))
    next(batches)
    clock.set()
    assert list(batches) == []


@pytest.mark.parametrize(
    ("text", "rate"), [("1000/s", 1000), ("60/min", 1), ("36/h", 0.01), ("5", 5)]
)
def test_rates_are_per_time(text: str, rate: float) -> None:
    assert parse_rate(text) == pytest.approx(rate)


def test_speeds_are_factors() -> None:
    assert (parse_speed("60x"), parse_speed("0.5"), parse_speed(None)) == (60, 0.5, None)


@pytest.mark.parametrize("speed", [1e9, float("1" + 300 * "0")])
def test_the_end_of_time_is_reached_and_not_passed(speed: float) -> None:
    clock = Clock()
    pace = Pace(clock, speed=speed, clock=lambda: clock.now)
    clock.now = 1e5
    first = next(pace.batches(events(3)))
    clock.now = 2e5
    assert len(first) + sum(map(len, pace.batches(events(3)[1:]))) == 3


@pytest.mark.parametrize("digits", [10, 20, 400])
def test_rates_and_speeds_have_a_highest_value(digits: int) -> None:
    assert (parse_rate("1000000000/s"), parse_speed("1000000000x")) == (1e9, 1e9)
    for parse in (parse_rate, parse_speed):
        with pytest.raises(UserError, match="at most 1000000000"):
            parse(digits * "9")


@pytest.mark.parametrize("text", ["", "0/s", "-1/s", "10/day", "fast", "1e3/s"])
def test_wrong_rates_are_named(text: str) -> None:
    with pytest.raises(UserError, match="must be a number above 0"):
        parse_rate(text)


@pytest.mark.parametrize("text", ["", "0x", "-2x", "x60"])
def test_wrong_speeds_are_named(text: str) -> None:
    with pytest.raises(UserError, match="must be a factor above 0"):
        parse_speed(text)
