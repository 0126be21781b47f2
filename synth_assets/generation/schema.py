"""What a column says about itself, read from a table's one ``dataframely`` schema class.

The schema tab, the DDL, the dbt sources, the docs and the schema rule all come from
``columns_of``. A foreign key and a PII tag are column metadata, written with ``references``
and ``pii``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dataframely as dy
import polars as pl

FOREIGN_KEY = "foreign_key"
PII = "pii"
CONSTRAINTS = ("min", "min_exclusive", "max", "max_exclusive", "min_length", "max_length", "regex")


def references(role: str, column: str = "id") -> dict[str, Any]:
    """Column metadata: values are found in ``column`` of the parent that plays ``role``."""
    return {FOREIGN_KEY: (role, column)}


def pii(kind: str) -> dict[str, Any]:
    """Column metadata: the column looks like personal data of this kind (it is synthetic)."""
    return {PII: kind}


@dataclass(frozen=True)
class ColumnInfo:
    """One column as every derived document needs it.

    ``foreign_key`` is (role, column) of a parent; ``constraints`` are readable bounds such as
    ``min 1``.
    """

    name: str
    dtype: pl.DataType
    description: str
    nullable: bool
    primary_key: bool
    foreign_key: tuple[str, str] | None
    pii: str | None
    constraints: tuple[str, ...]


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
    )


def polars_schema(schema: type[dy.Schema]) -> pl.Schema:
    """Column names and Polars types, in order."""
    return pl.Schema({c.name: c.dtype for c in columns_of(schema)})


def violations(schema: type[dy.Schema]) -> pl.Expr:
    """True for a row that breaks the nullability or a constraint of any column."""
    broken = [
        rule.is_not_null() & ~rule
        for name, column in schema.columns().items()
        for rule in column.validation_rules(pl.col(name)).values()
    ]
    return pl.any_horizontal(broken)


SQL_TYPES = {
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.UInt32: "bigint",
    pl.Float64: "double",
    pl.String: "varchar",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamp",
    pl.Enum: "varchar",
}


def sql_type(dtype: pl.DataType) -> str:
    """The standard SQL name of a Polars type; ``KeyError`` for one no table uses yet."""
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    return SQL_TYPES[type(dtype)]
