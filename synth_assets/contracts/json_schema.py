"""A JSON Schema (draft 2020-12) of one row of a table, as ``synth export --format ndjson`` has it.

Keys, references and kinds of personal data are under names that begin with ``x-``, which validators
ignore.
"""

from __future__ import annotations

from typing import Any

import dataframely as dy
import polars as pl

from synth_assets.contracts.types import (
    NUMBER_OPTIONS,
    TEXT_OPTIONS,
    constraints,
    logical_type,
)
from synth_assets.core.model import Table
from synth_assets.core.schema import ColumnInfo, columns_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORMATS = {"date": "date", "timestamp": "date-time", "time": "time"}


def file_name(table: Table) -> str:
    """The name of a table's JSON Schema.

    Args:
        table: The table.
    """
    return f"{table.name}.schema.json"


def json_schema(table: Table) -> dict[str, Any]:
    """The JSON Schema of a row.

    Args:
        table: The table.
    """
    columns = columns_of(table.schema)
    return {
        "$schema": DIALECT,
        "$id": file_name(table),
        "title": table.path,
        "description": table.doc,
        "type": "object",
        "properties": {
            column.name: _property(table, column, table.schema.columns()[column.name])
            for column in columns
        },
        "required": [column.name for column in columns],
        "additionalProperties": False,
        "x-primary-key": [column.name for column in columns if column.primary_key],
    }


def _property(table: Table, info: ColumnInfo, column: dy.Column) -> dict[str, Any]:
    entry = {"description": info.description, **_typed(info.dtype, column)}
    if info.nullable:
        entry = _or_null(entry)
    if info.foreign_key:
        role, parent_column = info.foreign_key
        entry["x-references"] = f"{table.parents[role]}.{parent_column}"
    if info.pii:
        entry["x-pii"] = info.pii
    return entry


def _or_null(entry: dict[str, Any]) -> dict[str, Any]:
    allowed = {"enum": [*entry["enum"], None]} if "enum" in entry else {}
    return entry | {"type": [entry["type"], "null"]} | allowed


def _typed(dtype: Any, column: dy.Column | None = None) -> dict[str, Any]:
    """The keywords of a type. Decimals are texts in JSON, which keeps their digits."""
    match dtype:
        case pl.Struct():
            fields = {f.name: _or_null(_typed(f.dtype)) for f in dtype.fields}
            return {"type": "object", "properties": fields, "additionalProperties": False}
        case pl.List() | pl.Array():
            return {"type": "array", "items": _or_null(_typed(dtype.inner))}
        case pl.Enum():
            return {"type": "string", "enum": list(dtype.categories)}
        case pl.Decimal():
            return {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
    logical = logical_type(dtype)
    if logical in FORMATS:
        return {"type": "string", "format": FORMATS[logical]}
    if logical in ("integer", "number"):
        return {"type": logical, **constraints(column, NUMBER_OPTIONS)}
    return {"type": logical, **(constraints(column, TEXT_OPTIONS) if logical == "string" else {})}
