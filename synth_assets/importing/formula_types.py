"""Types of computed columns for which the source names none, as SQL Server does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types

from synth_assets.importing.comparisons import gives
from synth_assets.importing.found import FoundColumn, FoundTable, FoundType, Kind
from synth_assets.importing.types import found_type

# In place of the type of a column without one, which is text.
NO_TYPE = "no type"
# The column in a query of which sqlglot says the type.
RESULT, TABLE = "result", "given"
SPELLED = {
    Kind.INTEGER: "bigint", Kind.DECIMAL: "decimal", Kind.FLOAT: "double", Kind.TEXT: "text",
    Kind.BOOLEAN: "boolean", Kind.DATE: "date", Kind.TIMESTAMP: "timestamp",
    Kind.TIMESTAMP_TZ: "timestamptz",
}  # fmt: skip


def with_formula_types(columns: Mapping[str, FoundColumn]) -> dict[str, FoundColumn]:
    """Columns of which those without a type have that of their formula, if that is left out.

    A formula that the language computes says the type by its values.

    Args:
        columns: The columns of a table by name.
    """
    table = FoundTable("", tuple(columns.values()))
    return {
        name: replace(column, type=_type_of(table, column))
        if column.formula and column.type.spelled == NO_TYPE and not gives(table, column)
        else column
        for name, column in columns.items()
    }


def _type_of(table: FoundTable, column: FoundColumn) -> FoundType:
    """The type of a formula; text if it is not known."""
    formula = sqlglot.parse_one(column.formula, read="postgres")
    # Names by number: sqlglot would have those of a schema in lower case.
    numbered = {each.name: f"c{number}" for number, each in enumerate(table.columns)}
    for node in [*formula.find_all(exp.Column)]:
        node.replace(exp.column(numbered.get(node.name, node.name), table=TABLE))
    query = exp.select(exp.alias_(exp.paren(formula), RESULT)).from_(TABLE)
    types = {numbered[c.name]: SPELLED.get(c.type.kind, "unknown") for c in table.columns}
    [result] = annotate_types(query, schema={TABLE: types}, dialect="postgres").selects
    found = found_type(result.type) if isinstance(result.type, exp.DataType) else column.type
    return column.type if found.kind is Kind.OTHER else found
