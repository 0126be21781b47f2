"""What the columns of a declaration must fulfil: names that exist, and times and words that fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from synth_assets.declarative.base import ColumnBase, text_of
from synth_assets.declarative.columns import (
    CopyColumn,
    ExpressionColumn,
    ReferenceColumn,
    SwitchColumn,
)
from synth_assets.declarative.fits import require_fit
from synth_assets.declarative.generators.identifiers import parse_pattern
from synth_assets.declarative.model import ChildRows, Daily, DomainSpec, TableSpec
from synth_assets.declarative.problem import Place, Problem, names_of, of_sql, refused, unknown
from synth_assets.declarative.times import DateColumn, LaterColumn, TimestampColumn, day_weights_of
from synth_assets.declarative.types import type_of
from synth_assets.declarative.values import PatternColumn, PositionColumn, VocabularyColumn
from synth_assets.randomness.vocabulary import listed_names, providers, require_words

REAL_NAMES = ("first_name", "last_name")


def of_column(
    spec: DomainSpec, table: TableSpec, column: ColumnBase, place: Place
) -> Iterator[Problem]:
    """Everything that is wrong with a column.

    Args:
        spec: The declaration.
        table: The column's table.
        column: The column.
        place: Its place.
    """
    found = [*_of_kind(spec, table, column, place)]
    if column.only_when is not None:
        found += of_sql(table, column.only_when, (*place, "only_when"))
    if column.type is not None:
        found += refused((*place, "type"), lambda: type_of(str(column.type)))
    yield from found
    if not found:
        here = (*place, "type") if column.type else place
        yield from refused(here, lambda: require_fit(column, column.type))


def _of_kind(
    spec: DomainSpec, table: TableSpec, column: ColumnBase, place: Place
) -> Iterator[Problem]:
    match column:
        case ReferenceColumn():
            yield from _of_reference(spec, table, column, place)
        case CopyColumn():
            yield from _through(spec, table, column.through, column.column, (*place, "column"))
        case ExpressionColumn():
            yield from of_sql(table, column.sql, (*place, "sql"))
        case PatternColumn():
            yield from refused((*place, "pattern"), lambda: parse_pattern(column.pattern))
        case VocabularyColumn():
            yield from _of_vocabulary(column, place)
        case PositionColumn() if not isinstance(table.rows, ChildRows):
            yield Problem(place, "kind position needs rows {kind: children}")
        case SwitchColumn():
            yield from _of_switch(spec, table, column, place)
        case DateColumn() | TimestampColumn() | LaterColumn():
            yield from _of_time(spec, table, column, place)


def _of_reference(
    spec: DomainSpec, table: TableSpec, column: ReferenceColumn, place: Place
) -> Iterator[Problem]:
    parent = spec.tables.get(column.to)
    if parent is None:
        yield Problem((*place, "to"), unknown("table", column.to, list(spec.tables)))
        return
    keys = [name for name, other in parent.columns.items() if other.primary_key]
    keys += [name for name, other in parent.columns.items() if other.unique and name not in keys]
    if column.column is None and not any(other.primary_key for other in parent.columns.values()):
        yield Problem((*place, "to"), f"{column.to} has no primary key: name a unique column of it")
    elif column.column is not None and column.column not in keys:
        what = f"key or unique column of {column.to}"
        yield Problem((*place, "column"), unknown(what, column.column, keys))
    daily, parent_daily = (isinstance(t.partitioning, Daily) for t in (table, parent))
    if parent_daily and not daily:
        yield Problem(
            (*place, "to"),
            f"{column.to} is daily, and goes on: only daily tables can refer to its rows",
        )
    if "exponent" in column.model_fields_set and column.distribution != "zipf":
        yield Problem((*place, "exponent"), "only distribution: zipf has an exponent")
    if column.unique and column.distribution != "uniform":
        message = "a unique reference has each parent once: it has no distribution"
        yield Problem((*place, "distribution"), message)
    if column.unique and (daily or parent is table):
        yield Problem(
            (*place, "unique"),
            "a reference can be unique in a table that is not daily, to another table",
        )


def _of_vocabulary(column: VocabularyColumn, place: Place) -> Iterator[Problem]:
    try:
        known = providers(column.locale)
    except AttributeError:
        message = (
            f"Faker has no locale {column.locale!r}; en_US, de_DE and ja_JP are some of its own"
        )
        yield Problem((*place, "locale"), message)
        return
    if column.provider not in known:
        what = f"provider of Faker in {column.locale}"
        yield Problem((*place, "provider"), unknown(what, column.provider, sorted(known)))
        return
    yield from refused((*place, "provider"), lambda: require_words(column.provider, column.locale))
    if column.frequencies != "real":
        return
    if column.provider not in REAL_NAMES:
        names = " and ".join(REAL_NAMES)
        yield Problem(
            (*place, "frequencies"), f"frequencies are known of {names}; take equal or zipf"
        )
        return
    try:
        listed_names(column.provider, column.locale)
    except AttributeError:
        yield Problem(
            (*place, "frequencies"),
            f"Faker lists no {column.provider} in {column.locale}; take equal or zipf",
        )


def _of_switch(
    spec: DomainSpec, table: TableSpec, column: SwitchColumn, place: Place
) -> Iterator[Problem]:
    if column.on not in table.columns:
        yield Problem((*place, "on"), unknown("column", column.on, list(table.columns)))
    for text, count in Counter(map(text_of, column.cases)).items():
        if count > 1:
            yield Problem((*place, "cases"), f"{count} cases are of the value {text!r}")
    cases: list[tuple[Place, ColumnBase | None]] = [
        ((*place, "cases", str(value)), case) for value, case in column.cases.items()
    ]
    for here, case in [*cases, ((*place, "otherwise"), column.otherwise)]:
        if isinstance(case, ReferenceColumn):
            yield Problem(here, "a case cannot be a reference: its parent would be unknown")
        elif case is not None and _has_more(case):
            yield Problem(
                here,
                "a case says how values are made alone: keys, null_rate, only_when, hidden, "
                "unique and pii are those of the column",
            )
        elif case is not None:
            yield from of_column(spec, table, case, here)


def _has_more(case: ColumnBase) -> bool:
    flags = (case.primary_key, case.unique, case.null_rate, case.only_when, case.hidden, case.pii)
    return any(flags)


def _of_time(
    spec: DomainSpec,
    table: TableSpec,
    column: DateColumn | TimestampColumn | LaterColumn,
    place: Place,
) -> Iterator[Problem]:
    daily = isinstance(table.partitioning, Daily)
    if not isinstance(column, LaterColumn) and column.start is None and not daily:
        yield Problem(place, "start and end are required in a table that is not daily")
    if not isinstance(column, LaterColumn):
        yield from _of_calendar(column, place)
    if isinstance(column, TimestampColumn):
        yield from _without_effect(column, place)
    if isinstance(column, DateColumn):
        return
    field = "than" if isinstance(column, LaterColumn) else "after"
    named = column.than if isinstance(column, LaterColumn) else column.after
    if named is not None and column.through is not None:
        yield from _through(spec, table, column.through, named, (*place, field))
    elif named is not None and named not in table.columns:
        yield Problem((*place, field), unknown("column", named, list(table.columns)))
    if (
        isinstance(column, TimestampColumn)
        and column.spread == "even"
        and not isinstance(table.rows, ChildRows)
    ):
        yield Problem((*place, "spread"), "spread even needs rows {kind: children}")


def _of_calendar(column: DateColumn | TimestampColumn, place: Place) -> Iterator[Problem]:
    if column.calendar is None:
        return
    if column.start is None or column.end is None:
        message = (
            "a calendar is of the days from start to end; `rows: {kind: calendar}` counts rows"
        )
        yield Problem((*place, "calendar"), message)
        return
    start, calendar = date.fromordinal(column.start.toordinal()), column.calendar
    days = column.end.toordinal() - column.start.toordinal() + isinstance(column, DateColumn)
    if not day_weights_of(calendar, start, days).any():
        yield Problem((*place, "calendar"), "every day from start to end has the weight 0")


def _without_effect(column: TimestampColumn, place: Place) -> Iterator[Problem]:
    """Weights and distances of times that follow from something else."""
    even = column.spread == "even"
    decides = "after" if column.after is not None else "spread: even" if even else ""
    if not decides:
        return
    given = {"hours": column.hours, "calendar": column.calendar, "spread": even and column.after}
    for field, value in given.items():
        if value:
            yield Problem((*place, field), f"has no effect beside `{decides}`")


def _through(
    spec: DomainSpec, table: TableSpec, through: str, column: str, place: Place
) -> Iterator[Problem]:
    reference = table.columns.get(through)
    if not isinstance(reference, ReferenceColumn):
        known = names_of(table, ReferenceColumn)
        message = unknown("reference of the table", through, known)
        yield Problem((*place[:-1], "through"), message)
        return
    parent = spec.tables.get(reference.to)
    if parent is not None and column not in parent.columns:
        yield Problem(place, unknown(f"column of {reference.to}", column, list(parent.columns)))
