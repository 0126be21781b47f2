"""Timestamps of the merchant's source: whole seconds since 1970 (UTC) until a table shows them."""

from __future__ import annotations

from datetime import date

import dataframely as dy
import polars as pl

from synth_assets.domains.clean_room.scenario import OPENED
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, HOUR, moment, since_epoch

# BigQuery's TIMESTAMP, as the public data set has it.
ZONE = "UTC"

# Users and visitors arrive on any day since the merchant opened; a share RECENT arrives in the last
# week. They arrive between midnight and 20:00.
RECENT, RECENT_DAYS = 0.025, 7
BUSY = 20 * HOUR
# Longest times from order to shipping, on to delivery, and on to the return.
SHIPPING, DELIVERY, RETURN = 3 * DAY, 5 * DAY, 3 * DAY


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
    """

    def __init__(self, as_of: date) -> None:
        self.days = (as_of - OPENED).days
        self.begin, self.end = since_epoch(OPENED), since_epoch(as_of)

    def arrival(self, draw: RandomStream, row: pl.Expr) -> pl.Expr:
        """The first arrival of a user or visitor.

        Args:
            draw: The random stream.
            row: The number of the user or visit.
        """
        any_day = draw.substream("day").integers(row, 0, self.days)
        late_day = draw.substream("late_day").integers(row, self.days - RECENT_DAYS, self.days)
        day = (
            pl.when(draw.substream("late").bernoulli(row, RECENT)).then(late_day).otherwise(any_day)
        )
        return self.begin + day * DAY + draw.substream("time").integers(row, 0, BUSY)

    def since(self, moment: pl.Expr, draw: RandomStream, row: pl.Expr) -> pl.Expr:
        """A uniform time from a moment up to ``as_of``.

        Args:
            moment: A time before ``as_of``.
            draw: The random stream.
            row: The row's number.
        """
        return moment + ((self.end - moment) * draw.uniform(row)).cast(pl.Int64)

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
