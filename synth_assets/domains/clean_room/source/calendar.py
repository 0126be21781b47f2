"""Timestamps of the merchant's source: whole seconds since 1970 (UTC) until a table shows them.

People act by the clock of the place where they live; ``Calendar.at_hours`` moves a random moment to
such a time of its day.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import dataframely as dy
import numpy as np
import polars as pl

from synth_assets.domains.clean_room.scenario import OPENED
from synth_assets.randomness.random_arrays import Ints
from synth_assets.randomness.seasonality import seconds_of_day
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, HOUR, moment, since_epoch

# BigQuery's TIMESTAMP, as the public data set has it.
ZONE = "UTC"

# Users and visitors arrive on any day since the merchant opened; a share RECENT arrives in the last
# week. In the public data set they arrive between midnight and 20:00 UTC.
RECENT, RECENT_DAYS = 0.025, 7
BUSY = 20 * HOUR
# Longest times from order to shipping, on to delivery, and on to the return.
SHIPPING, DELIVERY, RETURN = 3 * DAY, 5 * DAY, 3 * DAY
# The distribution centers' time zone, and from when to when they and the carriers work.
CENTERS_ZONE = "America/Chicago"
CENTERS_OPEN, CARRIERS_OPEN = (7 * HOUR, 19 * HOUR), (8 * HOUR, 20 * HOUR)
# Days before the opening and after ``as_of`` for which offsets from UTC are known.
BEFORE, AFTER = 100, 15

Expr = pl.Expr | int


def as_timestamp(seconds: pl.Expr) -> pl.Expr:
    """A timestamp as tables show it.

    Args:
        seconds: Seconds since 1970.
    """
    return moment(seconds, ZONE)


def timestamp(text: str, *, nullable: bool = False) -> dy.Datetime:
    """A column of timestamps.

    Args:
        text: The column's description.
        nullable: Whether it may be null.
    """
    return dy.Datetime(time_unit="us", time_zone=ZONE, nullable=nullable, description=text)


class Calendar:
    """The merchant's time, from the day of opening up to ``as_of``.

    Args:
        as_of: The day after the last.
        zones: IANA time zones; others are referred to by their positions.
        local_hours: Whether people act by the hours of their place.
    """

    def __init__(self, as_of: date, zones: Sequence[str], *, local_hours: bool) -> None:
        self.days = (as_of - OPENED).days
        self.begin, self.end = since_epoch(OPENED), since_epoch(as_of)
        self.local_hours = local_hours
        self.centers = zones.index(CENTERS_ZONE)
        self._first = self.begin // DAY - BEFORE
        self._known = BEFORE + self.days + AFTER
        offsets = [_zone_offsets(zone, self._known) for zone in zones]
        self._offsets: Ints = np.array(offsets, dtype=np.int64).ravel()

    def years(self) -> tuple[float, ...]:
        """The share of users by the number of whole years since their registration."""
        shares = []
        for year in range(math.ceil(self.days / 365.25)):
            nearest, farthest = year * 365.25, min((year + 1) * 365.25, self.days)
            late = max(min(farthest, RECENT_DAYS) - nearest, 0) / RECENT_DAYS
            shares.append((1 - RECENT) * (farthest - nearest) / self.days + RECENT * late)
        return tuple(shares)

    def arrival(self, draw: RandomStream, row: pl.Expr, zone: pl.Expr) -> pl.Expr:
        """The first arrival of a user or visitor.

        Args:
            draw: The random stream.
            row: The number of the user or visit.
            zone: The position of the time zone.
        """
        any_day = draw.substream("day").integers(row, 0, self.days)
        late_day = draw.substream("late_day").integers(row, self.days - RECENT_DAYS, self.days)
        day = (
            pl.when(draw.substream("late").bernoulli(row, RECENT)).then(late_day).otherwise(any_day)
        )
        length = DAY if self.local_hours else BUSY
        arrived = self.begin + day * DAY + draw.substream("time").integers(row, 0, length)
        return self.at_hours(arrived, zone, draw, row, self.begin)

    def since(self, moment: pl.Expr, draw: RandomStream, row: pl.Expr, zone: pl.Expr) -> pl.Expr:
        """A uniform time from a moment up to ``as_of``, at an hour when people shop.

        Args:
            moment: A time before ``as_of``.
            draw: The random stream.
            row: The row's number.
            zone: The position of the time zone.
        """
        later = moment + ((self.end - moment) * draw.uniform(row)).cast(pl.Int64)
        return self.at_hours(later, zone, draw, row, moment)

    def at_hours(
        self, moment: pl.Expr, zone: pl.Expr, draw: RandomStream, row: pl.Expr, earliest: Expr
    ) -> pl.Expr:
        """A time of the same day at an hour when people shop.

        Args:
            moment: A time before ``as_of``.
            zone: The position of the time zone.
            draw: The random stream.
            row: The row's number.
            earliest: The earliest time.
        """
        if not self.local_hours:
            return moment
        hour = seconds_of_day(draw.substream("hour"), row)

        def moved(columns: Sequence[pl.Series]) -> pl.Series:
            then, where, hours, least = map(_ints, columns)
            midnight = then - self._of_day(then, where)
            return pl.Series(_between(midnight + hours, then, least, self.end))

        return _elementwise(moved, moment, zone, hour, earliest)

    def within(
        self, moment: pl.Expr, longest: int, draw: RandomStream, row: pl.Expr, past: bool
    ) -> pl.Expr:
        """A uniform time in the seconds after a moment.

        Args:
            moment: The earliest time.
            longest: Most seconds after it.
            draw: The random stream.
            row: The row's number.
            past: Whether the time must be before ``as_of``.
        """
        limit = pl.lit(longest, dtype=pl.Int64)
        if past:
            limit = pl.min_horizontal(limit, self.end - 1 - moment)
        return moment + (limit * draw.uniform(row)).cast(pl.Int64)

    def when_open(
        self, moment: pl.Expr, zone: Expr, hours: tuple[int, int], earliest: Expr, latest: Expr
    ) -> pl.Expr:
        """The moment moved into the working hours of its day.

        Args:
            moment: A time.
            zone: The position of the time zone.
            hours: Begin and end of the work, in seconds of the day.
            earliest: The earliest time.
            latest: The time before which it must be.
        """
        if not self.local_hours:
            return moment

        def moved(columns: Sequence[pl.Series]) -> pl.Series:
            then, where, least, end = map(_ints, columns)
            of_day = self._of_day(then, where)
            working = hours[0] + of_day * (hours[1] - hours[0]) // DAY
            return pl.Series(_between(then - of_day + working, then, least, end))

        return _elementwise(moved, moment, zone, earliest, latest)

    def offset(self, moment: pl.Expr, zone: pl.Expr) -> pl.Expr:
        """Seconds from UTC at a moment.

        Args:
            moment: A time.
            zone: The position of the time zone.
        """
        return _elementwise(lambda of: pl.Series(self._offset(*map(_ints, of))), moment, zone)

    def _offset(self, moment: Ints, zone: Ints) -> Ints:
        day = (moment // DAY - self._first).clip(0, self._known - 1)
        offset: Ints = self._offsets.take(zone * self._known + day)
        return offset

    def _of_day(self, moment: Ints, zone: Ints) -> Ints:
        """The seconds since the moment's day began at its place."""
        of_day: Ints = (moment + self._offset(moment, zone)) % DAY
        return of_day


def _elementwise(function: Callable[[Sequence[pl.Series]], pl.Series], *columns: Expr) -> pl.Expr:
    given = [pl.lit(c, dtype=pl.Int64) if isinstance(c, int) else c for c in columns]
    return pl.map_batches(given, function, return_dtype=pl.Int64, is_elementwise=True)


def _ints(column: pl.Series) -> Ints:
    """The values; 0 where there is none."""
    return column.cast(pl.Int64).fill_null(0).to_numpy()


def _between(then: Ints, otherwise: Ints, earliest: Ints, latest: Ints | int) -> Ints:
    """A time, or the same time of the next or the previous day, or else another one."""
    then = then + DAY * (then < earliest)
    then = then - DAY * (then >= latest)
    return np.where(then < earliest, otherwise, then)


def _zone_offsets(zone: str, days: int) -> list[int]:
    """Seconds from UTC at noon of consecutive days, from ``BEFORE`` days before the opening."""
    there = ZoneInfo(zone)
    noon = datetime.combine(OPENED - timedelta(days=BEFORE), time(12), there)
    offsets = [(noon + timedelta(days=day)).utcoffset() for day in range(days)]
    return [int(offset.total_seconds()) for offset in offsets if offset is not None]
