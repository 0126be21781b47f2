"""Column types in Delta tables, and the casts back to the schema's types.

Delta has no unsigned integers, enumerations or times of day. A type that it lacks is stored as
the smallest type that holds every value; a scan casts it back to the schema's own type.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from deltalake import DeltaTable, Field, Schema

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of, polars_schema

# The Polars type in which a type without a Delta equivalent is stored.
STORED_AS: dict[type[pl.DataType], pl.DataType] = {
    pl.UInt8: pl.Int16(),
    pl.UInt16: pl.Int32(),
    pl.UInt32: pl.Int64(),
    pl.UInt64: pl.Decimal(20, 0),
    pl.Enum: pl.String(),
    pl.Categorical: pl.String(),
}
STORED_UNCHANGED = (
    pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Float32, pl.Float64, pl.String, pl.Boolean,
    pl.Binary, pl.Date, pl.Decimal,
)  # fmt: skip


def stored_type(dtype: pl.DataType) -> pl.DataType:
    """The type in which a column is stored.

    Args:
        dtype: The column's type in the schema.

    Raises:
        UserError: Delta has no type that holds every value.
    """
    match dtype:
        case pl.Datetime():
            return pl.Datetime("us", "UTC" if dtype.time_zone else None)
        case pl.List() | pl.Array():
            return pl.List(stored_type(dtype.inner))  # type: ignore[arg-type]
        case pl.Struct():
            return pl.Struct({f.name: stored_type(f.dtype) for f in dtype.fields})  # type: ignore[arg-type]
        case _ if isinstance(dtype, STORED_UNCHANGED):
            return dtype
    try:
        return STORED_AS[dtype.base_type()]
    except KeyError:
        raise UserError(f"no Delta type stands for {dtype}") from None


def stored_schema(table: Table) -> dict[str, pl.DataType]:
    """The columns of the table's schema in the types in which they are stored.

    Args:
        table: The table; its partition column is not included.
    """
    return {n: stored_type(t) for n, t in polars_schema(table.schema).items()}


def delta_schema(table: Table) -> Schema:
    """The schema of a new Delta table: columns with comments, then the partition column.

    Every column is nullable whatever the table's schema says: the store accepts all rows, and
    checks evaluate them.

    Args:
        table: The table.
    """
    columns = {
        **stored_schema(table),
        table.partitioning.partition_column: table.partitioning.column_type,
    }
    comments = {c.name: c.description for c in columns_of(table.schema)}
    plain = Schema.from_arrow(pl.DataFrame(schema=columns).to_arrow().schema)
    return Schema([_commented(field, comments.get(field.name, "")) for field in plain.fields])


def _commented(field: Field, comment: str) -> Field:
    metadata = {"comment": comment} if comment else {}
    return Field(field.name, field.type, nullable=True, metadata=metadata)


def columns_in(delta: DeltaTable, table: Table) -> dict[str, pl.DataType]:
    """The columns of a Delta table without the partition column.

    Args:
        delta: The Delta table, at any version.
        table: The table, for the types of its schema.

    Returns:
        The schema's type for a column that is stored as ``stored_type`` of it; else the type as
        stored.
    """
    found = dict(pl.Schema(delta.schema()))
    found.pop(table.partitioning.partition_column, None)
    declared, expected = polars_schema(table.schema), stored_schema(table)
    return {n: declared[n] if expected.get(n) == t else t for n, t in found.items()}


def casts(columns: Mapping[str, pl.DataType], to: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """Expressions that cast columns to other types.

    Args:
        columns: Names and types of the columns as they are.
        to: Names and types of the columns to select; a column of that type already is not cast.
    """
    return [pl.col(n) if columns[n] == t else pl.col(n).cast(t) for n, t in to.items()]
