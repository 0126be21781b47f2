"""The change events of each row: its states, and what is invented after them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from synth_assets.core.model import Table
from synth_assets.replay.invented import COLUMN, DELETED, UPDATED, Rates, with_invented
from synth_assets.replay.states import State, is_timed, with_states

# Operations, in Debezium's letters; READ is a row that was there when the stream began.
CREATE, UPDATE, DELETE, READ = "c", "u", "d", "r"
LAST = State("__last_at", "__stored")


class Event(NamedTuple):
    """A possible event of each row, in terms of columns.

    Attributes:
        at: Its moment, in microseconds since 1970.
        op: The operation; null for rows without the event.
        before: The row before it, as JSON.
        after: The row after it, as JSON.
        column: The column that an invented update changes.
        invented: Whether the data have no truth of it.
    """

    at: pl.Expr
    op: pl.Expr
    before: pl.Expr
    after: pl.Expr
    column: pl.Expr
    invented: pl.Expr


def with_events(
    rows: pl.LazyFrame, table: Table, scenario: object, rates: Rates
) -> tuple[pl.LazyFrame, list[Event]]:
    """Adds the columns of the events of each row.

    Args:
        rows: Rows of the table, with its partition column.
        table: The table.
        scenario: The scenario of the rows.
        rates: What is invented.

    Returns:
        The rows, and their possible events in order.
    """
    rows, states = with_states(rows, table, scenario)
    if not is_timed(table):
        return rows, [_event(states[0], pl.lit(READ), None)]
    events = [
        _event(state, _operation(states[:number], state), _before(states[:number]))
        for number, state in enumerate(states)
    ]
    if not rates.any:
        return rows, events
    rows = rows.with_columns(pl.max_horizontal(*(state.at for state in states)).alias(LAST.at))
    rows = with_invented(rows, table, rates, LAST)
    return rows, [
        *events,
        _event(UPDATED, _if(UPDATED, UPDATE), pl.col(LAST.row), column=pl.col(COLUMN)),
        _event(DELETED, _if(DELETED, DELETE), pl.col(UPDATED.row), column=pl.lit("")),
    ]


def _operation(earlier: Sequence[State], state: State) -> pl.Expr:
    """An update where an earlier state was reached, else an insertion."""
    updated = pl.any_horizontal(pl.lit(False), *(pl.col(s.at).is_not_null() for s in earlier))
    op = pl.when(updated).then(pl.lit(UPDATE)).otherwise(pl.lit(CREATE))
    return pl.when(pl.col(state.at).is_not_null()).then(op)


def _before(earlier: Sequence[State]) -> pl.Expr | None:
    """The row of the latest earlier state that was reached."""
    reached = [pl.when(pl.col(s.at).is_not_null()).then(s.row) for s in reversed(earlier)]
    return pl.coalesce(reached) if reached else None


def _if(happened: State, op: str) -> pl.Expr:
    return pl.when(pl.col(happened.at).is_not_null()).then(pl.lit(op))


def _event(
    state: State, op: pl.Expr, before: pl.Expr | None, column: pl.Expr | None = None
) -> Event:
    """An event of the data's truth, or, with a column, an invented one."""
    nothing = pl.lit(None, pl.String)
    return Event(
        at=pl.col(state.at),
        op=op,
        before=nothing if before is None else before,
        after=nothing if state is DELETED else pl.col(state.row),
        column=nothing if column is None else column,
        invented=pl.lit(column is not None),
    )
