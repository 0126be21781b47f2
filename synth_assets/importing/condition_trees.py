"""Conditions of SQL as trees: their parts, and what a part compares.

What conditions say of columns is in ``conditions``, and of times in ``time_conditions``.
"""

from __future__ import annotations

from sqlglot import exp

MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.EQ: exp.EQ,
}  # fmt: skip


def parts(condition: exp.Expr) -> list[exp.Expr]:
    """The parts of a conjunction; of any other condition the condition itself.

    Args:
        condition: The condition.
    """
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        return [part for side in condition.flatten() for part in parts(side)]
    return [condition]


def unless_null(part: exp.Expr) -> exp.Expr:
    """What a part says of a column with a value: ``x > 0`` of ``x is null or x > 0``.

    Args:
        part: A part of a condition.
    """
    if not isinstance(part, exp.Or) or len({c.name for c in part.find_all(exp.Column)}) != 1:
        return part
    sides = [side.unnest() for side in part.flatten()]
    rest = [side for side in sides if not _is_null(side)]
    return exp.or_(*rest).unnest() if rest and len(rest) < len(sides) else part


def _is_null(part: exp.Expr) -> bool:
    return isinstance(part, exp.Is) and isinstance(part.expression, exp.Null)


def comparison_of(part: exp.Expr) -> tuple[type[exp.Expr], exp.Expr] | None:
    """The comparison and what the column is compared to, with the column on the left.

    Args:
        part: A part of a condition.

    Returns:
        Both; None if it compares no column.
    """
    if type(part) not in MIRRORED:
        return None
    left, right = part.args["this"], part.args["expression"]
    if is_column(left):
        return type(part), right
    return (MIRRORED[type(part)], left) if is_column(right) else None


def is_column(node: exp.Expr) -> bool:
    """Whether an expression is a column, cast or not.

    Args:
        node: The expression.
    """
    return isinstance(uncast(node), exp.Column)


def uncast(node: exp.Expr) -> exp.Expr:
    """An expression without its casts and parentheses.

    Args:
        node: The expression.
    """
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    return node


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


def _plain(part: exp.Expr) -> exp.Expr:
    """A part with columns by their names alone."""

    def bare(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        return exp.column(exp.to_identifier(identifier(node.this), quoted=True))

    return part.copy().transform(bare)
