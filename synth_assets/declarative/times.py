"""Columns of dates and times, and the calendar: how much happens on which day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from synth_assets.core.errors import UserError
from synth_assets.declarative.base import (
    ColumnBase,
    Day,
    Declared,
    Duration,
    Hours,
    Moment,
    Months,
    Name,
    Weekdays,
    Weight,
    seconds,
)
from synth_assets.randomness.seasonality import day_weights

DAY = 86_400
# A hundred years: later times would have years that calendars do not.
MOST_DELAY = 36_525 * DAY


class Calendar(Declared):
    """How much happens on which day: relative weights of weekdays, months and single days.

    Attributes:
        weekdays: Weights from Monday to Sunday.
        months: Weights from January to December; every day of a month has that of the month.
        events: Factors of single days, such as sales and holidays.
        growth: Growth a year, compounded; 0.1 is 10 percent.
    """

    weekdays: Weekdays | None = None
    months: Months | None = None
    events: dict[Day, Weight] = Field(default_factory=dict)
    growth: float = Field(0.0, gt=-1, le=10)

    @model_validator(mode="after")
    def _weighted(self) -> Self:
        _require_weights(self.weekdays, "weekdays")
        _require_weights(self.months, "months")
        return self


class DateColumn(ColumnBase):
    """Dates from ``start`` to ``end``, both included; without them the day of a daily row."""

    kind: Literal["date"]
    start: Day | None = None
    end: Day | None = None
    calendar: Calendar | None = None

    @model_validator(mode="after")
    def _span(self) -> Self:
        _require_span(self.start, self.end)
        return self


class TimestampColumn(ColumnBase):
    """Points in time between ``start`` and ``end``; without them within the day of a daily row.

    Attributes:
        start: First point in time.
        end: Last point in time, excluded.
        calendar: Weights of the days.
        hours: Weights of the 24 hours.
        spread: ``random``, or ``even``: at equal distances over the rows of one parent and day.
        after: A column with a time that is not later, unless it is after the row's day; only in a
            daily table.
        through: The reference to the parent that has ``after``; without it, the table itself.
    """

    kind: Literal["timestamp"]
    start: Moment | None = None
    end: Moment | None = None
    calendar: Calendar | None = None
    hours: Hours | None = None
    spread: Literal["random", "even"] = "random"
    after: Name | None = None
    through: Name | None = None

    @model_validator(mode="after")
    def _span(self) -> Self:
        if self.start is not None and self.after is not None:
            raise ValueError("either start and end, or after; kind `later` has delays")
        if self.through is not None and self.after is None:
            raise ValueError("through needs after, a column of the parent")
        _require_weights(self.hours, "hours")
        _require_span(self.start, self.end)
        if self.start is not None and self.end is not None and (self.hours or self.calendar):
            start, end = naive(self.start), naive(self.end)
            if start == end or {start.time(), end.time()} != {time()}:
                raise ValueError(
                    "calendar and hours are of whole days: start and end must be midnights (UTC)"
                )
        return self


class LaterColumn(ColumnBase):
    """A date or time some time after another one, of the row itself or of a parent.

    Attributes:
        than: The column with the earlier time.
        through: The reference to the parent that has it; without it, the table itself.
        least: Shortest delay.
        most: Longest delay.
        distribution: ``uniform``, or ``exponential``: most delays are short.
    """

    kind: Literal["later"]
    than: Name
    through: Name | None = None
    least: Duration = "0s"
    most: Duration
    distribution: Literal["uniform", "exponential"] = "uniform"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if seconds(self.least) > seconds(self.most):
            raise ValueError(f"least = {self.least} must not be above most = {self.most}")
        if seconds(self.most) > MOST_DELAY:
            raise ValueError(f"most = {self.most} must not be above {MOST_DELAY // DAY}d")
        return self


def day_weights_of(calendar: Calendar, start: date, days: int) -> npt.NDArray[np.float64]:
    """The weight of each day; 1 is an ordinary day at the start.

    Args:
        calendar: The calendar.
        start: First day.
        days: Number of days.

    Raises:
        UserError: The days go beyond the last year that there is.
    """
    if start.toordinal() + days > date.max.toordinal():
        raise UserError(f"there are no {days:,} days from {start}")
    weights = day_weights(
        start,
        days,
        weekdays=calendar.weekdays or (1.0,) * 7,
        events=calendar.events,
        annual_growth=calendar.growth,
    )
    if calendar.months is None:
        return weights
    # Months since January 1970. ``day_weights`` would join the months smoothly, so that a month of
    # weight 0 had rows, and the others more or less than their weights.
    months = (np.datetime64(start) + np.arange(days)).astype("datetime64[M]").astype(np.int64)
    return weights * np.asarray(calendar.months, np.float64)[months % 12]


def naive(when: datetime) -> datetime:
    """A point in time in UTC, without its zone.

    Args:
        when: The point in time; without a zone it is in UTC.
    """
    offset = when.utcoffset() or timedelta()
    return when.replace(tzinfo=None) - offset


def _require_span(start: date | None, end: date | None) -> None:
    if (start is None) != (end is None):
        raise ValueError("start and end belong together: give both or neither")
    if start is not None and end is not None and _in_order(start) > _in_order(end):
        raise ValueError(f"start = {start} must not be after end = {end}")


def _in_order(when: date) -> date:
    # One end of a span may have a zone, and the other none.
    return naive(when) if isinstance(when, datetime) else when


def _require_weights(weights: list[float] | None, field: str) -> None:
    if weights is not None and not any(weights):
        raise ValueError(f"{field} must not all be 0")
