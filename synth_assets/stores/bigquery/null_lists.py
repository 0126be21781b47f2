"""Null lists, which BigQuery cannot tell from empty ones: a companion column names them.

A row, and each record in it, that may hold null lists has a column ``_null_lists``: the names of
its own lists that are null. The lists themselves stay plain to query; both ways here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import dataframely as dy
import polars as pl

from synth_assets.stores.bigquery.columns import null_lists_of
from synth_assets.stores.bigquery.names import NULL_LISTS

Columns = Mapping[str, dy.Column]


def written(columns: Columns) -> list[pl.Expr]:
    """A frame's columns as they are stored."""
    made = [_written(c, pl.col(n)).alias(n) for n, c in columns.items()]
    return made + _companion({n: pl.col(n) for n in null_lists_of(columns)})


def read(columns: Columns, names: list[str]) -> list[pl.Expr]:
    """Stored columns, of those that are asked for, as they were before."""
    return [_nulled(n, columns[n], pl.col(n), pl.col(NULL_LISTS)).alias(n) for n in names]


def holes(columns: Columns) -> list[pl.Expr]:
    """For every list, whether any of its values is null, for which BigQuery has no place."""
    return [
        broken.alias(path) for n, c in columns.items() for path, broken in _holes(n, c, pl.col(n))
    ]


def _companion(lists: dict[str, pl.Expr]) -> list[pl.Expr]:
    if not lists:
        return []
    names = [pl.when(value.is_null()).then(pl.lit(name)) for name, value in lists.items()]
    return [pl.concat_list(names).list.drop_nulls().alias(NULL_LISTS)]


def _needs(column: dy.Column) -> bool:
    match column:
        case dy.List():
            return _needs(column.inner)
        case dy.Struct():
            inner = column.inner
            return bool(null_lists_of(inner)) or any(map(_needs, inner.values()))
    return False


def _written(column: dy.Column, value: pl.Expr) -> pl.Expr:
    match column:
        case _ if not _needs(column):
            return value
        case dy.List():
            return value.list.eval(_written(column.inner, pl.element()))
        case dy.Struct():
            fields = {n: value.struct.field(n) for n in column.inner}
            made = [_written(c, fields[n]).alias(n) for n, c in column.inner.items()]
            made += _companion({n: fields[n] for n in null_lists_of(column.inner)})
            return pl.when(value.is_not_null()).then(pl.struct(made))
    raise AssertionError(column)


def _read(column: dy.Column, value: pl.Expr) -> pl.Expr:
    match column:
        case _ if not _needs(column):
            return value
        case dy.List():
            return value.list.eval(_read(column.inner, pl.element()))
        case dy.Struct():
            said = value.struct.field(NULL_LISTS) if null_lists_of(column.inner) else value
            fields = [
                _nulled(n, c, value.struct.field(n), said).alias(n) for n, c in column.inner.items()
            ]
            return pl.when(value.is_not_null()).then(pl.struct(fields))
    raise AssertionError(column)


def _nulled(name: str, column: dy.Column, value: pl.Expr, said: pl.Expr) -> pl.Expr:
    value = _read(column, value)
    if not (isinstance(column, dy.List) and column.nullable):
        return value
    return pl.when(~said.list.contains(name)).then(value)


def _holes(path: str, column: dy.Column, value: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    match column:
        case dy.List():
            yield path, (value.list.len() > value.list.drop_nulls().list.len()).any()
            for inner, broken in _holes(path, column.inner, pl.element()):
                yield inner, value.list.eval(broken).list.first().any()
        case dy.Struct():
            for name, field in column.inner.items():
                yield from _holes(f"{path}.{name}", field, value.struct.field(name))
