"""Numbers that are too large for their type: they stop the run.

Whole numbers of expressions wrap around in Polars, without an error. So the operators ``+``, ``-``,
``*`` and ``pow``, and CASE and COALESCE of them, are computed a second time in double precision:
what is another number there has wrapped around. So are those within other operators and functions,
except in CASE and COALESCE, which may not use them in every row. A double that is infinite has no
second computation to be compared with.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial

import polars as pl
from polars.datatypes import IntegerType
from sqlglot import expressions as exp

from synth_assets.declarative.sql import parsed, tree_of
from synth_assets.declarative.sql_values import expression_of

ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Pow, exp.Neg, exp.Exp)
OPERATORS: dict[type[exp.Expr], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    exp.Add: operator.add,
    exp.Sub: operator.sub,
    exp.Mul: operator.mul,
}
# What is computed a second time.
FOLLOWED = (*OPERATORS, exp.Neg, exp.Pow, exp.Case, exp.Coalesce)
# Longer expressions would take too long a second time.
MOST_OPERATORS = 100
Named = Callable[[str], str]


def checked(text: str, named: Named) -> pl.Expr:
    """An SQL expression that stops the run where a number is too large for its type.

    Args:
        text: The SQL text.
        named: A column of the expression to the name that it has in the frame.
    """
    made, tree = parsed(text).over(named), tree_of(text)
    count = sum(isinstance(node, ARITHMETIC) for node in tree.walk())
    if not 0 < count <= MOST_OPERATORS:
        return made
    operands: dict[str, pl.Expr] = {}
    parts = _parts(tree)
    doubles = [_double(part, named, operands) for part in (tree, *parts)]
    values = [made, *(expression_of(part.sql(dialect="postgres"), named) for part in parts)]
    return pl.map_batches(
        [*values, *operands.values()],
        partial(_verified, doubles),
        return_dtype=pl.dtype_of(made),
        is_elementwise=bool(operands),
        # Without a column there is one value for all rows.
        returns_scalar=not operands,
    )


def _parts(tree: exp.Expr) -> list[exp.Expr]:
    """What is computed a second time within other operators and functions of an expression."""
    found = []
    for node in tree.walk(prune=lambda node: isinstance(node, exp.Case | exp.Coalesce)):
        if node is tree or not isinstance(node, FOLLOWED) or node.find(exp.Column) is None:
            continue
        outer = node.parent
        while isinstance(outer, exp.Paren):
            outer = outer.parent
        if not isinstance(outer, FOLLOWED):
            found.append(node)
    return found


def finite(values: pl.Expr) -> pl.Expr:
    """Numbers in single or double precision that stop the run where one is infinite.

    Args:
        values: The numbers of the rows.
    """
    return pl.map_batches([values], _finite, return_dtype=pl.dtype_of(values), is_elementwise=True)


def _finite(columns: Sequence[pl.Series]) -> pl.Series:
    if columns[0].dtype.is_float() and columns[0].is_infinite().any():
        raise pl.exceptions.ComputeError("a number is infinite: too large, or divided by zero")
    return columns[0]


def _verified(doubles: Sequence[pl.Expr], columns: Sequence[pl.Series]) -> pl.Series:
    made, operands = columns[: len(doubles)], columns[len(doubles) :]
    _finite([made[0]])
    frame = pl.DataFrame([column.alias(str(n)) for n, column in enumerate(operands)])
    for values, double in zip(made, doubles, strict=True):
        if isinstance(values.dtype, IntegerType):
            computed = frame.select(double.alias("double")).to_series()
            _require_equal(values, computed, values.dtype)
    return made[0]


def _require_equal(made: pl.Series, computed: pl.Series, dtype: IntegerType) -> None:
    least, most = pl.select(least=dtype.min(), most=dtype.max()).row(0)
    # What has wrapped around is off by all values of the type; rounding of doubles, by few.
    if not ((computed - made.cast(pl.Float64)).abs() < (most - least) / 2).all():
        raise pl.exceptions.ComputeError(f"a number is not from {least} to {most}")


def _double(node: exp.Expr, named: Named, operands: dict[str, pl.Expr]) -> pl.Expr:
    """The expression in double precision, over operands by their numbers."""
    after = []
    while type(node) in OPERATORS:
        after.append(node)
        node = node.this
    value = _part(node, named, operands)
    for each in reversed(after):
        value = OPERATORS[type(each)](value, _double(each.expression, named, operands))
    return value


def _part(node: exp.Expr, named: Named, operands: dict[str, pl.Expr]) -> pl.Expr:
    inner = partial(_double, named=named, operands=operands)
    match node:
        case exp.Paren():
            return inner(node.this)
        case exp.Neg():
            return -inner(node.this)
        case exp.Pow():
            return inner(node.this).pow(inner(node.expression))
        case exp.Coalesce():
            return pl.coalesce(inner(node.this), *map(inner, node.expressions))
        case exp.Case() if node.this is None:
            default = node.args.get("default")
            chosen = pl.lit(None) if default is None else inner(default)
            for each in reversed(node.args["ifs"]):
                condition = _operand(each.this, named, operands)
                chosen = pl.when(condition).then(inner(each.args["true"])).otherwise(chosen)
            return chosen
    return _operand(node, named, operands).cast(pl.Float64, strict=False)


def _operand(node: exp.Expr, named: Named, operands: dict[str, pl.Expr]) -> pl.Expr:
    text = node.sql(dialect="postgres")
    if node.find(exp.Column) is None:
        return expression_of(text, named)
    if text not in operands:
        operands[text] = expression_of(text, named)
    return pl.col(str(list(operands).index(text)))
