"""Column types in BigQuery tables, and the schema's types of stored columns.

BigQuery has one integer type, one floating point type and one text type. They hold every value of
the narrower types, and a scan casts the values back to the schema's own types.
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
from synth_assets.stores.bigquery.names import NULL_LISTS, PARTITION_INDEX, refuse_column

# Characters of a column's description (BigQuery's quotas and limits).
MAX_DESCRIPTION = 1024
TYPES: dict[type[pl.DataType], str] = {
    pl.Int8: "INT64", pl.Int16: "INT64", pl.Int32: "INT64", pl.Int64: "INT64",
    pl.UInt8: "INT64", pl.UInt16: "INT64", pl.UInt32: "INT64",
    pl.Float32: "FLOAT64", pl.Float64: "FLOAT64",
    pl.String: "STRING", pl.Enum: "STRING", pl.Categorical: "STRING",
    pl.Boolean: "BOOL", pl.Binary: "BYTES", pl.Date: "DATE", pl.Time: "TIME",
}  # fmt: skip
# The Polars types of columns that another schema created, and the Arrow types in files.
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
# Legacy names that the service returns.
SYNONYMS = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "STRUCT": "RECORD"}


def fields_of(table: Table) -> list[SchemaField]:
    """The columns of the table's schema as BigQuery fields.

    Args:
        table: The table.

    Raises:
        UserError: BigQuery cannot hold a column's type exactly, or a name is not valid.
    """
    return _fields(table.schema.columns())


def partition_fields(table: Table) -> list[SchemaField]:
    """The columns that the store adds: the partition column and, if it is text, its index.

    Args:
        table: The table.
    """
    partitioning = table.partitioning
    column_type = TYPES[partitioning.column_type.base_type()]
    doc = f"Partition: the {partitioning.partition_column} whose slice holds the row."
    fields = [SchemaField(partitioning.partition_column, column_type, "REQUIRED", description=doc)]
    if column_type == "STRING" and not isinstance(partitioning, Unpartitioned):
        fields.append(
            SchemaField(
                PARTITION_INDEX, "INT64", "REQUIRED", description=index_description(partitioning)
            )
        )
    return fields


def index_description(partitioning: Partitioning) -> str:
    """The description of the partition index, which is compared to that of a stored table.

    Partitions that are indexed in another order must not be stored in the same table.

    Args:
        partitioning: How the table is partitioned.
    """
    if isinstance(partitioning, Sharded):
        return "Number of the shard, by which the table is partitioned."
    return f"Place of the {partitioning.partition_column} in: {', '.join(partitioning.keys())}"[
        :MAX_DESCRIPTION
    ]


def all_fields(table: Table) -> list[SchemaField]:
    """Every column of the stored table, in order.

    Args:
        table: The table.
    """
    return [*fields_of(table), *partition_fields(table)]


def nullable_lists(columns: Mapping[str, dy.Column]) -> list[str]:
    """The list columns that may be null, which BigQuery does not distinguish from empty.

    Args:
        columns: The columns of a row or record.
    """
    return [n for n, c in columns.items() if isinstance(c, dy.List) and c.nullable]


def _fields(columns: Mapping[str, dy.Column], *, nested: bool = False) -> list[SchemaField]:
    fields = [_field(name, column, nested) for name, column in columns.items()]
    if nullable_lists(columns):
        doc = "Names of the lists here that are null, not empty."
        fields.append(SchemaField(NULL_LISTS, "STRING", "REPEATED", description=doc))
    return fields


def _field(name: str, column: dy.Column, nested: bool) -> SchemaField:
    refuse_column(name)
    # A record may be null, and its fields with it.
    mode = "NULLABLE" if nested or column.nullable else "REQUIRED"
    options: dict[str, Any] = {}
    if column.description:
        options["description"] = column.description[:MAX_DESCRIPTION]
    if isinstance(column, dy.List):
        mode, column = "REPEATED", column.inner
    if isinstance(column, dy.Struct):
        return SchemaField(
            name, "RECORD", mode, fields=_fields(column.inner, nested=True), **options
        )
    if isinstance(column.dtype, pl.Decimal):
        options |= {"precision": column.dtype.precision, "scale": column.dtype.scale}
    return SchemaField(name, bigquery_type(name, column.dtype), mode, **options)


def bigquery_type(name: str, dtype: pl.DataType) -> str:
    """The BigQuery type of a column that is neither list nor record.

    Args:
        name: The column's name, for the message.
        dtype: Its type in the schema.

    Raises:
        UserError: BigQuery cannot hold the type exactly.
    """
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
    """The schema of a file that BigQuery loads; required columns are not nullable.

    Args:
        fields: The columns of the table.
    """
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
    """The Polars types of stored columns, for comparison with the table's schema.

    Args:
        table: The table.
        stored: The fields of the stored table.

    Returns:
        The schema's type for a column that is stored as this table would create it; else the type
        that corresponds to the stored one. Columns that the store adds are included only if they
        differ from what this table needs.
    """
    declared, expected = polars_schema(table.schema), {f.name: f for f in all_fields(table)}
    found = {}
    for field in stored:
        same = field.name in expected and _same(field, expected[field.name])
        if (
            same
            and field.name == PARTITION_INDEX
            and field.description != expected[PARTITION_INDEX].description
        ):
            same = False
        if not same:
            found[field.name] = _found(field)
        elif field.name in declared:
            found[field.name] = declared[field.name]
    return found


def _type_name(field: SchemaField) -> str:
    return SYNONYMS.get(field.field_type, field.field_type)


def _name(field: SchemaField) -> str:
    # An emulator may return nested names with their quotes.
    return str(field.name).strip('"')


def _same(one: SchemaField, other: SchemaField) -> bool:
    if (_type_name(one), one.mode == "REPEATED") != (_type_name(other), other.mode == "REPEATED"):
        return False
    if None not in (one.precision, other.precision):
        return bool((one.precision, one.scale) == (other.precision, other.scale))
    inner, others = ({_name(f): f for f in field.fields} for field in (one, other))
    return inner.keys() == others.keys() and all(_same(inner[n], others[n]) for n in inner)


def _found(field: SchemaField) -> pl.DataType:
    match _type_name(field):
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
