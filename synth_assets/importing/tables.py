"""The declaration of a table: its columns, with its rows (``row_counts``) and ``table_checks``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from synth_assets.declarative.columns import Column
from synth_assets.declarative.model import TableSpec
from synth_assets.importing.columns import decide
from synth_assets.importing.decision import Context, Decision
from synth_assets.importing.distinct import room
from synth_assets.importing.found import FoundColumn
from synth_assets.importing.row_counts import declared_rows
from synth_assets.importing.shared_fields import common_fields
from synth_assets.importing.table_checks import checks_of

COLUMN: TypeAdapter[Any] = TypeAdapter(Column)


@dataclass(frozen=True)
class DeclaredTable:
    """A table of the YAML language, and what was decided of each column.

    Attributes:
        spec: The declaration.
        decisions: The decisions by column.
        notes: What a reader should know of the table.
    """

    spec: TableSpec
    decisions: Mapping[str, Decision]
    notes: Sequence[str]


def declared(context: Context) -> DeclaredTable:
    """The declaration of a table.

    Args:
        context: The table, and what is known of it.
    """
    table = context.table
    decisions = {column.name: decide(context, column) for column in table.columns}
    columns: dict[str, Any] = {}
    notes = list(context.structure.notes)
    for column in table.columns:
        decision = decisions[column.name]
        fields = {**decision.fields}
        fields = {**common_fields(context, column, fields), **fields}
        if column.unique and column.name not in table.primary_key:
            fields = _unique(context, column, fields)
        columns |= {name: COLUMN.validate_python(each) for name, each in decision.hidden.items()}
        columns[column.name] = COLUMN.validate_python(fields)
        if column.formula and decision.fields.get("sql") != column.formula:
            formula = f"formula `{column.formula}` of `{column.name}` left out"
            notes.append(f"{formula}: it cannot be computed from other columns of the row")
    checks = list(checks_of(context, columns, notes))
    spec = TableSpec.model_validate(
        {
            "doc": " ".join(table.doc.split()),
            "rows": declared_rows(context),
            "columns": columns,
            "checks": checks,
            **context.partitions.fields(table),
        }
    )
    return DeclaredTable(spec, decisions, notes)


def _unique(context: Context, column: FoundColumn, fields: dict[str, Any]) -> dict[str, Any]:
    if context.has_failed("check", f"unique_{column.name}"):
        return {name: value for name, value in fields.items() if name != "unique"}
    if fields["kind"] not in ("reference", "expression") and room(column) < context.count:
        return fields
    if fields["kind"] == "reference" and context.partitions.daily:
        return fields  # the rows of a daily table go on, and those of parents end
    kind = type(COLUMN.validate_python(fields))
    return {**fields, "unique": True} if kind.can_be_unique else fields
