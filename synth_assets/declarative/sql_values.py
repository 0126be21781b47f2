"""SQL texts as Polars expressions, with the values that databases give them.

Polars reads SQL itself, with a few values of its own. Where types differ, the text is written
differently (``_written``): lengths and parts of dates are numbers of 64 bits, with which one can
calculate. Where values differ, a part of the text is computed by a function of this module
(``_function``): numbers are rounded half away from zero, a cast to a whole number or to fewer
digits rounds, ``strpos`` counts letters and is null for null, and a time as text has no zeros at
its end. As in PostgreSQL and DuckDB, a cast of a double to a whole number rounds a half to the
even one.

Which parts an SQL text may have is in ``sql``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import polars as pl
import sqlglot
from sqlglot import expressions as exp

Named = Callable[[str], str]
WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT")
TEXT = ("TEXT", "VARCHAR", "CHAR")
# Logarithms that have a name of their own.
BASES = ("2", "10")
# A part of a point in time that is no whole number.
EPOCH = "EPOCH"
# What names of computed parts begin with, and no column.
PART = "#"


def expression_of(text: str, named: Named) -> pl.Expr:
    """The Polars expression of an SQL text.

    Args:
        text: The SQL text.
        named: A column of the text to the name that it has in the frame.
    """
    root, columns = _root(text), _columns(text)
    for column in list(root.find_all(exp.Column)):
        column.replace(exp.column(named(column.name), quoted=True))
    plain, steps = pl.sql_expr(_written(root.this)), _steps(text)
    if len(steps) == 1:
        return plain
    return pl.map_batches(
        # Without a column there is one value for all rows.
        [pl.col(named(name)) for name in columns] or [pl.lit(0)],
        partial(_evaluated, steps, columns),
        return_dtype=pl.dtype_of(plain),
        is_elementwise=bool(columns),
        returns_scalar=not columns,
    )


def assigned(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Computed values as a database assigns them to a column: numbers are rounded.

    Args:
        values: The values.
        dtype: The type of the column.
    """
    if not isinstance(dtype, pl.Decimal) and not dtype.is_integer():
        return values.cast(dtype)
    return pl.map_batches(
        [values], partial(_assigned, dtype), return_dtype=dtype, is_elementwise=True
    )


def _assigned(dtype: pl.DataType, columns: Sequence[pl.Series]) -> pl.Series:
    return _fitted(columns[0], dtype.scale if isinstance(dtype, pl.Decimal) else None).cast(dtype)


@dataclass(frozen=True)
class _Step:
    """A part of an SQL text that is computed: a function of the values of SQL texts."""

    function: Callable[..., pl.Series]
    arguments: tuple[str, ...]


def _evaluated(
    steps: Sequence[_Step], names: Sequence[str], columns: Sequence[pl.Series]
) -> pl.Series:
    named = zip(names or [PART], columns, strict=True)
    frame = pl.DataFrame([column.alias(name) for name, column in named])
    for number, step in enumerate(steps):
        arguments = [pl.sql_expr(text).alias(f"{PART}{n}") for n, text in enumerate(step.arguments)]
        # With the frame, so that a literal has a value for each row.
        values = frame.with_columns(arguments)[[each.meta.output_name() for each in arguments]]
        frame = frame.with_columns(step.function(*values).alias(_name(number)))
    return frame[_name(len(steps) - 1)]


@cache
def _steps(text: str) -> tuple[_Step, ...]:
    """The parts of a text that are computed one after another; the last is the text's value."""
    root = _root(text)
    steps: list[_Step] = []
    # Those within others first.
    for node in reversed(list(root.this.walk(bfs=True))):
        found = _function(node)
        if found is not None:
            function, inner, arguments = found
            steps.append(_Step(function, tuple(map(_written, arguments))))
            inner.replace(exp.column(_name(len(steps) - 1), quoted=True))
    return (*steps, _Step(lambda values: values, (_written(root.this),)))


