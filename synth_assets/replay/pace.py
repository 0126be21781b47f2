"""When events are due: at a rate, by the data's own time, or as soon as the target takes them.

Events are sent in batches of those that are due. A target that is slower than the pace is waited
for; at a rate, what was missed by more than a second is not made up for in a burst.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from threading import Event

import polars as pl

from synth_assets.core.errors import UserError

# Events of a batch at most, and seconds between two looks at the clock.
BATCH, TICK = 1_000, 0.05
# The highest rate and speed, and the last moment of a column of microseconds.
MOST, LAST = 1_000_000_000, 2**63 - 1
# Seconds of each unit of a rate.
UNITS = {"s": 1, "m": 60, "min": 60, "h": 3_600}


class Pace:
    """Divides events into batches, each given when it is due.

    Args:
        stop: Set when no further batch is to be given.
        rate: Events per second; None for no limit.
        speed: Seconds of the data's time in a second; None for no limit.
        clock: Seconds, from any moment on.
    """

    def __init__(
        self,
        stop: Event,
        rate: float | None = None,
        speed: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stop = stop
        self._rate, self._speed, self._clock = rate, speed, clock
        self._started: float | None = None
        self._sent, self._first = 0.0, 0

    @property
    def stopped(self) -> bool:
        """Whether no further batch is to be given."""
        return self._stop.is_set()

    def batches(self, events: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The events in batches, in order; ends early when stopped.

        Args:
            events: Events with ``at``.
        """
        done = 0
        while done < len(events) and not self.stopped:
            due = min(self._due(events, done), BATCH)
            if due:
                yield events.slice(done, due)
                done += due
            else:
                self._stop.wait(TICK)

    def _due(self, events: pl.DataFrame, done: int) -> int:
        """How many of the events that are left are due."""
        now = self._clock()
        if self._started is None:
            self._started, self._first = now, events["at"][done] or 0
        if self._rate is not None:
            return self._due_by_rate(now, len(events) - done)
        if self._speed is not None:
            reached = self._first + (now - self._started) * self._speed * 1_000_000
            moments = events["at"].slice(done, BATCH)
            return int(moments.search_sorted(int(min(reached, LAST)), side="right"))
        return len(events) - done

    def _due_by_rate(self, now: float, left: int) -> int:
        assert self._rate is not None
        assert self._started is not None
        earned = (now - self._started) * self._rate
        # What a slow target has missed is forgotten, except for the last second's.
        self._sent = max(self._sent, earned - max(self._rate, 1.0))
        due = min(int(earned - self._sent), left, BATCH)
        self._sent += due
        return due


def parse_rate(text: str | None) -> float | None:
    """The events per second of a text such as ``1000/s``, ``60/min`` or ``100``.

    Args:
        text: A number, with a unit of time or per second; None for no rate.

    Raises:
        UserError: The text has another form.
    """
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/(\w+))?", text.strip())
    unit = UNITS.get((found[2] or "s") if found else "")
    if found is None or unit is None or not 0 < float(found[1]) / unit <= MOST:
        raise UserError(
            f"--rate {text}: must be a number above 0, as 1000/s, 60/min or 5/h, and at most "
            f"{MOST} a second"
        )
    return float(found[1]) / unit


def parse_speed(text: str | None) -> float | None:
    """The factor of a text such as ``60x``.

    Args:
        text: A number, with or without ``x``; None for no speed.

    Raises:
        UserError: The text has another form.
    """
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)x?", text.strip())
    if found is None or not 0 < float(found[1]) <= MOST:
        raise UserError(
            f"--speed {text}: must be a factor above 0, such as 60x, and at most {MOST}"
        )
    return float(found[1])
