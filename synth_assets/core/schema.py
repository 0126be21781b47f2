"""Descriptions of columns, read from a table's one ``dataframely`` schema class.

The schema tab, the DDL, the dbt sources, the docs and the schema check all use ``columns_of``. A
foreign key and a PII tag are column metadata, written with ``references`` and ``pii``.
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
    """Column metadata: the column is a foreign key.

    Args:
        role: Role of the parent, which the table's ``parents`` maps to the parent's name.
        column: Name of the parent's column.
        detects: Kinds of planted anomalies that the check of the foreign key must find.
    """
    return {FOREIGN_KEY: (role, column), DETECTS: tuple(detects)}


def pii(kind: str) -> dict[str, Any]:
    """Column metadata: the column has the form of personal data (it is synthetic).

    Args:
        kind: Kind of personal data.
    """
    return {PII: kind}


@dataclass(frozen=True)
class ColumnInfo:
    """One column, as DDL, dbt sources and docs need it.

    Attributes:
        name: Its name.
        dtype: Its Polars type.
        description: What it contains.
        nullable: Whether it may be null.
        primary_key: Whether it is part of the primary key.
        foreign_key: Role and column of the parent, if it is a foreign key.
        pii: Kind of personal data, if it has that form.
        constraints: Constraints in words, such as ``min 1``.
        detects: Kinds of planted anomalies that the check of the foreign key must find.
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
    """The columns of a schema, in order.

    Args:
        schema: The schema class.
    """
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
    """Column names and Polars types, in order.

    Args:
        schema: The schema class.
    """
    return pl.Schema({c.name: c.dtype for c in columns_of(schema)})


def violations(schema: type[dy.Schema]) -> pl.Expr:
    """Boolean, true for a row that violates the nullability or a constraint of any column.

    Args:
        schema: The schema class.
    """
    violated = [
        check.is_not_null() & ~check
        for name, column in schema.columns().items()
        for check in column.validation_rules(pl.col(name)).values()
    ]
    # A table may have no rule: every column may be null.
    return pl.any_horizontal(violated) if violated else pl.lit(False)


def differences(expected: pl.Schema, found: pl.Schema) -> list[str]:
    """Differences of a stored schema from the expected one, in words.

    Args:
        expected: The declared schema.
        found: The stored schema.
    """
    lines = [f"column {n} is missing" for n in expected if n not in found]
    lines += [f"column {n} is not in the schema" for n in found if n not in expected]
    lines += [
        f"column {n} is {found[n]}, the schema says {expected[n]}"
        for n in expected
        if n in found and not _same_type(expected[n], found[n])
    ]
    return lines


def _same_type(expected: pl.DataType, found: pl.DataType) -> bool:
    # Stores without an enumeration type keep the words as text.
    return found == expected or (isinstance(expected, pl.Enum) and found == pl.String)


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
    """A quoted identifier of standard SQL.

    Args:
        name: The unquoted identifier.
    """
    return '"' + name.replace('"', '""') + '"'


def sql_type(dtype: pl.DataType) -> str:
    """The name of a Polars type in DuckDB's SQL.

    Args:
        dtype: The Polars type.

    Raises:
        UserError: DuckDB has no such type.
    """
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
