"""Conditions of SQL as times that a column is compared to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlglot
from sqlglot import exp

from synth_assets.importing.condition_trees import (
    comparison_of,
    is_column,
    parts,
    uncast,
    unless_null,
)
from synth_assets.importing.found import FoundColumn, FoundTable, Kind

DAY = timedelta(days=1)
# Days that have one before and one after them.
LEAST_DAY, MOST_DAY = (
    end.replace(tzinfo=UTC) for end in (datetime(1, 1, 1), datetime(9999, 12, 31))
)


def time_bounds(table: FoundTable, column: FoundColumn) -> tuple[datetime | None, datetime | None]:
    """The days from which and until which conditions allow a time; the last day of a date.

    Args:
        table: The table, with its conditions.
        column: A column with a date or a time.
    """
    lows, highs = [], []
    limits = [limit for condition in table.checks for limit in time_limits(condition)]
    for name, comparison, when in limits:
        day = when.replace(hour=0, minute=0, second=0, microsecond=0)
        is_day_itself = day == when and comparison not in (exp.GT, exp.LT)
        if name != column.name or not LEAST_DAY < day < MOST_DAY:
            continue
        if comparison in (exp.GT, exp.GTE, exp.EQ):
            lows.append(day if is_day_itself else day + DAY)
        if comparison in (exp.LT, exp.LTE, exp.EQ):
            before = column.type.kind is Kind.DATE and day == when and not is_day_itself
            highs.append(day - DAY if before else day)
    return max(lows, default=None), min(highs, default=None)


def time_limits(sql: str) -> list[tuple[str, type[exp.Expr], datetime]]:
    """The times that a condition compares a column to; none if it says anything else.

    Args:
        sql: The condition.

    Returns:
        The column, the comparison and the time of each.
    """
    found: list[tuple[str, type[exp.Expr], datetime]] = []
    for part in parts(unless_null(sqlglot.parse_one(sql, read="postgres").unnest())):
        limits = _compared(part)
        if not limits:
            return []
        found += limits
    return found


def _compared(part: exp.Expr) -> list[tuple[str, type[exp.Expr], datetime]]:
    ends: tuple[tuple[type[exp.Expr], exp.Expr], ...]
    if isinstance(part, exp.Between) and is_column(part.this):
        ends = ((exp.GTE, part.args["low"]), (exp.LTE, part.args["high"]))
        column = part.this
    elif (sides := comparison_of(part)) is not None:
        ends = (sides,)
        column = part.args["this"] if is_column(part.args["this"]) else part.args["expression"]
    else:
        return []
    name = uncast(column).name
    found = [(name, comparison, _time(limit)) for comparison, limit in ends]
    return [(name, c, when) for name, c, when in found if when is not None]


def _time(node: exp.Expr) -> datetime | None:
    """The time that a literal says, in UTC."""
    node = uncast(node)
    try:
        when = datetime.fromisoformat(str(node.this)) if isinstance(node, exp.Literal) else None
    except ValueError:
        return None
    if when is None or when.tzinfo is None:
        return when and when.replace(tzinfo=UTC)
    return when.astimezone(UTC)
