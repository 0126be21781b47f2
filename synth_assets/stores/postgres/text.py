"""Rows as the CSV that COPY reads and writes, so that every value comes back as it was.

Null is an empty field, an empty text a quoted one. Nested values are JSON, in which whole
numbers and booleans are JSON's own and everything else (decimals, floats, times) is a string,
since ``jsonb`` knows neither NaN nor how many digits a number had.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import polars as pl
from psycopg import sql

from synth_assets.core.errors import UserError
from synth_assets.stores.postgres.types import NESTED

NANOSECONDS = 1_000


def encoded(batch: pl.DataFrame, partition_column: str, key: str) -> bytes:
    """The batch as CSV without a header, with the key as its last column."""
    _refuse_what_is_lost(batch)
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
        # Polars writes structs alone as JSON: wrap the value in one and take that off again.
        wrapped = pl.struct(value=column.cast(_in_json(dtype))).struct.json_encode()
        bare = wrapped.str.strip_prefix('{"value":').str.strip_suffix("}")
        return pl.when(column.is_not_null()).then(bare).alias(name)
    return column


def selected(name: str, dtype: pl.DataType, *, is_axis: bool = False) -> sql.Composable:
    """The column as COPY shall put it out: as Polars reads it."""
    as_text = is_axis or isinstance(dtype, pl.Boolean)
    return sql.SQL("{}::text" if as_text else "{}").format(sql.Identifier(name))


def decoded(lines: bytes | bytearray, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Rows of COPY's CSV, in the schema's types."""
    plain = pl.Schema({name: _plain(dtype) for name, dtype in schema.items()})
    if not lines:
        return pl.DataFrame(schema=schema)
    frame = pl.read_csv(bytes(lines), has_header=False, schema=plain)
    return frame.select(_value(name, dtype) for name, dtype in schema.items())


def _plain(dtype: pl.DataType) -> pl.DataType:
    """What the CSV reader reads it as."""
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
    """The type whose JSON holds every value exactly, and reads back."""
    match dtype:
        case pl.Struct():
            return pl.Struct({field.name: _in_json(field.dtype) for field in dtype.fields})
        case pl.List() | pl.Array():
            return pl.List(_in_json(dtype.inner))
    return pl.String() if dtype.is_float() else dtype


def _refuse_what_is_lost(batch: pl.DataFrame) -> None:
    times = [name for name, dtype in batch.schema.items() if isinstance(dtype, pl.Time)]
    finer = batch.select((pl.col(name).cast(pl.Int64) % NANOSECONDS != 0).any() for name in times)
    for name in times:
        if finer[name].item():
            raise UserError(f"column {name} has times finer than PostgreSQL's microseconds")


def _with_nul(batch: pl.DataFrame) -> str:
    texts = batch.select(pl.col(pl.String, pl.Enum, pl.Categorical).cast(pl.String))
    found = [s.name for s in texts if s.str.contains("\0", literal=True).any()]
    return f"column {', '.join(found)} holds the NUL character, which PostgreSQL cannot store"
