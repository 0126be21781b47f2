"""What only the compiled tables show: cardinalities that are impossible, and types that do not fit.

What a declaration shows by itself is checked by ``consistency``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.declarative.base import ColumnBase, Scalar
from synth_assets.declarative.cases import Value, case_value
from synth_assets.declarative.changes import ExpressionAnomaly, SetAnomaly
from synth_assets.declarative.columns import ReferenceColumn, SwitchColumn
from synth_assets.declarative.drawn_keys import require_distinct
from synth_assets.declarative.fits import require_castable, sequence_values
from synth_assets.declarative.gates import earlier_than, in_range
from synth_assets.declarative.generators.identifiers import room_of
from synth_assets.declarative.model import (
    MOST_ROWS,
    AcceptedCheck,
    ChildRows,
    ExpressionCheck,
    RangeCheck,
    TableSpec,
)
from synth_assets.declarative.numbers import IntegersColumn
from synth_assets.declarative.schema import nullable, types_of
from synth_assets.declarative.simulation import MOST_DRAWN, Simulation, uncountable
from synth_assets.declarative.sql import evaluated_type, parsed
from synth_assets.declarative.types import type_of, word_of
from synth_assets.declarative.values import PatternColumn, SequenceColumn

# Most parents for which numbers of rows are drawn when a file is read: a fraction of a second.
DRAWN_AT_ONCE = 1_000_000


class DeclarationError(UserError):
    """A declaration that cannot become tables.

    Attributes:
        place: The place of the problem in the file.
    """

    def __init__(self, message: str, *place: str | int) -> None:
        super().__init__(message)
        self.place = ("tables", *place)


def require_size(simulation: Simulation, name: str) -> None:
    """Refuses more rows than can be made, before any is counted.

    Args:
        simulation: The simulation.
        name: The table's name.

    Raises:
        DeclarationError: The table is too large.
    """
    rows, drawn = simulation.expected_rows(name), simulation.drawn_counts(name)
    here = (
        (name, "rows", "count") if isinstance(simulation.table(name).rows, ChildRows) else (name,)
    )
    if rows > MOST_ROWS:
        message = f"makes about {rows:,.0f} rows of {name}: at most {MOST_ROWS:,} are possible"
        raise DeclarationError(message, *here)
    if drawn > MOST_DRAWN:
        raise DeclarationError(uncountable(drawn), *here)


def is_countable(simulation: Simulation, name: str) -> bool:
    """Whether the rows of a table and its parents are counted quickly: when a file is read.

    Args:
        simulation: The simulation.
        name: The table's name.
    """
    columns = simulation.table(name).columns.values()
    parents = {column.to for column in columns if isinstance(column, ReferenceColumn)}
    return all(simulation.drawn_counts(table) <= DRAWN_AT_ONCE for table in {name, *parents})


def require_possible(simulation: Simulation, name: str) -> None:
    """Refuses references to tables without rows, and unique values of which there are too few.

    Args:
        simulation: The simulation.
        name: The table's name.

    Raises:
        DeclarationError: The table cannot have its rows.
    """
    spec, daily = simulation.table(name), simulation.is_daily(name)
    total = 0 if daily else simulation.layout(name, 0).total
    require_room(name, spec, total)
    first = simulation.layout(name, 1).rows_before(1) if daily else total
    require_keys(simulation, name, first, first)
    for column, reference in spec.columns.items():
        if not isinstance(reference, ReferenceColumn) or reference.to == name:
            continue
        parents = simulation.layout(reference.to, 1)
        known = parents.total if parents.days is None else parents.rows_before(1)
        if known == 0 and (daily or total):
            when = "" if parents.days is None else " on its first day"
            message = f"refers to {reference.to}, which has no rows{when}"
            raise DeclarationError(message, name, "columns", column)
        if reference.unique and total > known:
            message = (
                f"is unique, but {total:,} rows refer to {known:,} of {reference.to}: make fewer "
                "rows, or leave out unique"
            )
            raise DeclarationError(message, name, "columns", column)


def require_evaluable(simulation: Simulation, name: str, types: Mapping[str, pl.Schema]) -> None:
    """Refuses conditions over types that cannot be compared, and times after what is no time.

    Args:
        simulation: The simulation.
        name: The table's name.
        types: The types of the columns, by table; parents may be missing.

    Raises:
        DeclarationError: A check or a column uses columns of other types.
    """
    spec, of_rows = simulation.table(name), types[name]
    for number, check in enumerate(spec.checks):
        with _located(name, "checks", number):
            if isinstance(check, ExpressionCheck):
                parsed(check.sql).require_condition(of_rows)
            elif isinstance(check, AcceptedCheck):
                require_castable(check.values, of_rows[check.column])
            elif isinstance(check, RangeCheck):
                _require_range(check, of_rows)
    for number, anomaly in enumerate(spec.anomalies):
        kept = of_rows[anomaly.column]
        if isinstance(anomaly, SetAnomaly):
            with _located(name, "anomalies", number, "value"):
                require_castable([anomaly.value], kept)
        elif isinstance(anomaly, ExpressionAnomaly):
            with _located(name, "anomalies", number, "sql"):
                found = parsed(anomaly.sql).type(of_rows)
                text = f"{anomaly.sql} ({found}) as {word_of(kept)}"
                evaluated_type(pl.lit(None, dtype=found).cast(kept), text, of_rows)
    for column, declared in spec.columns.items():
        if declared.only_when is not None:
            with _located(name, "columns", column, "only_when"):
                parsed(declared.only_when).require_condition(of_rows)
        _require_cases(declared, of_rows, name, "columns", column)
        if isinstance(declared, ReferenceColumn):
            _require_key(simulation, name, column, declared, types)
        earlier = earlier_than(declared)
        if earlier is None:
            continue
        through = spec.columns.get(getattr(declared, "through", None) or "")
        table = through.to if isinstance(through, ReferenceColumn) else name
        known = types.get(table) or types_of(simulation, table)
        if not known[earlier].is_temporal():
            message = f"is after {table}.{earlier}, which is no date or timestamp"
            raise DeclarationError(message, name, "columns", column)


def _require_range(check: RangeCheck, types: pl.Schema) -> None:
    try:
        evaluated_type(in_range(check), check.column, types)
    except ValueError:
        bounds = " and ".join(str(b) for b in (check.low, check.high) if b is not None)
        known = word_of(types[check.column])
        raise ValueError(
            f"{check.column} is {known}, which cannot be compared with {bounds}"
        ) from None


def _require_cases(column: ColumnBase | None, types: pl.Schema, *place: str | int) -> None:
    """Refuses cases of a switch that no value is, and those that are of the same value."""
    if not isinstance(column, SwitchColumn):
        return
    known: dict[Value, Scalar] = {}
    for value, case in column.cases.items():
        with _located(*place, "cases", str(value)):
            found = case_value(value, types[column.on])
            if found in known:
                raise ValueError(f"is the value of the case {known[found]!r}")
            known[found] = value
        _require_cases(case, types, *place, "cases", str(value))
    _require_cases(column.otherwise, types, *place, "otherwise")


def _require_key(
    simulation: Simulation,
    name: str,
    column: str,
    reference: ReferenceColumn,
    types: Mapping[str, pl.Schema],
) -> None:
    """Refuses a reference to a column that may be null, and one of another type."""
    key = reference.column or simulation.primary_key(reference.to)
    if nullable(simulation, reference.to, key):
        message = f"refers to {reference.to}.{key}, which may be null: name a column that never is"
        raise DeclarationError(message, name, "columns", column, "column")
    known = types.get(reference.to) or types_of(simulation, reference.to)
    if types[name][column] != known[key]:
        message = f"must be that of {reference.to}.{key}, which is {word_of(known[key])}"
        raise DeclarationError(message, name, "columns", column, "type")


@contextmanager
def _located(*place: str | int) -> Iterator[None]:
    """Turns a ``ValueError`` of the block into an error of a place of the file."""
    try:
        yield
    except ValueError as error:
        raise DeclarationError(str(error), *place) from None


def require_keys(simulation: Simulation, name: str, rows: int, rows_of_day: int) -> None:
    """Refuses primary keys of too few values.

    Args:
        simulation: The simulation.
        name: The table's name.
        rows: Its rows, of all partitions up to one.
        rows_of_day: Those of one day.

    Raises:
        DeclarationError: Rows are alike in the key.
    """
    columns = simulation.table(name).columns
    key = next((column for column, each in columns.items() if each.primary_key), "")
    with _located(name, "columns", key, "primary_key"):
        require_distinct(simulation, name, rows, rows_of_day)


def require_room(name: str, spec: TableSpec, rows: int) -> None:
    """Refuses columns that do not have enough values: unique ones, and sequences of a small type.

    Args:
        name: The table's name.
        spec: Its declaration.
        rows: Its rows, of all partitions up to one.

    Raises:
        DeclarationError: A column has fewer different values than rows.
    """
    for column, declared in spec.columns.items():
        if isinstance(declared, SequenceColumn) and declared.type:
            with _located(name, "columns", column, "type"):
                require_castable(sequence_values(declared, rows), type_of(declared.type))
        if isinstance(declared, IntegersColumn | PatternColumn) and declared.unique:
            room = room_of(declared)
            if rows > room:
                message = (
                    f"is unique and has {room:,} different values, too few for {rows:,} rows: make "
                    "it longer, or make fewer rows"
                )
                raise DeclarationError(message, name, "columns", column)
