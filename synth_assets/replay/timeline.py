"""Change events in order of time, in windows that fit into memory.

A first pass counts the events of each hour; hours are then joined to windows of a limited number of
events, and each window is computed and sorted by itself. Events of one moment are in order of their
rows' keys. The order, and with it the position of an event, depends on the rows and options alone.
Rows without moments are played in the order of the store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.scenario import Scenario
from synth_assets.replay.events import Event, with_events
from synth_assets.replay.invented import NONE, Rates
from synth_assets.replay.states import as_json, is_timed, key_columns

HOUR = 3_600_000_000
# Events of a window, which is in memory as a whole; an hour is not divided.
WINDOW = 200_000
COLUMNS = ("position", "key", *Event._fields)


@dataclass(frozen=True)
class Timeline:
    """All change events of a table's rows.

    Attributes:
        table: The table.
        scenario: The scenario of the rows.
        rows: The rows, with the partition column.
        rates: What is invented.
        first: The first moment, in microseconds since 1970; None for no limit.
        stop: The moment after the last; None for no limit.
    """

    table: Table
    scenario: Scenario
    rows: pl.LazyFrame
    rates: Rates = NONE
    first: int | None = None
    stop: int | None = None

    def __post_init__(self) -> None:
        path = self.table.path
        if self.rates.any and not key_columns(self.table):
            raise UserError(f"{path} has no primary key, by which rows are updated and deleted")
        asked = self.rates.any or (self.first, self.stop) != (None, None)
        if asked and not self.timed:
            raise UserError(f"{path} has no moments: its rows can be played as they are only")

    @property
    def timed(self) -> bool:
        """Whether events have moments."""
        return is_timed(self.table)

    @property
    def identity(self) -> dict[str, object]:
        """What says that another timeline has the same events, besides the options of a user."""
        return {
            "table": self.table.path,
            "code version": self.table.code_version,
            "scenario": self.scenario.fingerprint(),
            "events": self.total,
        }

    @property
    def total(self) -> int:
        """The number of events."""
        return sum(count for _, _, count in self._windows)

    def windows(self, skip: int = 0) -> Iterator[pl.DataFrame]:
        """Events in order, with the columns ``COLUMNS``; positions begin at 1.

        Args:
            skip: Events to leave out, from the first on.
        """
        position = 0
        for low, high, count in self._windows:
            if position + count > skip:
                window = self._window(low, high).with_row_index("position", position + 1)
                yield window.select(COLUMNS).slice(max(skip - position, 0))
            position += count

    @cached_property
    def _prepared(self) -> tuple[pl.LazyFrame, list[Event]]:
        """The rows with the columns of their events."""
        return with_events(self.rows, self.table, self.scenario, self.rates)

    @cached_property
    def _windows(self) -> list[tuple[int, int, int]]:
        """The bounds of each window, and its number of events."""
        if not self.timed:
            rows = int(self.rows.select(pl.len()).collect(engine="streaming").item())
            return [(n, n + WINDOW, min(WINDOW, rows - n)) for n in range(0, rows, WINDOW)]
        windows: list[tuple[int, int, int]] = []
        for hour, events in self._hours().iter_rows():
            low, high, count = hour * HOUR, (hour + 1) * HOUR, events
            if windows and windows[-1][2] + events <= WINDOW:
                low, _, before = windows.pop()
                count += before
            windows.append((low, high, count))
        return windows

    def _hours(self) -> pl.DataFrame:
        """The number of events by hour since 1970."""
        rows, events = self._prepared
        moments = pl.concat_list([pl.when(e.op.is_not_null()).then(e.at) for e in events])
        at = pl.col("at")
        found = rows.select(at=moments).explode("at").filter(self._is_played(at))
        hours = found.group_by(hour=at // HOUR).agg(events=pl.len())
        return hours.collect(engine="streaming").sort("hour")

    def _is_played(self, at: pl.Expr) -> pl.Expr:
        """Whether a moment is one of those to play."""
        played = at.is_not_null()
        if self.first is not None:
            played &= at >= self.first
        return played if self.stop is None else played & (at < self.stop)

    def _window(self, low: int, high: int) -> pl.DataFrame:
        rows, events = self._prepared
        if not self.timed:
            return self._exploded(rows.slice(low, high - low), events).collect()
        at = pl.col("at")
        touched = pl.any_horizontal(e.at.is_between(low, high, closed="left") for e in events)
        within = at.is_between(low, high, closed="left") & self._is_played(at)
        found = self._exploded(rows.filter(touched), events).filter(within)
        return found.sort("at", *self._order, "number", maintain_order=True).collect()

    def _exploded(self, rows: pl.LazyFrame, events: list[Event]) -> pl.LazyFrame:
        """The events of rows, with the columns of their order."""
        keys = key_columns(self.table)
        key = as_json(self.table, {}, keys) if keys else pl.lit(None, pl.String)
        structs = [
            pl.struct(number=pl.lit(number), **event._asdict())
            for number, event in enumerate(events)
        ]
        order = dict(zip(self._order, map(pl.col, keys), strict=True))
        found = rows.select(key=key, **order, event=pl.concat_list(structs))
        return found.explode("event").unnest("event").filter(pl.col("op").is_not_null())

    @property
    def _order(self) -> list[str]:
        """Columns of the key under names that no event has."""
        return [f"__key{number}" for number, _ in enumerate(key_columns(self.table))]
