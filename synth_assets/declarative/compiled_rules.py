"""What only the compiled tables show: cardinalities that are impossible, and types that do not fit.

What a declaration shows by itself is checked by ``consistency``.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.declarative.columns import ReferenceColumn
from synth_assets.declarative.gates import earlier_than
from synth_assets.declarative.generators.identifiers import room_of
from synth_assets.declarative.model import ExpressionCheck, TableSpec
from synth_assets.declarative.numbers import IntegersColumn
from synth_assets.declarative.schema import types_of
from synth_assets.declarative.simulation import Simulation
from synth_assets.declarative.sql import parsed
from synth_assets.declarative.values import PatternColumn


class DeclarationError(UserError):
    """A declaration that cannot become tables.

    Attributes:
        place: The place of the problem in the file.
    """

    def __init__(self, message: str, *place: str | int) -> None:
        super().__init__(message)
        self.place = ("tables", *place)


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
    spec = simulation.table(name)
    for number, check in enumerate(spec.checks):
        if isinstance(check, ExpressionCheck):
            try:
                parsed(check.sql).require_evaluable(types[name])
            except ValueError as error:
                raise DeclarationError(str(error), name, "checks", number, "sql") from None
    for column, declared in spec.columns.items():
        earlier = earlier_than(declared)
        if earlier is None:
            continue
        through = spec.columns.get(getattr(declared, "through", None) or "")
        table = through.to if isinstance(through, ReferenceColumn) else name
        known = types.get(table) or types_of(simulation, table)
        if not known[earlier].is_temporal():
            message = f"is after {table}.{earlier}, which is no date or timestamp"
            raise DeclarationError(message, name, "columns", column)


def require_room(name: str, spec: TableSpec, rows: int) -> None:
    """Refuses unique values of which there are too few.

    Args:
        name: The table's name.
        spec: Its declaration.
        rows: Its rows, of all partitions up to one.

    Raises:
        DeclarationError: A column has fewer different values than rows.
    """
    for column, declared in spec.columns.items():
        if isinstance(declared, IntegersColumn | PatternColumn) and declared.unique:
            room = room_of(declared)
            if rows > room:
                message = (
                    f"is unique and has {room:,} different values, too few for {rows:,} rows: make "
                    "it longer, or make fewer rows"
                )
                raise DeclarationError(message, name, "columns", column)
