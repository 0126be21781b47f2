"""Why rows could not be made: the column with values that do not fit, found step by step.

What a declaration shows is refused when it is read (``fits``). Other values are computed from other
columns, or have no bounds.
"""

from __future__ import annotations

import re

import polars as pl

from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import row_numbers
from synth_assets.declarative.changes import ExpressionAnomaly
from synth_assets.declarative.columns import ExpressionColumn
from synth_assets.declarative.compiled_rules import DeclarationError
from synth_assets.declarative.corruption import computed
from synth_assets.declarative.numbers import Ranged
from synth_assets.declarative.plan import FailingColumnError, Plan
from synth_assets.declarative.simulation import Simulation

# Where Polars begins to print names of its own and values of rows.
DETAILS = re.compile(r"( in column |: \[|\n).*", re.DOTALL)


def failure(
    simulation: Simulation, name: str, plan: Plan, partition: Partition, schema: pl.Schema
) -> DeclarationError | None:
    """The error of rows that could not be made; None if each column alone can be.

    Args:
        simulation: The simulation.
        name: The table's name.
        plan: The plan of its columns.
        partition: The rows.
        schema: Types of the columns.
    """
    rows, failing = plan.failing(row_numbers(partition).collect())
    if failing is not None:
        return of_column(simulation, failing) if failing.table else None
    for number, anomaly in enumerate(simulation.table(name).anomalies):
        if not isinstance(anomaly, ExpressionAnomaly):
            continue
        try:
            rows.select(computed(anomaly, lambda column: column, schema[anomaly.column]))
        except pl.exceptions.PolarsError as error:
            message = f"values cannot be those of {anomaly.column}: {_reason(error)}"
            return DeclarationError(message, name, "anomalies", number)
    return None


def of_column(simulation: Simulation, failing: FailingColumnError) -> DeclarationError:
    """The error of a column that cannot be computed.

    Args:
        simulation: The simulation.
        failing: The column.
    """
    declared = simulation.column(failing.table, failing.column)
    field = ["type"] if declared.type else []
    if isinstance(declared, ExpressionColumn):
        field = ["sql"]
    reason = _reason(failing.error)
    message = f"values cannot be made: {reason}"
    if isinstance(declared, Ranged) and declared.type:
        message += "; give bounds by low and high, or another type"
    return DeclarationError(message, failing.table, "columns", failing.column, *field)


def _reason(error: Exception) -> str:
    return DETAILS.sub("", str(error))
