"""Polars types and constraints of columns, as logical types of the Open Data Contract Standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dataframely as dy
import polars as pl
from open_data_contract_standard.model import EnumValue, SchemaProperty

# Names of a column's constraints, and of the options of logical types that say the same.
NUMBER_OPTIONS = {
    "min": "minimum",
    "min_exclusive": "exclusiveMinimum",
    "max": "maximum",
    "max_exclusive": "exclusiveMaximum",
}
TEXT_OPTIONS = {"min_length": "minLength", "max_length": "maxLength", "regex": "pattern"}


def logical_type(dtype: Any) -> str:
    """The logical type of a Polars type.

    Args:
        dtype: The Polars type.
    """
    match dtype:
        case pl.Struct():
            return "object"
        case pl.List() | pl.Array():
            return "array"
        case pl.Datetime():
            return "timestamp"
    if dtype == pl.Boolean:
        return "boolean"
    if dtype == pl.Date:
        return "date"
    if dtype == pl.Time:
        return "time"
    if dtype.is_integer():
        return "integer"
    return "number" if dtype.is_numeric() else "string"


def property_type(dtype: Any, column: dy.Column | None = None) -> dict[str, Any]:
    """The fields of a ``SchemaProperty`` that describe a type.

    Args:
        dtype: The Polars type.
        column: The column with the constraints, if there is one.
    """
    fields: dict[str, Any] = {"logicalType": logical_type(dtype)}
    match dtype:
        case pl.Struct():
            fields["properties"] = [
                SchemaProperty(name=field.name, **property_type(field.dtype))
                for field in dtype.fields
            ]
        case pl.List() | pl.Array():
            fields["items"] = SchemaProperty(name="item", **property_type(dtype.inner))
        case pl.Enum():
            fields["enum"] = [EnumValue(value=word) for word in dtype.categories]
    options = _options(fields["logicalType"], column)
    return fields | ({"logicalTypeOptions": options} if options else {})


def constraints(column: dy.Column | None, names: Mapping[str, str]) -> dict[str, Any]:
    """The constraints of a column under other names.

    Args:
        column: The column; none has no constraints.
        names: Names of constraints, and their names in the result.
    """
    found = {name: getattr(column, own, None) for own, name in names.items()}
    return {name: value for name, value in found.items() if value is not None}


def _options(logical: str, column: dy.Column | None) -> dict[str, Any]:
    if logical in ("integer", "number"):
        numbers = constraints(column, NUMBER_OPTIONS)
        return {name: float(n) if logical == "number" else n for name, n in numbers.items()}
    return constraints(column, TEXT_OPTIONS) if logical == "string" else {}
