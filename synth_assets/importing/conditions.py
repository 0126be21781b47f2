"""Conditions of SQL (``check`` constraints) as values and bounds of columns.

A condition is a conjunction. Each part that names the values or a bound of one column narrows that
column; the other parts remain conditions of a row, written as SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlglot
from sqlglot import exp

from synth_assets.importing.found import NUMBERS, TIMES, FoundColumn, FoundTable, Kind
from synth_assets.importing.listed import listed_values

DAY = timedelta(days=1)
# Days that have one before and one after them.
LEAST_DAY, MOST_DAY = (
    end.replace(tzinfo=UTC) for end in (datetime(1, 1, 1), datetime(9999, 12, 31))
)
MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.EQ: exp.EQ,
}  # fmt: skip


def narrowed(
    columns: Mapping[str, FoundColumn], condition: exp.Expr
) -> tuple[dict[str, FoundColumn], list[str]]:
    """Applies a condition to columns.

    Args:
        columns: The columns of a table by name.
        condition: The condition.

    Returns:
        The columns, and the parts of the condition that are of no single column.
    """
    found, rest = dict(columns), []
    for part in _parts(condition):
        applied = _applied(found, part)
        if applied is None:
            rest.append(plain_sql(part))
        else:
            found |= applied
    return found, rest


def _applied(columns: Mapping[str, FoundColumn], part: exp.Expr) -> dict[str, FoundColumn] | None:
    """The columns with what a part says of them; None if some of it is of no single column."""
    found: dict[str, FoundColumn] = {}
    for each in _parts(_unless_null(part)):
        column = _of_column({**columns, **found}, each)
        if column is None:
            return None
        found[column.name] = column
    return found


def _unless_null(part: exp.Expr) -> exp.Expr:
    """What a part says of a column with a value: ``x > 0`` of ``x is null or x > 0``."""
    if not isinstance(part, exp.Or) or len({c.name for c in part.find_all(exp.Column)}) != 1:
        return part
    sides = [side.unnest() for side in part.flatten()]
    rest = [side for side in sides if not _is_null(side)]
    return exp.or_(*rest).unnest() if rest and len(rest) < len(sides) else part


def _is_null(part: exp.Expr) -> bool:
    return isinstance(part, exp.Is) and isinstance(part.expression, exp.Null)


def at_least(column: FoundColumn, bound: float, is_open: bool = False) -> FoundColumn:
    """A column with a lower bound, unless it has a stricter one.

    Args:
        column: The column.
        bound: The bound.
        is_open: Whether the bound itself is not allowed.
    """
    if column.low is not None and (column.low, column.low_open) >= (bound, is_open):
        return column
    return replace(column, low=bound, low_open=is_open)


def at_most(column: FoundColumn, bound: float, is_open: bool = False) -> FoundColumn:
    """A column with an upper bound, unless it has a stricter one.

    Args:
        column: The column.
        bound: The bound.
        is_open: Whether the bound itself is not allowed.
    """
    if column.high is not None and (column.high, not column.high_open) <= (bound, not is_open):
        return column
    return replace(column, high=bound, high_open=is_open)


def ordered(sql: str) -> tuple[str, str] | None:
    """The two columns that a condition orders; ``b is null or b >= a`` orders them too.

    Args:
        sql: The condition.

    Returns:
        The column with the smaller value and the other; None for any other condition.
    """
    part = sqlglot.parse_one(sql, read="postgres").unnest()
    if isinstance(part, exp.Or):
        sides = [side.unnest() for side in part.flatten()]
        rest = [side for side in sides if not isinstance(side, exp.Is)]
        part = rest[0] if len(rest) == 1 else part
    if not isinstance(part, exp.GT | exp.GTE | exp.LT | exp.LTE):
        return None
    left, right = _uncast(part.left), _uncast(part.right)
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
        return None
    pair = (left.name, right.name)
    return pair if isinstance(part, exp.LT | exp.LTE) else (pair[1], pair[0])


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
    for part in _parts(_unless_null(sqlglot.parse_one(sql, read="postgres").unnest())):
        limits = _compared(part)
        if not limits:
            return []
        found += limits
    return found


def _compared(part: exp.Expr) -> list[tuple[str, type[exp.Expr], datetime]]:
    ends: tuple[tuple[type[exp.Expr], exp.Expr], ...]
    if isinstance(part, exp.Between) and _is_column(part.this):
        ends = ((exp.GTE, part.args["low"]), (exp.LTE, part.args["high"]))
        column = part.this
    elif (sides := _sides(part)) is not None:
        ends = (sides,)
        column = part.args["this"] if _is_column(part.args["this"]) else part.args["expression"]
    else:
        return []
    name = _uncast(column).name
    found = [(name, comparison, _time(limit)) for comparison, limit in ends]
    return [(name, c, when) for name, c, when in found if when is not None]


def _time(node: exp.Expr) -> datetime | None:
    """The time that a literal says, in UTC."""
    node = _uncast(node)
    try:
        when = datetime.fromisoformat(str(node.this)) if isinstance(node, exp.Literal) else None
    except ValueError:
        return None
    if when is None or when.tzinfo is None:
        return when and when.replace(tzinfo=UTC)
    return when.astimezone(UTC)


def plain_sql(condition: exp.Expr) -> str:
    """An expression as SQL, with quoted columns that name no table.

    Args:
        condition: The expression.
    """
    return _plain(condition).sql(dialect="postgres")


def identifier(node: exp.Expr) -> str:
    """The name of an identifier; one without quotes is in lower case.

    Args:
        node: The identifier, or what holds one.
    """
    inner = node if isinstance(node, exp.Identifier) else node.find(exp.Identifier)
    if inner is None:
        return str(node.name).lower()
    return str(inner.this) if inner.args.get("quoted") else str(inner.this).lower()


def _parts(condition: exp.Expr) -> list[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        return [part for side in condition.flatten() for part in _parts(side)]
    return [condition]


def _of_column(columns: Mapping[str, FoundColumn], part: exp.Expr) -> FoundColumn | None:
    """The column with what a part says of it; None if it says nothing of a single column."""
    named = {identifier(column.this) for column in part.find_all(exp.Column)}
    if len(named) != 1 or (name := named.pop()) not in columns:
        return None
    column = columns[name]
    values = _listed(part)
    if values is not None and column.type.kind not in TIMES:
        both = tuple(value for value in values if value in column.values)
        listed = replace(column, values=both if column.values else values)
        return listed if listed_values(listed) else None
    if isinstance(part, exp.Between) and _is_column(part.this):
        low, high = (_number(part.args[end]) for end in ("low", "high"))
        if low is None or high is None or column.type.kind not in NUMBERS:
            return None
        return at_most(at_least(column, low), high)
    if isinstance(part, exp.Not) and isinstance(part.this.unnest(), exp.Is):
        return replace(column, nullable=False) if _is_column(part.this.unnest().this) else None
    return _bounded(column, part) if column.type.kind in NUMBERS else None


def _bounded(column: FoundColumn, part: exp.Expr) -> FoundColumn | None:
    sides = _sides(part)
    if sides is None:
        return None
    comparison, limit = sides
    number = _number(limit)
    if number is None:
        return None
    if comparison in (exp.GT, exp.GTE):
        return at_least(column, number, is_open=comparison is exp.GT)
    if comparison in (exp.LT, exp.LTE):
        return at_most(column, number, is_open=comparison is exp.LT)
    return None


def _sides(part: exp.Expr) -> tuple[type[exp.Expr], exp.Expr] | None:
    """The comparison and what the column is compared to, with the column on the left."""
    if type(part) not in MIRRORED:
        return None
    left, right = part.args["this"], part.args["expression"]
    if _is_column(left):
        return type(part), right
    return (MIRRORED[type(part)], left) if _is_column(right) else None


def _listed(part: exp.Expr) -> tuple[str, ...] | None:
    """The values that a column may have: ``in``, ``= any (array[...])``, or equalities."""
    if isinstance(part, exp.Or):
        sides = [_listed(side.unnest()) for side in part.flatten()]
        return tuple(value for side in sides for value in side or ()) if all(sides) else None
    if isinstance(part, exp.In) and _is_column(part.this) and part.expressions:
        return _literals(part.expressions)
    if not isinstance(part, exp.EQ) or not _is_column(part.this):
        return None
    right = _uncast(part.expression)
    if isinstance(right, exp.Any):
        array = _uncast(right.this)
        return _literals(array.expressions) if isinstance(array, exp.Array) else None
    return _literals([right])


def _literals(nodes: list[exp.Expr]) -> tuple[str, ...] | None:
    values = [_uncast(node) for node in nodes]
    if not all(isinstance(value, exp.Literal) for value in values):
        return None
    return tuple(str(value.this) for value in values)


def _is_column(node: exp.Expr) -> bool:
    return isinstance(_uncast(node), exp.Column)


def _number(node: exp.Expr) -> float | None:
    node, sign = _uncast(node), 1
    if isinstance(node, exp.Neg):
        node, sign = _uncast(node.this), -1
    try:
        return sign * float(node.this) if isinstance(node, exp.Literal) else None
    except ValueError:
        return None


def _uncast(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    return node


def _plain(part: exp.Expr) -> exp.Expr:
    """A part with columns by their names alone."""

    def bare(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        return exp.column(exp.to_identifier(identifier(node.this), quoted=True))

    return part.copy().transform(bare)
