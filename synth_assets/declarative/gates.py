"""The checks of a declared table: those that the file lists, and those that follow from columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.columns import ReferenceColumn, SwitchColumn
from synth_assets.declarative.model import (
    AcceptedCheck,
    CheckBase,
    Daily,
    ExpressionCheck,
    NotNullCheck,
    RangeCheck,
    TableSpec,
    UniqueCheck,
)
from synth_assets.declarative.simulation import Simulation
from synth_assets.declarative.sql import parsed
from synth_assets.declarative.times import DateColumn, LaterColumn, TimestampColumn
from synth_assets.declarative.typed_values import typed
from synth_assets.declarative.values import ChoiceColumn
from synth_assets.quality.building import row_check, when_complete
from synth_assets.quality.keys import unique
from synth_assets.quality.proportions import shares
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds

# Least share of a value for which chance is nearly normal in small tables.
LEAST_SHARE = 0.02
# Types of dates and times.
TIMES = ("date", "timestamp", "timestamptz")
# Checks that every table has.
COMMON = ("schema", "row_count_as_written", "one_scenario", "primary_key", "row_count")


def checks_of(simulation: Simulation, table: str, types: pl.Schema) -> list[Check]:
    """The table's own checks.

    A check that finds planted anomalies, or is about a column that has them, warns.

    Args:
        simulation: The simulation.
        table: The table's name.
        types: The types of its columns.
    """
    spec = simulation.table(table)
    planted: dict[str, list[str]] = {}
    for anomaly in spec.anomalies:
        for name in anomaly.detected_by:
            planted.setdefault(name, []).append(anomaly.name)
    checks = [row_count(), *_following(simulation, table)]
    checks += [_declared(check, types) for check in spec.checks]
    return [
        check.detecting(*planted[check.name]).as_warning() if check.name in planted else check
        for check in checks
    ]


def names_of(table: TableSpec) -> list[str]:
    """The names of all checks of a table, those that every table has included.

    Args:
        table: The declaration of the table.
    """
    names = list(COMMON)
    for name, column in table.columns.items():
        names += [f"fk_{name}"] if isinstance(column, ReferenceColumn) else []
        names += [f"unique_{name}"] if column.unique else []
        earlier = earlier_than(column)
        names += [_order_name(name, earlier)] if earlier else []
        names += [_day_name(name)] if is_of_its_day(table, column) else []
        names += [f"{name}_distribution"] if shares_of(column) else []
    return names + own_names(table)


def own_names(table: TableSpec) -> list[str]:
    """The names of the checks that a file lists.

    Args:
        table: The declaration of the table.
    """
    return [_name(check) for check in table.checks]


def earlier_than(column: ColumnBase) -> str | None:
    """The column with a time that is never later than that of a column.

    Args:
        column: The declaration of the column.
    """
    if isinstance(column, LaterColumn):
        return column.than
    return column.after if isinstance(column, TimestampColumn) else None


def is_of_its_day(table: TableSpec, column: ColumnBase | None) -> bool:
    """Whether the dates or times of a column are on the days of the rows of a daily table.

    Args:
        table: The declaration of the table.
        column: The declaration of the column, or of a case of a switch.
    """
    if not isinstance(table.partitioning, Daily):
        return False
    match column:
        case DateColumn() | TimestampColumn():
            return column.start is None and column.type in (None, *TIMES)
        case SwitchColumn():
            cases = [*column.cases.values(), column.otherwise or next(iter(column.cases.values()))]
            return column.type in (None, *TIMES) and all(is_of_its_day(table, c) for c in cases)
    return False


def shares_of(column: ColumnBase) -> dict[str, float]:
    """The declared shares of the texts of a column; empty if rows need not have them.

    Args:
        column: The declaration of the column.
    """
    if not isinstance(column, ChoiceColumn) or not isinstance(column.values, dict):
        return {}
    if column.only_when or column.null_rate or column.type not in (None, "text"):
        return {}
    expected = {text: share for text, share in column.values.items() if isinstance(text, str)}
    rare = min(expected.values(), default=0.0) < LEAST_SHARE * sum(expected.values())
    return {} if rare else expected


def _order_name(column: str, earlier: str) -> str:
    return f"{column}_not_before_{earlier}"


def _day_name(column: str) -> str:
    return f"{column}_in_partition"


def _name(check: CheckBase) -> str:
    if check.name is not None:
        return check.name
    match check:
        case UniqueCheck():
            return f"unique_{'_'.join(check.columns)}"
        case RangeCheck() | AcceptedCheck() | NotNullCheck():
            return f"{check.kind}_{check.column}"
    raise TypeError(f"a check without a name: {check}")


def _declared(spec: CheckBase, types: pl.Schema) -> Check:
    name = _name(spec)
    match spec:
        case RangeCheck():
            check = holds(name, _range_in_words(spec), in_range(spec))
        case AcceptedCheck():
            # Texts are compared, in the form of the type, such as 1.50.
            made = [typed([value], types[spec.column]) for value in spec.values]
            values = pl.concat(made).cast(pl.String).to_list()
            check = replace(accepted_values(spec.column, values), name=name)
        case UniqueCheck():
            check = unique(spec.columns, name)
        case NotNullCheck():
            doc = f"`{spec.column}` has a value in every row."
            check = holds(name, doc, pl.col(spec.column).is_not_null())
        case ExpressionCheck():
            doc = spec.doc or f"For every row: {spec.sql}."
            check = holds(name, doc, parsed(spec.sql).over(lambda column: column))
        case _:
            raise TypeError(f"no check is made of {spec}")
    return check.as_warning() if spec.severity == "warn" else check


def in_range(spec: RangeCheck) -> pl.Expr:
    """The condition of a range check, as an expression over the table's columns.

    Args:
        spec: The declaration of the check.
    """
    column = pl.col(spec.column)
    inside = pl.lit(True)
    if spec.low is not None:
        inside &= column >= spec.low
    return inside if spec.high is None else inside & (column <= spec.high)


def _range_in_words(spec: RangeCheck) -> str:
    bounds = [f"at least {spec.low}"] if spec.low is not None else []
    bounds += [f"at most {spec.high}"] if spec.high is not None else []
    return f"`{spec.column}` is {' and '.join(bounds)}."


def _following(simulation: Simulation, table: str) -> Iterator[Check]:
    """The checks of unique columns, of shares, of times in order, of references to the table."""
    spec = simulation.table(table)
    changed = {change.column for change in (*spec.noise, *spec.anomalies)}
    for name, column in spec.columns.items():
        if column.hidden:
            continue
        found: list[Check] = []
        if column.unique:
            found.append(unique([name]))
        if (expected := shares_of(column)) and name not in changed:
            found.append(shares(name, expected))
        if isinstance(column, ReferenceColumn) and column.to == table:
            found.append(_own_reference(name, column.column or simulation.primary_key(table)))
        earlier = earlier_than(column)
        if earlier is not None:
            found += _in_order(simulation, table, name, earlier, getattr(column, "through", None))
        if is_of_its_day(spec, column):
            found.append(_in_partition(name, spec.partitioning.column))
        yield from (check.as_warning() if name in changed else check for check in found)


def _own_reference(column: str, key: str) -> Check:
    def failing_rows(stored: TableView) -> pl.LazyFrame:
        keys = stored.all().select(pl.col(key).alias(column))
        present = stored.current().filter(pl.col(column).is_not_null())
        return present.join(keys, on=column, how="anti")

    doc = f"Every `{column}` is found in `{key}` of the same table."
    return when_complete(row_check(f"fk_{column}", doc, failing_rows))


def _in_partition(column: str, partition_column: str) -> Check:
    day = pl.col(column).cast(pl.Date).cast(pl.String)
    doc = f"`{column}` is on the day of the row's partition."
    return holds(_day_name(column), doc, day == pl.col(partition_column).cast(pl.String))


def _in_order(
    simulation: Simulation, table: str, later: str, earlier: str, through: str | None
) -> Iterator[Check]:
    spec, name = simulation.table(table), _order_name(later, earlier)
    doc = f"`{later}` is never before `{earlier}`" + (f" of `{through}`" if through else "")
    # Points in time are compared in UTC, whatever zone a type has; dates are whole days.
    unit = pl.Date() if simulation.column(table, later).type == "date" else pl.Datetime("us")

    def is_before(other: str) -> pl.Expr:
        return pl.col(later).cast(unit) < pl.col(other).cast(unit)

    if isinstance(spec.columns[later], TimestampColumn):
        doc += ", unless that is after the row's day"
        end = pl.col(spec.partitioning.column).cast(pl.String).str.to_date() + pl.duration(days=1)

        def violated(other: str) -> pl.Expr:
            return is_before(other) & (pl.col(other).cast(pl.Datetime("us")) < end)

    else:
        violated = is_before
    if through is None:
        if not simulation.column(table, earlier).hidden:
            yield holds(name, f"{doc}.", ~violated(earlier))
        return
    reference = simulation.column(table, through)
    assert isinstance(reference, ReferenceColumn)
    parent, key = reference.to, reference.column or simulation.primary_key(reference.to)
    hidden = reference.hidden or simulation.column(parent, earlier).hidden
    if hidden or parent == table:
        return

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        columns = [pl.col(key).alias(through), pl.col(earlier).alias("#earlier")]
        parents = stored.other(parent).all().select(columns)
        rows = stored.current().join(parents, on=through)
        return rows.filter(violated("#earlier")).drop("#earlier")

    check = row_check(name, f"{doc}.", failing_rows, reads=[parent])
    yield when_complete(check, parent, own=False)
