"""A table's columns as BigQuery keeps them, and back.

BigQuery has one whole number, one floating point number and one text. Every value of a type
finds its place in them, and a scan casts it back to the schema's own type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dataframely as dy
import polars as pl
import pyarrow as pa
from google.cloud.bigquery import SchemaField

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partitioning, Sharded, Unpartitioned
from synth_assets.core.schema import polars_schema
from synth_assets.stores.bigquery.names import NULL_LISTS, SLICE, refuse_column

LONGEST_DESCRIPTION = 1024
TYPES: dict[type[pl.DataType], str] = {
    pl.Int8: "INT64", pl.Int16: "INT64", pl.Int32: "INT64", pl.Int64: "INT64",
    pl.UInt8: "INT64", pl.UInt16: "INT64", pl.UInt32: "INT64",
    pl.Float32: "FLOAT64", pl.Float64: "FLOAT64",
    pl.String: "STRING", pl.Enum: "STRING", pl.Categorical: "STRING",
    pl.Boolean: "BOOL", pl.Binary: "BYTES", pl.Date: "DATE", pl.Time: "TIME",
}  # fmt: skip
# The Polars type that a column is read as which another schema made, and Arrow's in files.
FOUND: dict[str, pl.DataType] = {
    "INT64": pl.Int64(), "FLOAT64": pl.Float64(), "STRING": pl.String(), "BOOL": pl.Boolean(),
    "BYTES": pl.Binary(), "DATE": pl.Date(), "TIME": pl.Time(), "DATETIME": pl.Datetime("us"),
    "TIMESTAMP": pl.Datetime("us", "UTC"),
}  # fmt: skip
ARROW: dict[str, pa.DataType] = {
    "INT64": pa.int64(), "FLOAT64": pa.float64(), "STRING": pa.large_string(), "BOOL": pa.bool_(),
    "BYTES": pa.large_binary(), "DATE": pa.date32(), "TIME": pa.time64("us"),
    "DATETIME": pa.timestamp("us"), "TIMESTAMP": pa.timestamp("us", "UTC"),
}  # fmt: skip
# The older names that the service answers with.
SYNONYMS = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "STRUCT": "RECORD"}


def fields_of(table: Table) -> list[SchemaField]:
    """The table's own columns; ``UserError`` for a type that BigQuery cannot keep exactly."""
    return _fields(table.schema.columns())


def hidden_fields(table: Table) -> list[SchemaField]:
    """The axis, and the partition's number where the axis is text."""
    partitioning = table.partitioning
    column_type = TYPES[partitioning.column_type.base_type()]
    doc = f"Partition: the {partitioning.partition_column} whose slice holds the row."
    fields = [SchemaField(partitioning.partition_column, column_type, "REQUIRED", description=doc)]
    if column_type == "STRING" and not isinstance(partitioning, Unpartitioned):
        fields.append(SchemaField(SLICE, "INT64", "REQUIRED", description=numbers(partitioning)))
    return fields


def numbers(partitioning: Partitioning) -> str:
    """What the partition's number means; partitions of another order must not meet in a table."""
    if isinstance(partitioning, Sharded):
        return "Number of the shard, by which the table is partitioned."
    return f"Place of the {partitioning.partition_column} in: {', '.join(partitioning.keys())}"[
        :LONGEST_DESCRIPTION
    ]


def all_fields(table: Table) -> list[SchemaField]:
    """Every column of the table as it is stored, in order."""
    return [*fields_of(table), *hidden_fields(table)]


def null_lists_of(columns: Mapping[str, dy.Column]) -> list[str]:
    """The columns that may hold a null where BigQuery knows empty lists only."""
    return [n for n, c in columns.items() if isinstance(c, dy.List) and c.nullable]


def _fields(columns: Mapping[str, dy.Column], *, nested: bool = False) -> list[SchemaField]:
    fields = [_field(name, column, nested) for name, column in columns.items()]
    if null_lists_of(columns):
        doc = "Names of the lists here that are null, not empty."
        fields.append(SchemaField(NULL_LISTS, "STRING", "REPEATED", description=doc))
    return fields


