"""Conditions of SQL (``check`` constraints) as values and bounds of columns.

A condition is a conjunction. Each part that names the values or a bound of one column narrows that
column; the other parts remain conditions of a row, written as SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sqlglot
from sqlglot import exp

from synth_assets.importing.condition_trees import (
    comparison_of,
    identifier,
    is_column,
    parts,
    plain_sql,
    uncast,
    unless_null,
)
from synth_assets.importing.found import NUMBERS, TIMES, FoundColumn
from synth_assets.importing.listed import listed_values


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
    for part in parts(condition):
        applied = _applied(found, part)
        if applied is None:
            rest.append(plain_sql(part))
        else:
            found |= applied
    return found, rest


def _applied(columns: Mapping[str, FoundColumn], part: exp.Expr) -> dict[str, FoundColumn] | None:
    """The columns with what a part says of them; None if some of it is of no single column."""
    found: dict[str, FoundColumn] = {}
    for each in parts(unless_null(part)):
        column = _of_column({**columns, **found}, each)
        if column is None:
            return None
        found[column.name] = column
    return found


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
    left, right = uncast(part.left), uncast(part.right)
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
        return None
    pair = (left.name, right.name)
    return pair if isinstance(part, exp.LT | exp.LTE) else (pair[1], pair[0])


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
    if isinstance(part, exp.Between) and is_column(part.this):
        low, high = (_number(part.args[end]) for end in ("low", "high"))
        if low is None or high is None or column.type.kind not in NUMBERS:
            return None
        return at_most(at_least(column, low), high)
    if isinstance(part, exp.Not) and isinstance(part.this.unnest(), exp.Is):
        return replace(column, nullable=False) if is_column(part.this.unnest().this) else None
    return _bounded(column, part) if column.type.kind in NUMBERS else None


def _bounded(column: FoundColumn, part: exp.Expr) -> FoundColumn | None:
    compared = comparison_of(part)
    if compared is None:
        return None
    comparison, limit = compared
    number = _number(limit)
    if number is None:
        return None
    if comparison in (exp.GT, exp.GTE):
        return at_least(column, number, is_open=comparison is exp.GT)
    if comparison in (exp.LT, exp.LTE):
        return at_most(column, number, is_open=comparison is exp.LT)
    return None


def _listed(part: exp.Expr) -> tuple[str, ...] | None:
    """The values that a column may have: ``in``, ``= any (array[...])``, or equalities."""
    if isinstance(part, exp.Or):
        sides = [_listed(side.unnest()) for side in part.flatten()]
        return tuple(value for side in sides for value in side or ()) if all(sides) else None
    if isinstance(part, exp.In) and is_column(part.this) and part.expressions:
        return _literals(part.expressions)
    if not isinstance(part, exp.EQ) or not is_column(part.this):
        return None
    right = uncast(part.expression)
    if isinstance(right, exp.Any):
        array = uncast(right.this)
        return _literals(array.expressions) if isinstance(array, exp.Array) else None
    return _literals([right])


def _literals(nodes: list[exp.Expr]) -> tuple[str, ...] | None:
    values = [uncast(node) for node in nodes]
    if not all(isinstance(value, exp.Literal) for value in values):
        return None
    return tuple(str(value.this) for value in values)


def _number(node: exp.Expr) -> float | None:
    node, sign = uncast(node), 1
    if isinstance(node, exp.Neg):
        node, sign = uncast(node.this), -1
    try:
        return sign * float(node.this) if isinstance(node, exp.Literal) else None
    except ValueError:
        return None
