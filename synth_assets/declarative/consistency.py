"""What a declaration must fulfil beyond the form of its parts: names that exist, no circles.

Each problem has its place in the file, so that the loader can name the line. The rules of columns
are in ``column_rules``, those of checks, noise and anomalies in ``change_rules``. What only the
rows show (types of expressions, numbers of rows) is checked by the compiler.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from synth_assets.core.names import differing_in_case
from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.change_rules import of_changes, of_checks, of_ground_truths
from synth_assets.declarative.column_rules import of_column
from synth_assets.declarative.columns import ReferenceColumn
from synth_assets.declarative.cron import require_cron
from synth_assets.declarative.dependencies import of_dependencies
from synth_assets.declarative.model import ChildRows, Daily, DomainSpec, Named, TableSpec
from synth_assets.declarative.problem import Place, Problem, names_of, refused, unknown
from synth_assets.declarative.values import ChoiceColumn

# The column of row numbers that every generator has.
RESERVED = "row"
# Names that no column can have, and what has each.
TAKEN = {RESERVED: "row numbers", "primary_key": "the rule of keys"}
# Most rows of a parent.
MOST_CHILDREN = 100_000


def problems(spec: DomainSpec) -> Iterator[Problem]:
    """Everything that is wrong with a declaration.

    Args:
        spec: The declaration.
    """
    if spec.schedule is not None:
        yield from refused(("schedule",), lambda: require_cron(str(spec.schedule)))
    if spec.end_date is not None and spec.end_date <= spec.start_date:
        yield Problem(
            ("end_date",), f"end_date {spec.end_date} must be after start_date {spec.start_date}"
        )
    found = [*_of_columns(spec), *of_ground_truths(spec)]
    found = found or list(_circles(spec))
    yield from found
    if not found:
        yield from of_dependencies(spec)


def _of_columns(spec: DomainSpec) -> Iterator[Problem]:
    for name, table in spec.tables.items():
        place: Place = ("tables", name)
        yield from _of_rows(spec, table, place)
        yield from _of_names(table, place)
        if all(column.hidden for column in table.columns.values()):
            yield Problem((*place, "columns"), "every column is hidden: nothing would be stored")
        for column_name, column in table.columns.items():
            here = (*place, "columns", column_name)
            yield from of_column(spec, table, column, here)
        yield from of_checks(table, place)
        yield from of_changes(spec, name, place)


def _of_names(table: TableSpec, place: Place) -> Iterator[Problem]:
    taken = table.partitioning.column
    for name, owner in TAKEN.items():
        if name in table.columns:
            message = f"a column cannot be called {name!r}: it is the name of {owner}"
            yield Problem((*place, "columns", name), message)
    for other, name in differing_in_case([taken, *table.columns]):
        message = (
            f"a column cannot be called {name!r}: it is the partition column; `column` of "
            "partitioning gives that another name"
            if other == taken
            else f"databases do not distinguish {name!r} from {other!r}: give it another name"
        )
        yield Problem((*place, "columns", name), message)


def _of_rows(spec: DomainSpec, table: TableSpec, place: Place) -> Iterator[Problem]:
    partitioning, rows = table.partitioning, table.rows
    daily = isinstance(partitioning, Daily)
    if isinstance(partitioning, Named) and len(set(partitioning.names)) < len(partitioning.names):
        yield Problem((*place, "partitioning", "names"), "the names must differ from each other")
    if isinstance(rows, int):
        return
    if not isinstance(rows, ChildRows):
        if not daily:
            yield Problem((*place, "rows"), "a calendar of rows needs partitioning {kind: daily}")
        return
    here = (*place, "rows", "of")
    reference = table.columns.get(rows.of)
    if not isinstance(reference, ReferenceColumn):
        known = names_of(table, ReferenceColumn)
        yield Problem(here, unknown("reference of the table", rows.of, known))
        return
    if reference.null_rate or reference.only_when or reference.unique:
        yield Problem(here, f"{rows.of} counts the rows: it has no null_rate, only_when or unique")
    if reference.model_fields_set & {"distribution", "exponent"}:
        message = f"{rows.of} counts the rows by `count`: it has no distribution and no exponent"
        yield Problem(here, message)
    parent = spec.tables.get(reference.to)
    if parent is table:
        yield Problem(here, "rows cannot be counted by rows of the same table")
    elif parent is not None and isinstance(parent.partitioning, Daily) and not daily:
        yield Problem(here, f"{reference.to} is daily, so this table must be daily as well")
    if isinstance(rows.count, ChoiceColumn) and not all(
        type(value) is int and 0 <= value <= MOST_CHILDREN for value in rows.count.values
    ):
        yield Problem((*place, "rows", "count", "values"), "counts are whole numbers from 0 up")
    if isinstance(rows.count, int):
        return
    if getattr(rows.count, "low", 0) < 0:
        yield Problem((*place, "rows", "count", "low"), "counts are not negative")
    own = set(type(rows.count).model_fields) - set(ColumnBase.model_fields) | {"doc"}
    for field in sorted(rows.count.model_fields_set - own):
        yield Problem(
            (*place, "rows", "count", field),
            f"a count is no column and has no {field}: only {', '.join(sorted(own))}",
        )


def _circles(spec: DomainSpec) -> Iterator[Problem]:
    graph = {
        name: {
            column.to
            for column in table.columns.values()
            if isinstance(column, ReferenceColumn) and column.to != name
        }
        for name, table in spec.tables.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: Sequence[str] = error.args[1]
        columns = spec.tables[circle[-1]].columns.items()
        reference = next(n for n, c in columns if getattr(c, "to", None) == circle[-2])
        yield Problem(
            ("tables", circle[-1], "columns", reference, "to"),
            f"tables refer to each other in a circle: {' -> '.join(reversed(circle))}; leave out "
            "one of the references",
        )
