"""Conditions as the language evaluates them: times of one type, and text beside times as times.

Databases convert what they compare; the language compares values of one type.
"""

from __future__ import annotations

import polars as pl
import sqlglot
from sqlglot import exp

from synth_assets.declarative.sql import parsed
from synth_assets.declarative.types import type_of
from synth_assets.importing.decision import type_word
from synth_assets.importing.found import TIMES, FoundColumn, FoundTable, Kind

COMPARISONS = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ)


def comparable(table: FoundTable, condition: str) -> str:
    """A condition with times of one type; as it is if it compares none.

    Args:
        table: The table.
        condition: The condition, as SQL.
    """
    kinds = {c.name: c.type.kind for c in table.columns if c.type.kind in TIMES}
    tree = sqlglot.parse_one(condition, dialect="postgres")
    if not any(column.name in kinds for column in tree.find_all(exp.Column)):
        return condition
    for node in [*tree.find_all(exp.Between, *COMPARISONS)]:
        parts = map(node.args.get, ("this", "expression", "low", "high"))
        sides = [part for part in parts if isinstance(part, exp.Expr)]
        compared = {kinds.get(s.name) if isinstance(s, exp.Column) else None for s in sides}
        # Zones are all UTC, so that times with one are compared as they are.
        if compared & TIMES and compared != {Kind.TIMESTAMP_TZ}:
            for side in sides:
                _convert(side, kinds)
    return str(tree.sql(dialect="postgres"))


def is_evaluable(table: FoundTable, condition: str) -> bool:
    """Whether a condition can be evaluated over columns of the types that a table has.

    Args:
        table: The table.
        condition: The condition, in the language's SQL.
    """
    types = {column.name: type_of(type_word(column.type)) for column in table.columns}
    try:
        parsed(condition).require_evaluable(pl.Schema(types))
    except ValueError:
        return False
    return True


def gives(table: FoundTable, column: FoundColumn) -> bool:
    """Whether the formula of a column gives values of its type, of other columns of the row.

    Args:
        table: The table.
        column: The column.
    """
    types = pl.Schema({c.name: type_of(type_word(c.type)) for c in table.columns})
    try:
        expression = parsed(column.formula)
        if not set(expression.columns) <= set(types):
            return False
        expression.require_evaluable(types)
    except ValueError:
        return False
    given = pl.LazyFrame(schema=types).select(expression.over(lambda name: name)).collect_schema()
    [result], own = given.dtypes(), types[column.name]
    if own.is_numeric():
        return result.is_numeric()
    if own.is_temporal():
        return result.is_temporal()
    return own == pl.String or result == own


def _convert(side: exp.Expr, kinds: dict[str, Kind]) -> None:
    """Converts a side of a comparison with a time: zones to UTC, text to a time."""
    if isinstance(side, exp.Column) and kinds.get(side.name) is Kind.TIMESTAMP_TZ:
        side.replace(exp.cast(side.copy(), "timestamp"))
    elif isinstance(side, exp.Literal) and side.is_string:
        side.replace(exp.cast(side.copy(), "date" if len(side.this) == 10 else "timestamp"))
