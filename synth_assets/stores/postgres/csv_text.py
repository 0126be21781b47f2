"""Encodes rows as the CSV that COPY reads, and decodes its output, without loss.

Null is an empty field, an empty text is a quoted empty field. Nested values are JSON: integers and
booleans are JSON values, all others (decimals, floats, times) are strings, since ``jsonb`` keeps
neither NaN nor the number of digits.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import polars as pl
from psycopg import sql

from synth_assets.core.errors import UserError
from synth_assets.stores.postgres.types import NESTED

# Nanoseconds of a microsecond, PostgreSQL's resolution.
NANOSECONDS = 1_000


def encode(batch: pl.DataFrame, partition_column: str, key: str) -> bytes:
    """Encodes rows for COPY.

    Args:
        batch: Rows in the columns of the table's schema.
        partition_column: Name of the partition column.
        key: The partition's key, which is added as the last column.

    Returns:
        CSV without a header.

    Raises:
        UserError: PostgreSQL cannot hold a value exactly.
    """
    _refuse_nanoseconds(batch)
    fields = [_field(name, dtype) for name, dtype in batch.schema.items()]
    out = io.BytesIO()
    batch.select(*fields, pl.lit(key).alias(partition_column)).write_csv(out, include_header=False)
    lines = out.getvalue()
    if b"\0" in lines:
        raise UserError(_with_nul(batch))
    return lines


def _field(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Binary):
        return (pl.lit("\\x") + column.bin.encode("hex")).alias(name)
    if isinstance(dtype, NESTED):
        # Polars encodes only structs as JSON: wrap the value in one, then remove the wrapper.
        wrapped = pl.struct(value=column.cast(_in_json(dtype))).struct.json_encode()
        bare = wrapped.str.strip_prefix('{"value":').str.strip_suffix("}")
        return pl.when(column.is_not_null()).then(bare).alias(name)
    return column


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
        return column.str.json_decode(_in_json(dtype)).cast(dtype)
    return column.cast(dtype)


def _in_json(dtype: Any) -> pl.DataType:
    """The type in which JSON holds every value exactly."""
    match dtype:
        case pl.Struct():
            return pl.Struct({field.name: _in_json(field.dtype) for field in dtype.fields})
        case pl.List() | pl.Array():
            return pl.List(_in_json(dtype.inner))
    return pl.String() if dtype.is_float() else dtype


def _refuse_nanoseconds(batch: pl.DataFrame) -> None:
    times = [name for name, dtype in batch.schema.items() if isinstance(dtype, pl.Time)]
    too_fine = batch.select(
        (pl.col(name).cast(pl.Int64) % NANOSECONDS != 0).any() for name in times
    )
    for name in times:
        if too_fine[name].item():
            raise UserError(f"column {name} has times finer than PostgreSQL's microseconds")


def _with_nul(batch: pl.DataFrame) -> str:
    texts = batch.select(pl.col(pl.String, pl.Enum, pl.Categorical).cast(pl.String))
    found = [s.name for s in texts if s.str.contains("\0", literal=True).any()]
    return f"column {', '.join(found)} holds the NUL character, which PostgreSQL cannot store"
