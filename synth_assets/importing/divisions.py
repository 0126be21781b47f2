"""Divisions of whole numbers, which some databases truncate and the language does not.

What DDL says is written as SQL of PostgreSQL, in which ``/`` of whole numbers truncates; sqlglot
writes a cast to a double where the dialect of the source has a fraction.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp

from synth_assets.importing.condition_trees import plain_sql
from synth_assets.importing.found import FoundColumn, Kind

# Whose operands, all of them, decide whether the result is a whole number.
ARITHMETIC = (
    exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Div, exp.IntDiv, exp.Abs,
    exp.Coalesce, exp.Greatest, exp.Least,
)  # fmt: skip
# Functions that have whole numbers in every dialect that has them.
WHOLE = (
    exp.Length, exp.StrPosition, exp.Year, exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second,
)  # fmt: skip
# Dialects in which a part of a time is a whole number, and so is one that was rounded.
WITH_WHOLE_PARTS = ("tsql",)
# A part of a point in time that is no whole number.
EPOCH = "EPOCH"


def truncating(sql: str, columns: Mapping[str, FoundColumn], dialect: str) -> str:
    """SQL of the language for SQL of PostgreSQL: divisions of whole numbers truncate.

    Args:
        sql: The SQL.
        columns: The columns of its table by name.
        dialect: The dialect that the source is written in.
    """
    tree = exp.Paren(this=sqlglot.parse_one(sql, read="postgres"))
    for quotient in [*tree.find_all(exp.IntDiv)]:
        if isinstance(quotient.parent, exp.Cast) and not quotient.parent.to.expressions:
            quotient.parent.replace(quotient)  # sqlglot's way to write it
    divisions = tree.find_all(exp.Div, exp.IntDiv)
    found = [node for node in divisions if _is_whole(node, columns, dialect)]
    if not found:
        return sql
    # Those within others first: the remainder has the dividend once more.
    for node in reversed(found):
        node.replace(_truncated(node.left, node.right))
    return plain_sql(tree.this)


def _truncated(dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """A quotient without its fraction; null for a divisor of zero, as the remainder is."""
    divisor = divisor.this if isinstance(divisor, exp.Nullif) else divisor
    remainder = exp.Mod(this=_operand(dividend), expression=_operand(divisor))
    whole = exp.paren(exp.Sub(this=_operand(dividend), expression=remainder))
    return exp.cast(exp.Div(this=whole, expression=_operand(divisor), typed=True), "bigint")


def _operand(node: exp.Expr) -> exp.Expr:
    return exp.paren(node.copy()) if isinstance(node, exp.Binary) else node.copy()


def _is_whole(node: exp.Expr, columns: Mapping[str, FoundColumn], dialect: str) -> bool:
    """Whether an expression has whole numbers of a type of such numbers."""
    parts: list[exp.Expr] = []
    match node:
        case exp.Column():
            column = columns.get(node.name)
            # Decimals without digits after the point are divided as decimals.
            return bool(column and column.type.kind is Kind.INTEGER and not column.type.precision)
        case exp.Literal():
            return bool(node.is_int)
        case exp.Cast():
            return node.to.this in exp.DataType.INTEGER_TYPES
        case exp.Nullif():
            parts = [node.this]
        case exp.Case():
            results = [branch.args["true"] for branch in node.args["ifs"]]
            parts = [*results, *filter(None, [node.args.get("default")])]
        case _ if isinstance(node, ARITHMETIC):
            operands = (node.args.get("this"), node.args.get("expression"), *node.expressions)
            parts = [part for part in operands if isinstance(part, exp.Expr)]
        case exp.Extract():
            return dialect in WITH_WHOLE_PARTS and node.name.upper() != EPOCH
        case exp.Floor() | exp.Ceil() if dialect in WITH_WHOLE_PARTS:
            parts = [node.this]
        case _:
            return isinstance(node, WHOLE)
    return all(isinstance(part, exp.Null) or _is_whole(part, columns, dialect) for part in parts)
