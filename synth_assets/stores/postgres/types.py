"""The PostgreSQL types of Polars types, spelled as ``format_type`` spells them.

Unsigned integers take the next wider type; nested types are ``jsonb``.
"""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from synth_assets.core.errors import UserError

# Where several Polars types share one, a column of unknown origin is read as the last of them.
NAMES: dict[type[pl.DataType], str] = {
    pl.Int8: "smallint",
    pl.UInt8: "smallint",
    pl.Int16: "smallint",
    pl.UInt16: "integer",
    pl.Int32: "integer",
    pl.UInt32: "bigint",
    pl.Int64: "bigint",
    pl.UInt64: "numeric(20,0)",
    pl.Float32: "real",
    pl.Float64: "double precision",
    pl.Enum: "text",
    pl.Categorical: "text",
    pl.String: "text",
    pl.Boolean: "boolean",
    pl.Binary: "bytea",
    pl.Date: "date",
    pl.Time: "time(6) without time zone",
}
FOUND = {name: dtype for dtype, name in NAMES.items()}
NESTED = (pl.List, pl.Array, pl.Struct)


def postgres_type(dtype: pl.DataType) -> str:
    """The PostgreSQL type of a column.

    Args:
        dtype: The column's type in the schema.

    Raises:
        UserError: No PostgreSQL type holds every value exactly.
    """
    match dtype:
        case pl.Decimal():
            return f"numeric({dtype.precision},{dtype.scale})"
        case pl.Datetime() if dtype.time_unit != "ns":
            return f"timestamp(6) with{'' if dtype.time_zone else 'out'} time zone"
        case pl.List() | pl.Array():
            _refuse_nested(dtype.inner)
            return "jsonb"
        case pl.Struct():
            for field in dtype.fields:
                _refuse_nested(field.dtype)
            return "jsonb"
    try:
        return NAMES[dtype.base_type()]
    except KeyError:
        raise UserError(
            f"PostgreSQL cannot hold {dtype} exactly (times have microseconds there)"
        ) from None


def _refuse_nested(dtype: Any) -> None:
    if dtype == pl.Binary:
        raise UserError("PostgreSQL cannot hold Binary inside of nested columns, which are JSON")
    postgres_type(dtype)


def in_json(dtype: Any) -> pl.DataType:
    """The type in which JSON holds every value exactly.

    Args:
        dtype: A nested type, or a type inside of one.
    """
    match dtype:
        case pl.Struct():
            return pl.Struct({field.name: in_json(field.dtype) for field in dtype.fields})
        case pl.List() | pl.Array():
            return pl.List(in_json(dtype.inner))
        case pl.Datetime() if dtype.time_zone:
            # The text of an offset has no seconds, which zones had before they were standardised.
            return pl.Datetime(dtype.time_unit, "UTC")
    return pl.String() if dtype.is_float() else dtype


def found_type(name: str) -> pl.DataType:
    """The Polars type of a stored column that does not have its schema's type.

    Args:
        name: The PostgreSQL type, as ``format_type`` spells it.
    """
    if numeric := re.fullmatch(r"numeric\((\d+),(\d+)\)", name):
        return pl.Decimal(int(numeric[1]), int(numeric[2]))
    if name.startswith("timestamp"):
        return pl.Datetime("us", "UTC" if name.endswith("with time zone") else None)
    return FOUND.get(name, pl.Unknown)()