def _field(name: str, column: dy.Column, nested: bool) -> SchemaField:
    refuse_column(name)
    # Records may be null, and what they hold with them.
    mode = "NULLABLE" if nested or column.nullable else "REQUIRED"
    more: dict[str, Any] = {}
    if column.description:
        more["description"] = column.description[:LONGEST_DESCRIPTION]
    if isinstance(column, dy.List):
        mode, column = "REPEATED", column.inner
    if isinstance(column, dy.Struct):
        return SchemaField(name, "RECORD", mode, fields=_fields(column.inner, nested=True), **more)
    if isinstance(column.dtype, pl.Decimal):
        more |= {"precision": column.dtype.precision, "scale": column.dtype.scale}
    return SchemaField(name, bigquery_type(name, column.dtype), mode, **more)


def bigquery_type(name: str, dtype: pl.DataType) -> str:
    """The type of a column that is neither list nor record; ``UserError`` where there is none."""
    match dtype:
        case pl.Decimal() if dtype.precision - dtype.scale <= 29 and dtype.scale <= 9:
            return "NUMERIC"
        case pl.Decimal():
            return "BIGNUMERIC"
        case pl.Datetime() if dtype.time_unit != "ns":
            return "TIMESTAMP" if dtype.time_zone else "DATETIME"
        case pl.List() | pl.Array():
            raise UserError(f"column {name} is {dtype}: BigQuery has lists of one dimension")
    if dtype.base_type() not in TYPES:
        raise UserError(f"column {name} is {dtype}, which BigQuery cannot keep exactly")
    return TYPES[dtype.base_type()]


def arrow_schema(fields: Iterable[SchemaField]) -> pa.Schema:
    """The columns in a file that BigQuery loads; what must not be null is marked so."""
    return pa.schema([pa.field(f.name, _arrow(f), f.mode != "REQUIRED") for f in fields])


def _arrow(field: SchemaField) -> pa.DataType:
    match field.field_type:
        case "RECORD":
            kind = pa.struct([(f.name, _arrow(f)) for f in field.fields])
        case "NUMERIC" | "BIGNUMERIC":
            kind = pa.decimal128(field.precision, field.scale)
        case name:
            kind = ARROW[name]
    return pa.large_list(kind) if field.mode == "REPEATED" else kind


def stored_schema(table: Table, stored: Sequence[SchemaField]) -> dict[str, pl.DataType]:
    """Columns as stored; one that is as this table would make it is of the schema's type.

    Columns of the store's own are left out where they are as this table needs them.
    """
    wanted, made = polars_schema(table.schema), {f.name: f for f in all_fields(table)}
    found = {}
    for field in stored:
        alike = field.name in made and _same(field, made[field.name])
        if alike and field.name == SLICE and field.description != made[SLICE].description:
            alike = False
        if not alike:
            found[field.name] = _found(field)
        elif field.name in wanted:
            found[field.name] = wanted[field.name]
    return found


def _kind(field: SchemaField) -> str:
    return SYNONYMS.get(field.field_type, field.field_type)


def _name(field: SchemaField) -> str:
    # An emulator's nested names may come with their quotes.
    return str(field.name).strip('"')


def _same(one: SchemaField, other: SchemaField) -> bool:
    if (_kind(one), one.mode == "REPEATED") != (_kind(other), other.mode == "REPEATED"):
        return False
    if None not in (one.precision, other.precision):
        return bool((one.precision, one.scale) == (other.precision, other.scale))
    inner, others = ({_name(f): f for f in field.fields} for field in (one, other))
    return inner.keys() == others.keys() and all(_same(inner[n], others[n]) for n in inner)


def _found(field: SchemaField) -> pl.DataType:
    match _kind(field):
        case "RECORD":
            inner = {_name(f): _found(f) for f in field.fields if _name(f) != NULL_LISTS}
            kind: pl.DataType = pl.Struct(inner)
        case "NUMERIC":
            kind = pl.Decimal(field.precision or 38, (field.scale or 0) if field.precision else 9)
        case "BIGNUMERIC":
            kind = pl.Decimal(38, field.scale or 0)
        case name:
            kind = FOUND.get(name, pl.Unknown())
    return pl.List(kind) if field.mode == "REPEATED" else kind
