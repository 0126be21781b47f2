"""Fields that columns of every kind have: type, key, null values, personal data, description."""

from __future__ import annotations

from typing import Any

from synth_assets.importing.decision import Context, type_word
from synth_assets.importing.found import FoundColumn, FoundTable
from synth_assets.importing.names import rule_for
from synth_assets.importing.profile import TableProfile

# Share of rows without a value, where a source only says that there may be some.
DEFAULT_NULL_RATE = 0.1


def common_fields(context: Context, column: FoundColumn, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that columns of every kind have: type, key, null values, personal data.

    Args:
        context: The table.
        column: The column.
        fields: The fields of its generator.
    """
    found: dict[str, Any] = {}
    word = type_word(column.type)
    if word != "text" and fields["kind"] not in ("reference", "copy"):
        found["type"] = word
    if column.name in context.table.primary_key:
        found["primary_key"] = True
    elif (rate := null_rate(context.table, context.profile, column)) and not (
        column.formula and "sql" in fields
    ):
        found["null_rate"] = rate
    rule = rule_for(context.table.name, column.name, column.type.kind)
    if rule is not None and rule.pii:
        found["pii"] = rule.pii
    return found | ({"doc": column.doc} if column.doc else {})


def null_rate(table: FoundTable, profile: TableProfile | None, column: FoundColumn) -> float:
    """Share of rows without a value.

    Args:
        table: The table.
        profile: The profile of its rows, if they were read.
        column: The column.
    """
    if not column.nullable:
        return 0.0
    if profile is not None and column.name in profile.columns:
        return profile.columns[column.name].null_rate
    declares = any(not c.nullable for c in table.columns if c.name not in table.primary_key)
    rule = rule_for(table.name, column.name, column.type.kind)
    if rule is not None and rule.null_rate is not None:
        return rule.null_rate
    # A table that declares no column as never null says nothing of the others either.
    return DEFAULT_NULL_RATE if declares else 0.0