def _function(node: exp.Expr) -> tuple[Callable[..., pl.Series], exp.Expr, list[exp.Expr]] | None:
    """The function of a node, the node that its values replace, and its arguments."""
    match node:
        case exp.Cast() if node.to.this.name in WHOLE:
            return partial(_fitted, scale=None), node.this, [node.this]
        case exp.Cast() if node.to.this.name == "DECIMAL" and len(node.to.expressions) > 1:
            scale = int(node.to.expressions[1].name)
            return partial(_fitted, scale=scale), node.this, [node.this]
        case exp.Cast() if node.to.this.name in TEXT:
            return _readable, node.this, [node.this]
        case exp.Round():
            digits = node.args.get("decimals")
            places = int(digits.name) if digits is not None else 0
            return partial(_rounded, places=places), node, [node.this]
        case exp.StrPosition():
            return _position, node, [node.this, node.args["substr"]]
    return None


def _rounded(values: pl.Series, places: int) -> pl.Series:
    return values.round(places, mode="half_away_from_zero")


def _fitted(values: pl.Series, scale: int | None) -> pl.Series:
    """Numbers with so many digits after the point, or whole numbers; other values as they are."""
    if values.dtype.is_float() and scale is None:
        return values.round(mode="half_to_even")
    if values.dtype.is_float() or isinstance(values.dtype, pl.Decimal):
        return _rounded(values, scale or 0)
    return values


def _readable(values: pl.Series) -> pl.Series:
    """Points in time as texts without zeros at the end of a fraction; other values as they are."""
    if not isinstance(values.dtype, pl.Datetime) or values.dtype.time_zone is not None:
        return values
    return values.dt.to_string("%Y-%m-%d %H:%M:%S%.f").str.replace(r"(\.\d*?)0+$", "$1")


def _position(texts: pl.Series, parts: pl.Series) -> pl.Series:
    """The position in letters of a part in a text, from 1; 0 if it is not there."""
    text, part = pl.lit(texts), pl.lit(parts)
    before = text.str.splitn(part, 2).struct.field("field_0").str.len_chars().cast(pl.Int64)
    found = pl.when(part == "").then(1).when(text.str.contains(part, literal=True)).then(before + 1)
    known = text.is_not_null() & part.is_not_null()
    return pl.select(pl.when(known).then(found.otherwise(0)).cast(pl.Int64)).to_series()


def _name(number: int) -> str:
    return f"{PART}part{number}"


@cache
def _parsed(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="postgres")


def _root(text: str) -> exp.Paren:
    """A text in parentheses, so that every node of it can be replaced."""
    return exp.Paren(this=_parsed(text).copy())


@cache
def _columns(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column.name for column in _parsed(text).find_all(exp.Column)))


def _written(node: exp.Expr) -> str:
    """The text of a node as Polars reads it."""
    root = exp.Paren(this=node.copy())
    for each in list(root.find_all(exp.Func)):
        _rewrite(each)
    text: str = root.this.sql(dialect="postgres")
    return text


def _rewrite(node: exp.Func) -> None:
    match node:
        case exp.Length():
            _widen(node, _call("LENGTH", node.this))
        case exp.StrPosition():
            _widen(node, _call("STRPOS", node.this, node.args["substr"]))
        case exp.Year() | exp.Month() | exp.Day() | exp.Hour() | exp.Minute() | exp.Second():
            _widen(node, _call(node.sql_name(), node.this))
        case exp.Extract() if node.name.upper() != EPOCH:
            _widen(node, node.copy())
        case exp.Round():
            # PostgreSQL would have a cast of the number.
            node.replace(_call("ROUND", *filter(None, (node.this, node.args.get("decimals")))))
        case exp.Log():
            node.replace(_logarithm(node))


def _widen(node: exp.Expr, call: exp.Expr) -> None:
    node.replace(exp.Cast(this=call, to=exp.DataType.build("BIGINT")))


def _call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _logarithm(node: exp.Log) -> exp.Expr:
    base, number = node.this, node.expression
    if number is None:
        return _call("LOG10", base)
    # Polars has the number first.
    return _call(f"LOG{base.name}", number) if base.name in BASES else _call("LOG", number, base)
