"""A table's columns as Delta keeps them, and back.

Delta has neither unsigned numbers, enumerations nor times of day. What it lacks is stored as
the next type that holds every value; a scan casts it back to the schema's own type.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from deltalake import DeltaTable, Field, Schema

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of, polars_schema

# The Polars type in which a type is stored that Delta has none for.
STORED_AS: dict[type[pl.DataType], pl.DataType] = {
    pl.UInt8: pl.Int16(),
    pl.UInt16: pl.Int32(),
    pl.UInt32: pl.Int64(),
    pl.UInt64: pl.Decimal(20, 0),
    pl.Enum: pl.String(),
    pl.Categorical: pl.String(),
}
STORED_AS_THEY_ARE = (
    pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Float32, pl.Float64, pl.String, pl.Boolean,
    pl.Binary, pl.Date, pl.Decimal,
)  # fmt: skip


def stored_type(dtype: pl.DataType) -> pl.DataType:
    """The type in which a column is stored; ``UserError`` for one that Delta cannot keep."""
    match dtype:
        case pl.Datetime():
            return pl.Datetime("us", "UTC" if dtype.time_zone else None)
        case pl.List() | pl.Array():
            return pl.List(stored_type(dtype.inner))  # type: ignore[arg-type]
        case pl.Struct():
            return pl.Struct({f.name: stored_type(f.dtype) for f in dtype.fields})  # type: ignore[arg-type]
        case _ if isinstance(dtype, STORED_AS_THEY_ARE):
            return dtype
    try:
        return STORED_AS[dtype.base_type()]
    except KeyError:
        raise UserError(f"no Delta type stands for {dtype}") from None


def stored_schema(table: Table) -> dict[str, pl.DataType]:
    """The table's own columns in the types in which they are stored."""
    return {n: stored_type(t) for n, t in polars_schema(table.schema).items()}


def delta_schema(table: Table) -> Schema:
    """What a new Delta table is made of: columns with their comments, then the axis.

    Columns may be null whatever the schema says: a store takes what was made, checks judge it.
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
    """Columns that a Delta table has; one stored as the schema wants it is of the wanted type."""
    found = dict(pl.Schema(delta.schema()))
    found.pop(table.partitioning.partition_column, None)
    wanted, expected = polars_schema(table.schema), stored_schema(table)
    return {n: wanted[n] if expected.get(n) == t else t for n, t in found.items()}


def casts(columns: Mapping[str, pl.DataType], to: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """Each column in its type of ``to``; those of that type already are only named."""
    return [pl.col(n) if columns[n] == t else pl.col(n).cast(t) for n, t in to.items()]
