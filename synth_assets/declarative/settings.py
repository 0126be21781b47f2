"""The scenario of a declared domain: seed, days and shards, and a number of rows for each table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, create_model

from synth_assets.core.scenario import LAYOUT, OPEN, ORIGIN, EndDate, Scenario
from synth_assets.declarative.model import (
    MOST_ROWS,
    CalendarRows,
    ChildRows,
    Daily,
    DomainSpec,
    Sharded,
    TableSpec,
)


def scenario_class(spec: DomainSpec) -> type[Scenario]:
    """The scenario of a domain; its defaults are the values of the declaration.

    Args:
        spec: The declaration.
    """
    fields: dict[str, Any] = {}
    kinds = {type(table.partitioning) for table in spec.tables.values()}
    if Daily in kinds:
        text = "First partition of daily tables."
        fields["start_date"] = (
            date,
            Field(default=spec.start_date, json_schema_extra=ORIGIN.extra, description=text),
        )
        text = f"Day after the last partition; `{OPEN}` for all days up to yesterday."
        fields["end_date"] = (
            EndDate,
            Field(default=spec.end_date, json_schema_extra=LAYOUT.extra, description=text),
        )
    if Sharded in kinds:
        text = "Number of parts of sharded tables."
        layout = Field(
            default=spec.shards, ge=1, le=4096, json_schema_extra=LAYOUT.extra, description=text
        )
        fields["shards"] = (int, layout)
    for name, table in spec.tables.items():
        fields |= _volume(name, table)
    title = "".join(part.title() for part in spec.domain.split("_"))
    return create_model(
        f"{title}Scenario", __base__=Scenario, __doc__=f"The settings of {spec.domain}.", **fields
    )


def volume_fields(spec: DomainSpec) -> Mapping[str, str]:
    """The scenario's field with the rows of a table, of those that are not counted by a parent.

    Args:
        spec: The declaration.
    """
    fields = {name: _field(name, table) for name, table in spec.tables.items()}
    return {name: field for name, field in fields.items() if field}


def _field(name: str, table: TableSpec) -> str | None:
    if isinstance(table.rows, ChildRows):
        return None
    return f"{name}_per_day" if isinstance(table.partitioning, Daily) else f"{name}_rows"


def _volume(name: str, table: TableSpec) -> dict[str, Any]:
    field = _field(name, table)
    if field is None:
        return {}
    daily = isinstance(table.partitioning, Daily)
    text = f"Rows of {name} on an ordinary day." if daily else f"Rows of {name}."
    rows = table.rows
    default = rows.per_day if isinstance(rows, CalendarRows) else rows
    kind = float if isinstance(rows, CalendarRows) else int
    return {field: (kind, Field(default=default, ge=0, le=MOST_ROWS, description=text))}
