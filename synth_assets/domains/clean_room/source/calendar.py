"""When things happen. Moments are whole seconds since 1970 (UTC) until a table shows them."""

from __future__ import annotations

from datetime import date

import dataframely as dy
import polars as pl

from synth_assets.domains.clean_room.scenario import OPENED
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, HOUR, moment, since_epoch

# BigQuery's TIMESTAMP, as the public data set has it.
ZONE = "UTC"

# Users and visitors come on any day since the merchant opened, and some in the last week,
# between midnight and eight in the evening.
RECENT, RECENT_DAYS = 0.025, 7
BUSY = 20 * HOUR
# Longest times from order to shipping, on to delivery, and on to the return.
SHIPPING, DELIVERY, RETURN = 3 * DAY, 5 * DAY, 3 * DAY


def stamp(seconds: pl.Expr) -> pl.Expr:
    """A moment as tables show it."""
    return moment(seconds, ZONE)


def timestamp(text: str, *, nullable: bool = False) -> dy.Datetime:
    """A column of moments."""
    return dy.Datetime(time_unit="us", time_zone=ZONE, nullable=nullable, description=text)


class Calendar:
    """The merchant's time, from the day of opening up to ``as_of``."""

    def __init__(self, as_of: date) -> None:
        self.days = (as_of - OPENED).days
        self.begin, self.end = since_epoch(OPENED), since_epoch(as_of)

    def arrival(self, draw: RandomStream, row: pl.Expr) -> pl.Expr:
        """When someone comes for the first time."""
        any_day = draw.substream("day").integers(row, 0, self.days)
        late_day = draw.substream("late_day").integers(row, self.days - RECENT_DAYS, self.days)
        day = (
            pl.when(draw.substream("late").bernoulli(row, RECENT)).then(late_day).otherwise(any_day)
        )
        return self.begin + day * DAY + draw.substream("time").integers(row, 0, BUSY)

    def since(self, moment: pl.Expr, draw: RandomStream, row: pl.Expr) -> pl.Expr:
        """Any second from a moment before ``as_of`` up to then."""
        return moment + ((self.end - moment) * draw.uniform(row)).cast(pl.Int64)

    def within(
        self, moment: pl.Expr, longest: int, draw: RandomStream, row: pl.Expr, past: bool
    ) -> pl.Expr:
        """Up to ``longest`` seconds after a moment; with ``past`` never in the future."""
        room = pl.lit(longest, dtype=pl.Int64)
        if past:
            room = pl.min_horizontal(room, self.end - 1 - moment)
        return moment + (room * draw.uniform(row)).cast(pl.Int64)
