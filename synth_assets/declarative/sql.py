"""SQL expressions over the columns of a row: what is allowed in them.

An expression may use the row's columns, literals, operators, CASE, CAST and the functions below. An
aggregate, a window or a query would make a row depend on others, and so on how the table is
partitioned; they are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import polars as pl
import sqlglot
from sqlglot import expressions as exp
from sqlglot.errors import SqlglotError

from synth_assets.declarative.sql_values import expression_of

# Nodes of the parsed expression that are no functions.
OPERATORS = [
    "Add", "Alias", "And", "Between", "Boolean", "Case", "Cast", "Column", "Concat", "DPipe",
    "DataType", "DataTypeParam", "Div", "EQ", "Extract", "GT", "GTE", "Identifier", "If", "In",
    "Interval", "Is", "LT", "LTE", "Like", "Literal", "Mod", "Mul", "NEQ", "Neg", "Not", "Null",
    "Or", "Paren", "Pow", "Sub", "Tuple", "Var",
]  # fmt: skip
FUNCTIONS = [
    "abs", "acos", "asin", "atan", "atan2", "ceil", "coalesce", "concat", "cos", "date_part",
    "degrees", "ends_with", "exp", "extract", "floor", "greatest", "if", "ifnull", "initcap",
    "least", "left", "length", "ln", "log10", "log2", "lower", "lpad", "ltrim", "mod", "nullif",
    "pi", "pow", "power", "radians", "regexp_like", "replace", "reverse", "right", "round",
    "rpad", "rtrim", "sign", "sin", "sqrt", "starts_with", "strftime", "strpos", "substr",
    "tan", "trim", "upper", "year", "month", "day", "hour", "minute", "second",
]  # fmt: skip
# sqlglot's names of functions that are not the words of SQL.
NODES = {
    "Pad": "lpad", "Substring": "substr", "Ceil": "ceil", "TimeToStr": "strftime", "Log": "log10",
    "RegexpLike": "regexp_like", "StrPosition": "strpos", "StartsWith": "starts_with",
    "EndsWith": "ends_with",
}  # fmt: skip


# Most levels of an expression, a few less than Polars reads.
MOST_LEVELS = 40
# Most texts that are joined by ``||``: Polars ends the process on long chains of them.
MOST_JOINED = 200
# Characters to which a text can be padded.
MOST_PADDED = 1_000
# Characters of a text that an error shows.
SHOWN = 40


@dataclass(frozen=True)
class Expression:
    """A parsed SQL expression.

    Attributes:
        text: The SQL text.
        columns: Names of the columns that it reads, in order.
        gives_null: Whether it may be null although no column is.
    """

    text: str
    columns: tuple[str, ...]
    gives_null: bool

    def over(self, named: Callable[[str], str]) -> pl.Expr:
        """The Polars expression over columns of other names.

        Args:
            named: A column of the expression to the name that it has in the frame.
        """
        return expression_of(self.text, named)

    def type(self, types: pl.Schema) -> pl.DataType:
        """The type of the expression's values.

        Args:
            types: The types of the columns of the row.

        Raises:
            ValueError: It cannot be evaluated over such types.
        """
        return evaluated_type(self.over(lambda name: name), self.text, types)

    def require_evaluable(self, types: pl.Schema) -> None:
        """Refuses columns of types that the expression cannot have.

        Args:
            types: The types of its columns.

        Raises:
            ValueError: It cannot be evaluated.
        """
        self.type(types)

    def require_condition(self, types: pl.Schema) -> None:
        """Refuses an expression that is neither true nor false.

        Args:
            types: The types of the columns of the row.

        Raises:
            ValueError: It is no condition, or cannot be evaluated over such types.
        """
        found = self.type(types)
        if found not in (pl.Boolean(), pl.Null()):
            raise ValueError(f"{self.text!r} is no condition: its values are of type {found}")


def evaluated_type(expression: pl.Expr, text: str, types: pl.Schema) -> pl.DataType:
    """The type of the values of an expression.

    Args:
        expression: The expression.
        text: What it is, for the error.
        types: The types of the columns of the row.

    Raises:
        ValueError: It cannot be evaluated over such types.
    """
    try:
        return pl.DataFrame(schema=types).select(expression).to_series().dtype
    except pl.exceptions.PolarsError as error:
        reason = str(error).split("\n")[0]
        raise ValueError(f"cannot evaluate {text!r}: {reason}") from None


@cache
def parsed(text: str) -> Expression:
    """An SQL expression, of allowed parts only.

    Args:
        text: The SQL text.

    Raises:
        ValueError: It cannot be parsed, or has a part that is not allowed; names it.
    """
    tree = tree_of(text)
    _require_flat(text, tree)
    _require_few_joined(text, tree)
    for node in tree.walk():
        _require_allowed(node)
    try:
        expression_of(text, lambda name: name)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"cannot evaluate {text!r}: {error}") from None
    columns = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
    return Expression(text, columns, any(_gives_null(node) for node in tree.walk()))


def tree_of(text: str) -> exp.Expr:
    """An SQL expression as it is parsed.

    Args:
        text: The SQL text.

    Raises:
        ValueError: It cannot be parsed.
    """
    try:
        tree = sqlglot.parse_one(text, dialect="postgres")
    except RecursionError:
        raise _deep(text) from None
    except SqlglotError as error:
        reason = str(error).split("\n")[0].removesuffix(".")
        raise ValueError(f"cannot read the SQL {text!r}: {reason}") from None
    if isinstance(tree, exp.Alias):
        raise ValueError(f"{text!r} is no single expression: an operator or a comma is missing")
    return tree


def _require_flat(text: str, tree: exp.Expr) -> None:
    """Refuses an expression in an expression, and so on, that the SQL of Polars does not read."""
    levels = {id(tree): 1}
    for node in tree.walk(bfs=True):
        if node.parent is not None and node is not tree:
            # The left side of an operator may be as long as the text is.
            is_left = isinstance(node.parent, exp.Binary) and node.arg_key == "this"
            levels[id(node)] = levels[id(node.parent)] + (not is_left)
        if levels[id(node)] > MOST_LEVELS:
            raise _deep(text)


def _require_few_joined(text: str, tree: exp.Expr) -> None:
    if sum(isinstance(node, exp.DPipe) for node in tree.walk()) > MOST_JOINED:
        raise ValueError(
            f"{text[:SHOWN]!r}… has more than {MOST_JOINED} `||`: make columns of its parts "
            "(hidden ones are not stored)"
        )


def _deep(text: str) -> ValueError:
    return ValueError(
        f"{text[:SHOWN]!r}… has more than {MOST_LEVELS} levels of parentheses, functions, NOT and "
        "CASE in each other: make columns of its parts (hidden ones are not stored)"
    )


def _require_allowed(node: exp.Expr) -> None:
    kind = type(node).__name__
    if isinstance(node, exp.Column) and node.table:
        raise ValueError(f"{node.sql()} names a table: columns of the same row have plain names")
    if kind in OPERATORS:
        return
    if isinstance(node, exp.Pad):
        length = node.expression
        if not (length.is_int and 0 <= int(length.to_py()) <= MOST_PADDED):
            raise ValueError(
                f"{node.sql()[:SHOWN]!r}… must have a length written as a number from 0 to "
                f"{MOST_PADDED:,}"
            )
    name = node.name if isinstance(node, exp.Anonymous) else NODES.get(kind, kind)
    known = {function.replace("_", "") for function in FUNCTIONS}
    if isinstance(node, exp.Func) and name.lower().replace("_", "") in known:
        return
    raise ValueError(
        f"{node.sql() or kind!r} is not allowed: an expression has the columns of its row, "
        f"literals, operators, CASE, CAST, and the functions {', '.join(FUNCTIONS)}"
    )


def _gives_null(node: exp.Expr) -> bool:
    if isinstance(node, exp.Case):
        return node.args.get("default") is None
    if isinstance(node, exp.If):
        return not isinstance(node.parent, exp.Case) and node.args.get("false") is None
    is_test = isinstance(node, exp.Null) and isinstance(node.parent, exp.Is)
    return isinstance(node, exp.Null | exp.Nullif) and not is_test
