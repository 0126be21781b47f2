"""Columns of dates and times, and the calendar: how much happens on which day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from synth_assets.declarative.base import (
    ColumnBase,
    Declared,
    Duration,
    Hours,
    Months,
    Name,
    Weekdays,
    Weight,
    seconds,
)


class Calendar(Declared):
    """How much happens on which day: relative weights of weekdays, months and single days.

    Attributes:
        weekdays: Weights from Monday to Sunday.
        months: Weights from January to December.
        events: Factors of single days, such as sales and holidays.
        growth: Growth a year, compounded; 0.1 is 10 percent.
    """

    weekdays: Weekdays | None = None
    months: Months | None = None
    events: dict[date, Weight] = Field(default_factory=dict)
    growth: float = Field(0.0, gt=-1, le=10)


class DateColumn(ColumnBase):
    """Dates from ``start`` to ``end``, both included; without them the day of a daily row."""

    kind: Literal["date"]
    start: date | None = None
    end: date | None = None
    calendar: Calendar | None = None

    @model_validator(mode="after")
    def _span(self) -> Self:
        return _check_span(self)


class TimestampColumn(ColumnBase):
    """Points in time between ``start`` and ``end``; without them within the day of a daily row.

    Attributes:
        start: First point in time.
        end: Last point in time, excluded.
        calendar: Weights of the days.
        hours: Weights of the 24 hours.
        spread: ``random``, or ``even``: at equal distances over the rows of one parent and day.
        after: A column with a time that is earlier, in a daily table.
        through: The reference to the parent that has ``after``; without it, the table itself.
    """

    kind: Literal["timestamp"]
    start: datetime | None = None
    end: datetime | None = None
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
        return _check_span(self)


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
        return self


def _check_span(column: Any) -> Any:
    if (column.start is None) != (column.end is None):
        raise ValueError("start and end belong together: give both or neither")
    if column.start is not None and column.start > column.end:
        raise ValueError(f"start = {column.start} must not be after end = {column.end}")
    return column
