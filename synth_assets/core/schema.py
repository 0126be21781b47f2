"""What a column says about itself, read from a table's one ``dataframely`` schema class.

The schema tab, the DDL, the dbt sources, the docs and the schema check all come from
``columns_of``. A foreign key and a PII tag are column metadata, written with ``references``
and ``pii``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dataframely as dy
import polars as pl

from synth_assets.core.errors import UserError

FOREIGN_KEY = "foreign_key"
DETECTS = "detects"
PII = "pii"
CONSTRAINTS = ("min", "min_exclusive", "max", "max_exclusive", "min_length", "max_length", "regex")


def references(role: str, column: str = "id", detects: Sequence[str] = ()) -> dict[str, Any]:
    """Column metadata: values are found in ``column`` of the parent that plays ``role``.

    ``detects`` names planted anomalies that the check of it must find.
    """
    return {FOREIGN_KEY: (role, column), DETECTS: tuple(detects)}


def pii(kind: str) -> dict[str, Any]:
    """Column metadata: the column looks like personal data of this kind (it is synthetic)."""
    return {PII: kind}


@dataclass(frozen=True)
class ColumnInfo:
    """One column as every derived document needs it.

    ``foreign_key`` is (role, column) of a parent, ``detects`` the planted anomalies that the check
    of it must find; ``constraints`` are readable bounds such as ``min 1``.
    """

    name: str
    dtype: pl.DataType
    description: str
    nullable: bool
    primary_key: bool
    foreign_key: tuple[str, str] | None
    pii: str | None
    constraints: tuple[str, ...]
    detects: tuple[str, ...] = ()


def columns_of(schema: type[dy.Schema]) -> list[ColumnInfo]:
    """The columns of a schema, in order."""
    return [_info(name, column) for name, column in schema.columns().items()]


def _info(name: str, column: dy.Column) -> ColumnInfo:
    metadata = column.metadata or {}
    bounds = [(c, getattr(column, c, None)) for c in CONSTRAINTS]
    return ColumnInfo(
        name=name,
        dtype=column.dtype,
        description=column.description or "",
        nullable=column.nullable,
        primary_key=column.primary_key,
        foreign_key=metadata.get(FOREIGN_KEY),
        pii=metadata.get(PII),
        constraints=tuple(f"{c.replace('_', ' ')} {v}" for c, v in bounds if v is not None),
        detects=metadata.get(DETECTS, ()),
    )


def polars_schema(schema: type[dy.Schema]) -> pl.Schema:
    """Column names and Polars types, in order."""
    return pl.Schema({c.name: c.dtype for c in columns_of(schema)})


def violations(schema: type[dy.Schema]) -> pl.Expr:
    """True for a row that breaks the nullability or a constraint of any column."""
    broken = [
        check.is_not_null() & ~check
        for name, column in schema.columns().items()
        for check in column.validation_rules(pl.col(name)).values()
    ]
    return pl.any_horizontal(broken)


def differences(wanted: pl.Schema, found: pl.Schema) -> list[str]:
    """How a stored schema differs from the wanted one, in words; empty where it does not."""
    lines = [f"column {n} is missing" for n in wanted if n not in found]
    lines += [f"column {n} is not in the schema" for n in found if n not in wanted]
    lines += [
        f"column {n} is {found[n]}, the schema says {wanted[n]}"
        for n in wanted
        if n in found and not _same_type(wanted[n], found[n])
    ]
    return lines


def _same_type(wanted: pl.DataType, found: pl.DataType) -> bool:
    # Stores without an enumeration type keep the words as text.
    return found == wanted or (isinstance(wanted, pl.Enum) and found == pl.String)


SQL_TYPES = {
    pl.Int8: "tinyint",
    pl.Int16: "smallint",
    pl.Int32: "integer",
    pl.Int64: "bigint",
    pl.UInt8: "smallint",
    pl.UInt16: "integer",
    pl.UInt32: "bigint",
    pl.UInt64: "decimal(20,0)",
    pl.Float32: "real",
    pl.Float64: "double",
    pl.String: "varchar",
    pl.Enum: "varchar",
    pl.Categorical: "varchar",
    pl.Boolean: "boolean",
    pl.Binary: "blob",
    pl.Date: "date",
    pl.Time: "time",
}


def quoted(name: str) -> str:
    """A name as standard SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def sql_type(dtype: pl.DataType) -> str:
    """The SQL name of a Polars type as DuckDB reads it; ``UserError`` for one it has none for."""
    match dtype:
        case pl.Decimal():
            return f"decimal({dtype.precision},{dtype.scale})"
        case pl.Datetime():
            return "timestamp with time zone" if dtype.time_zone else "timestamp"
        case pl.List() | pl.Array():
            return f"{sql_type(dtype.inner)}[]"  # type: ignore[arg-type]
        case pl.Struct():
            fields = (f"{quoted(f.name)} {sql_type(f.dtype)}" for f in dtype.fields)  # type: ignore[arg-type]
            return f"struct({', '.join(fields)})"
    try:
        return SQL_TYPES[dtype.base_type()]
    except KeyError:
        raise UserError(f"no SQL type stands for {dtype}") from None
