"""Dates and times: within a range, within the day of a row, and after another time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import polars as pl

from synth_assets.declarative.base import seconds
from synth_assets.declarative.generators.cell import Cell
from synth_assets.declarative.generators.weighted import weighted_position
from synth_assets.declarative.times import (
    Calendar,
    DateColumn,
    LaterColumn,
    TimestampColumn,
    day_weights_of,
    naive,
)
from synth_assets.randomness.seasonality import seconds_of_day
from synth_assets.randomness.values import DAY, EPOCH, moment, since_epoch

# Delays of an exponential distribution end at so many times their mean.
MOST_MEANS = 5.0
MICROSECONDS = 1_000_000


def dates(spec: DateColumn, cell: Cell) -> pl.Expr:
    """Dates of a range, or the day of a daily row."""
    if spec.start is None or spec.end is None:
        return _date(cell.start, _day(cell))
    days = (spec.end - spec.start).days + 1
    return _date(spec.start, _day_in(spec.start, days, spec.calendar, cell))


def timestamps(spec: TimestampColumn, cell: Cell) -> pl.Expr:
    """Points in time of a range, or within the day of a daily row."""
    if spec.start is None or spec.end is None:
        first = since_epoch(cell.start) + _day(cell) * DAY
        if spec.after is not None:
            return _after(spec, cell, first)
        return moment(first + _in_day(spec, cell))
    begin, length = since_epoch(naive(spec.start)), _seconds(spec.start, spec.end)
    if spec.spread == "even":
        return moment(begin + cell.position * length // cell.siblings)
    if spec.calendar is None and spec.hours is None:
        return moment(begin + cell.stream.integers(cell.row, 0, max(length, 1)))
    day = _day_in(naive(spec.start).date(), length // DAY, spec.calendar, cell)
    return moment(begin + day * DAY + _in_day(spec, cell))


def later(spec: LaterColumn, cell: Cell) -> pl.Expr:
    """A time some time after another one."""
    base = cell.column(spec.than, spec.through).cast(pl.Datetime("us"))
    least, span = seconds(spec.least), seconds(spec.most) - seconds(spec.least)
    if spec.distribution == "uniform":
        delay = cell.stream.integers(cell.row, least, least + span + 1)
    else:
        unit = cell.stream.uniform(cell.row) * (1.0 - np.exp(-MOST_MEANS))
        share = -(1.0 - unit).log() / MOST_MEANS
        delay = least + (share * span).floor().cast(pl.Int64)
    return base + pl.duration(microseconds=delay * MICROSECONDS)


def _seconds(start: datetime, end: datetime) -> int:
    return int((naive(end) - naive(start)).total_seconds())


def _day(cell: Cell) -> pl.Expr:
    assert cell.day is not None
    return cell.day


def _date(first: date, days: pl.Expr) -> pl.Expr:
    return ((first - EPOCH.date()).days + days).cast(pl.Int32).cast(pl.Date)


def _in_day(spec: TimestampColumn, cell: Cell) -> pl.Expr:
    time = cell.substream("time").stream
    if spec.spread == "even":
        return cell.position * DAY // cell.siblings
    if spec.hours is None:
        return time.integers(cell.row, 0, DAY)
    return seconds_of_day(time, cell.row, spec.hours)


def _after(spec: TimestampColumn, cell: Cell, first: pl.Expr) -> pl.Expr:
    """A time of the row's day that is not before another one, unless that is after the day."""
    assert spec.after is not None
    base = cell.column(spec.after, spec.through).cast(pl.Datetime("us"))
    # The first whole second that is not earlier.
    known = -(-base.cast(pl.Int64) // MICROSECONDS)
    is_by_the_end = base < moment(first + DAY)
    begin = pl.when(is_by_the_end).then(pl.max_horizontal(known, first)).otherwise(first)
    left = (first + DAY - begin).clip(0, DAY)
    drawn = begin + (cell.stream.uniform(cell.row) * left).floor().cast(pl.Int64)
    made = moment(pl.min_horizontal(drawn, first + DAY - 1))
    # Within the last second of the day there is no later whole second.
    return pl.when(is_by_the_end & (base > made)).then(base).otherwise(made)


def _day_in(first: date, days: int, calendar: Calendar | None, cell: Cell) -> pl.Expr:
    if calendar is None:
        return cell.stream.integers(cell.row, 0, days)

    def weights() -> Sequence[float]:
        found: list[float] = day_weights_of(calendar, first, days).tolist()
        return found

    return weighted_position(cell.stream.uniform(cell.row), weights)
