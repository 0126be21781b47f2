"""Null lists, which BigQuery does not distinguish from empty ones: a companion column names them.

A row, or a record in it, with nullable lists has a column ``_null_lists``: the names of its own
lists that are null. The lists themselves can be queried as usual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import dataframely as dy
import polars as pl

from synth_assets.stores.bigquery.columns import nullable_lists
from synth_assets.stores.bigquery.names import NULL_LISTS

Columns = Mapping[str, dy.Column]


def to_stored(columns: Columns) -> list[pl.Expr]:
    """Expressions for the stored columns of a frame, with their companions.

    Args:
        columns: The columns of the table's schema.
    """
    stored = [_to_stored(c, pl.col(n)).alias(n) for n, c in columns.items()]
    return stored + _companion({n: pl.col(n) for n in nullable_lists(columns)})


def from_stored(columns: Columns, names: list[str]) -> list[pl.Expr]:
    """Expressions that restore null lists in stored columns.

    Args:
        columns: The columns of the table's schema.
        names: The requested columns.
    """
    return [_with_nulls(n, columns[n], pl.col(n), pl.col(NULL_LISTS)).alias(n) for n in names]


def have_nulls(columns: Columns) -> list[pl.Expr]:
    """Expressions for whether each list has null elements, which BigQuery refuses.

    Args:
        columns: The columns of the table's schema.

    Returns:
        Aggregations to Boolean, named by the path of the list.
    """
    return [
        has_null.alias(path)
        for n, c in columns.items()
        for path, has_null in _have_nulls(n, c, pl.col(n))
    ]


def _companion(lists: dict[str, pl.Expr]) -> list[pl.Expr]:
    if not lists:
        return []
    names = [pl.when(value.is_null()).then(pl.lit(name)) for name, value in lists.items()]
    return [pl.concat_list(names).list.drop_nulls().alias(NULL_LISTS)]


def _has_nullable_lists(column: dy.Column) -> bool:
    match column:
        case dy.List():
            return _has_nullable_lists(column.inner)
        case dy.Struct():
            inner = column.inner
            return bool(nullable_lists(inner)) or any(map(_has_nullable_lists, inner.values()))
    return False


def _to_stored(column: dy.Column, value: pl.Expr) -> pl.Expr:
    match column:
        case _ if not _has_nullable_lists(column):
            return value
        case dy.List():
            return value.list.eval(_to_stored(column.inner, pl.element()))
        case dy.Struct():
            fields = {n: value.struct.field(n) for n in column.inner}
            stored = [_to_stored(c, fields[n]).alias(n) for n, c in column.inner.items()]
            stored += _companion({n: fields[n] for n in nullable_lists(column.inner)})
            return pl.when(value.is_not_null()).then(pl.struct(stored))
    raise AssertionError(column)


def _from_stored(column: dy.Column, value: pl.Expr) -> pl.Expr:
    match column:
        case _ if not _has_nullable_lists(column):
            return value
        case dy.List():
            return value.list.eval(_from_stored(column.inner, pl.element()))
        case dy.Struct():
            null_names = value.struct.field(NULL_LISTS) if nullable_lists(column.inner) else value
            fields = [
                _with_nulls(n, c, value.struct.field(n), null_names).alias(n)
                for n, c in column.inner.items()
            ]
            return pl.when(value.is_not_null()).then(pl.struct(fields))
    raise AssertionError(column)


def _with_nulls(name: str, column: dy.Column, value: pl.Expr, null_names: pl.Expr) -> pl.Expr:
    value = _from_stored(column, value)
    if not (isinstance(column, dy.List) and column.nullable):
        return value
    return pl.when(~null_names.list.contains(name)).then(value)


def _have_nulls(path: str, column: dy.Column, value: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    match column:
        case dy.List():
            yield path, (value.list.len() > value.list.drop_nulls().list.len()).any()
            for inner, has_null in _have_nulls(path, column.inner, pl.element()):
                yield inner, value.list.eval(has_null).list.first().any()
        case dy.Struct():
            for name, field in column.inner.items():
                yield from _have_nulls(f"{path}.{name}", field, value.struct.field(name))
