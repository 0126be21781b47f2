"""Decodes the CSV that COPY writes, without loss; ``binary_rows`` encodes what it reads.

Null is an empty field, an empty text is a quoted empty field.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from psycopg import sql

from synth_assets.stores.postgres.types import NESTED, in_json


def selected(name: str, dtype: pl.DataType, *, is_partition_column: bool = False) -> sql.Composable:
    """The expression that makes COPY write a column in a form that Polars can read.

    Args:
        name: The column's name.
        dtype: Its type in the schema.
        is_partition_column: Whether it is the partition column, which is read as text.
    """
    as_text = is_partition_column or isinstance(dtype, pl.Boolean)
    return sql.SQL("{}::text" if as_text else "{}").format(sql.Identifier(name))


def decode(lines: bytes | bytearray, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Decodes the output of COPY.

    Args:
        lines: CSV without a header.
        schema: Types of its columns by name, in order.
    """
    plain = pl.Schema({name: _plain(dtype) for name, dtype in schema.items()})
    if not lines:
        return pl.DataFrame(schema=schema)
    frame = pl.read_csv(bytes(lines), has_header=False, schema=plain)
    return frame.select(_value(name, dtype) for name, dtype in schema.items())


def _plain(dtype: pl.DataType) -> pl.DataType:
    """The type that the CSV reader reads a column as."""
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return pl.Datetime(dtype.time_unit, "UTC")
    if isinstance(dtype, (*NESTED, pl.Binary, pl.Enum, pl.Categorical)):
        return pl.String()
    return dtype


def _value(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return column.dt.convert_time_zone(dtype.time_zone)
    if isinstance(dtype, pl.Binary):
        return column.str.slice(2).str.decode("hex")
    if isinstance(dtype, NESTED):
        return column.str.json_decode(in_json(dtype)).cast(dtype)
    return column.cast(dtype)
