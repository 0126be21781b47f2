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
from synth_assets.importing.found import TIMES, FoundTable, Kind

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
        sides = [node.this, *(node.args.get(side) for side in ("expression", "low", "high"))]
        named = {kinds.get(side.name) for side in sides if isinstance(side, exp.Column)}
        for side in sides:
            _convert(side, kinds, named)
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


def _convert(side: exp.Expr | None, kinds: dict[str, Kind], compared: set[Kind | None]) -> None:
    """Converts a side of a comparison with a time: zones to UTC, text to a time."""
    if isinstance(side, exp.Column) and kinds.get(side.name) is Kind.TIMESTAMP_TZ:
        side.replace(exp.cast(side.copy(), "timestamp"))
    elif isinstance(side, exp.Literal) and side.is_string and compared & TIMES:
        side.replace(exp.cast(side.copy(), "date" if len(side.this) == 10 else "timestamp"))
