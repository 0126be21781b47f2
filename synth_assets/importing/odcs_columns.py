"""Columns of data contracts: their types, their bounds, and the rules of quality of each.

A rule that says what values there are is applied; any other one is for the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from open_data_contract_standard.model import DataQuality, SchemaProperty

from synth_assets.importing.found import NUMBERS, TIMES, FoundColumn, FoundType, Kind
from synth_assets.importing.listed import literal
from synth_assets.importing.types import type_of

LOGICAL = {
    "string": Kind.TEXT, "integer": Kind.INTEGER, "number": Kind.FLOAT, "boolean": Kind.BOOLEAN,
    "date": Kind.DATE, "timestamp": Kind.TIMESTAMP, "time": Kind.TIME, "object": Kind.JSON,
}  # fmt: skip
# The options that say what values there are, and are read; `maxLength` and `pattern` of texts.
READ = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxLength", "pattern")
# The options that bound a value, as signs of SQL.
BOUNDS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}


def contract_column(table: str, found: SchemaProperty) -> FoundColumn:
    """The column of a property.

    Args:
        table: Name of its table, for errors.
        found: The property.

    Raises:
        ValueError: An option of it has another form.
    """
    kind = _type(table, found)
    bounds = _bounds(table, found, kind.kind)
    numbers = bounds if kind.kind in NUMBERS else {}
    low, high = numbers.get("exclusiveMinimum"), numbers.get("exclusiveMaximum")
    return FoundColumn(
        found.name or "",
        kind,
        nullable=not (found.required or found.primaryKey),
        doc=found.description or "",
        values=tuple(str(entry.value) for entry in found.enum or []),
        low=numbers.get("minimum", low),
        high=numbers.get("maximum", high),
        low_open="minimum" not in numbers and low is not None,
        high_open="maximum" not in numbers and high is not None,
        unique=bool(found.unique),
        pattern=str((found.logicalTypeOptions or {}).get("pattern") or ""),
    )


def conditions_of(table: str, found: SchemaProperty) -> Iterator[str]:
    """The conditions of a property's options: the bounds of a date or a time.

    Args:
        table: Name of its table, for errors.
        found: The property.
    """
    kind = _type(table, found).kind
    if kind in TIMES:
        for name, bound in _bounds(table, found, kind).items():
            yield f'"{found.name}" {BOUNDS[name]} {literal(bound)}'


def with_rule(column: FoundColumn, rule: DataQuality) -> FoundColumn | None:
    """A column with what a rule of quality says of its values; None if it says none of it.

    Args:
        column: The column.
        rule: The rule.
    """
    arguments = rule.arguments or {}
    # Of rows that are not as they must be: none, and not only few.
    limits = [getattr(rule, name) for name in type(rule).model_fields if name.startswith("must")]
    is_none = [limit for limit in limits if limit is not None] in ([], [0])
    match rule.metric or rule.rule:
        case "nullValues" | "missingValues" if is_none and not arguments:
            return replace(column, nullable=False)
        case "duplicateValues" if is_none and not arguments:
            return replace(column, unique=True)
        case "invalidValues" | "validValues" if is_none:
            values, pattern = arguments.get("validValues"), arguments.get("pattern")
            if isinstance(values, list) and values:
                return replace(column, values=tuple(map(str, values)))
            return replace(column, pattern=pattern) if isinstance(pattern, str) else None
    return None


def left_out(where: str, rule: DataQuality) -> str:
    """The note of a rule that is left out.

    Args:
        where: The table or the column that it is of.
        rule: The rule.
    """
    named = rule.name or rule.metric or rule.rule or rule.description or rule.engine or ""
    kind = f"{rule.type or 'library'} rule"
    return f"{kind} {f'`{named}` ' * bool(named)}of `{where}` left out: it is not read"


def options_left_out(table: str, found: SchemaProperty) -> Iterator[str]:
    """The notes of the options of a property that are left out.

    Args:
        table: Name of its table.
        found: The property.
    """
    for name, value in (found.logicalTypeOptions or {}).items():
        if name not in READ and value is not None:
            yield f"option `{name}` of `{table}.{found.name}` left out: it is not read"


def _bounds(table: str, found: SchemaProperty, kind: Kind) -> dict[str, Any]:
    """The bounds of a property, as numbers or as texts of dates."""
    options = found.logicalTypeOptions or {}
    given = {name: options[name] for name in BOUNDS if options.get(name) is not None}
    return {
        name: _bound(f"{table}.{found.name}: {name}", bound, kind) for name, bound in given.items()
    }


def _bound(place: str, bound: Any, kind: Kind) -> Any:
    if kind in NUMBERS:
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            raise ValueError(f"{place} must be a number")
        return bound
    if kind in TIMES:
        try:
            datetime.fromisoformat(str(bound))
        except ValueError:
            raise ValueError(f"{place} must be a date or time, such as 2024-12-31") from None
    return str(bound)


def _type(table: str, found: SchemaProperty) -> FoundType:
    """The physical type where it is one that is known, else the logical type."""
    physical = type_of(found.physicalType) if found.physicalType else None
    if physical and physical.kind is not Kind.OTHER:
        return physical
    logical = found.logicalType or "string"
    length = (found.logicalTypeOptions or {}).get("maxLength")
    if length is not None and (isinstance(length, bool) or not isinstance(length, int)):
        raise ValueError(f"{table}.{found.name}: maxLength must be a whole number")
    kind = LOGICAL.get(logical, Kind.OTHER)
    spelled = logical if logical == "array" else found.physicalType or logical
    return FoundType(kind, spelled, length=length if length and length > 0 else None)
