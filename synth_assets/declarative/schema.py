"""The schema class of a declared table: types, keys, null values, references and descriptions."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import row_numbers
from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.columns import (
    CopyColumn,
    ExpressionColumn,
    ReferenceColumn,
    SwitchColumn,
)
from synth_assets.declarative.model import ChildRows, TableSpec
from synth_assets.declarative.plan import FailingColumnError, Plan
from synth_assets.declarative.simulation import Simulation
from synth_assets.declarative.sql import parsed
from synth_assets.declarative.times import LaterColumn, TimestampColumn
from synth_assets.declarative.types import schema_column, stored_type
from synth_assets.declarative.values import ChoiceColumn, UuidColumn


def types_of(simulation: Simulation, table: str) -> pl.Schema:
    """The types of all columns of a table, hidden ones too, as they are stored.

    Args:
        simulation: The simulation.
        table: The table's name.

    Raises:
        FailingColumnError: A column cannot be computed, or has a type that not every store has.
    """
    columns = simulation.table(table).columns
    plan = Plan(simulation, table, 1).add(columns)
    rows = row_numbers(Partition("", 0, 0, 0, 0))
    try:
        planned = plan.frame(rows).collect_schema()
    except pl.exceptions.PolarsError as error:
        _, failing = plan.failing(rows.collect())
        raise failing or error from None
    found = {}
    for name in columns:
        try:
            found[name] = stored_type(planned[name])
        except ValueError as error:
            raise FailingColumnError(table, name, error) from None
    return pl.Schema(found)


def schema_of(simulation: Simulation, table: str, types: pl.Schema) -> type[dy.Schema]:
    """The schema class of a table.

    Args:
        simulation: The simulation.
        table: The table's name.
        types: The types of its columns.
    """
    spec = simulation.table(table)
    columns: dict[str, Any] = {"__doc__": spec.doc or f"A row of {table}."}
    for number, (name, column) in enumerate(spec.columns.items()):
        if not column.hidden:
            # A column may be called as a method of the class is, such as `filter`.
            columns[f"column{number}"] = schema_column(
                types[name],
                alias=name,
                primary_key=column.primary_key,
                nullable=_stored_null(simulation, table, name),
                description=column.doc or described(column),
                metadata=_metadata(simulation, table, name, column),
            )
    return type("".join(part.title() for part in table.split("_")), (dy.Schema,), columns)


def described(column: ColumnBase) -> str:
    """What a column without a description contains.

    Args:
        column: The declaration of the column.
    """
    match column:
        case ReferenceColumn():
            return f"Row of {column.to}."
        case CopyColumn():
            return f"`{column.column}` of `{column.through}`."
        case ExpressionColumn():
            return f"{column.sql}."
        case ChoiceColumn():
            return f"One of {', '.join(map(str, column.values))}."
        case LaterColumn():
            return f"A time after `{column.than}`."
        case UuidColumn():
            return "A UUID."
    kind: str = getattr(column, "kind", "")
    return f"{kind.title()}."


def _metadata(
    simulation: Simulation, table: str, name: str, column: ColumnBase
) -> dict[str, Any] | None:
    found = {} if column.pii is None else pii(column.pii)
    # Dagster has no dependency of an asset on itself; a check of the table's own covers it.
    if isinstance(column, ReferenceColumn) and column.to != table:
        found |= references(name, column.column or simulation.primary_key(column.to))
    return found or None


def _stored_null(simulation: Simulation, table: str, name: str) -> bool:
    spec = simulation.table(table)
    changes = [*spec.noise, *spec.anomalies]
    lost = any(change.column == name and change.kind == "missing" for change in changes)
    computed = any(a.column == name and a.kind == "expression" for a in spec.anomalies)
    return lost or computed or nullable(simulation, table, name)


def nullable(simulation: Simulation, table: str, name: str) -> bool:
    """Whether the true values of a column may be null.

    Args:
        simulation: The simulation.
        table: The table's name.
        name: The column's name.
    """
    known, here = simulation.nullable, (table, name)
    if here not in known:
        spec, column = simulation.table(table), simulation.column(table, name)
        known[here] = _nullable(simulation, table, spec, column, name)
    return known[here]


def _nullable(
    simulation: Simulation, table: str, spec: TableSpec, column: ColumnBase, name: str
) -> bool:
    if column.primary_key:
        return False
    if column.null_rate or column.only_when:
        return True
    match column:
        case ReferenceColumn():
            counted = isinstance(spec.rows, ChildRows) and spec.rows.of == name
            return column.to == table and not counted
        case CopyColumn():
            return _through(simulation, table, column.through, column.column)
        case LaterColumn():
            return _through(simulation, table, column.through, column.than)
        case TimestampColumn():
            return column.after is not None and _through(
                simulation, table, column.through, column.after
            )
        case ExpressionColumn():
            expression = parsed(column.sql)
            return expression.gives_null or any(
                nullable(simulation, table, read) for read in expression.columns
            )
        case SwitchColumn():
            if column.otherwise is None:
                return True
            cases = [*column.cases.values(), column.otherwise]
            return any(_nullable(simulation, table, spec, case, name) for case in cases)
    return False


def _through(simulation: Simulation, table: str, through: str | None, column: str) -> bool:
    if through is None:
        return nullable(simulation, table, column)
    reference = simulation.column(table, through)
    assert isinstance(reference, ReferenceColumn)
    return nullable(simulation, table, through) or nullable(simulation, reference.to, column)
