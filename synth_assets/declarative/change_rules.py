"""What checks, noise and anomalies of a declaration must fulfil: columns and names that exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from synth_assets.declarative.base import ColumnBase
from synth_assets.declarative.changes import Anomaly, ExpressionAnomaly, Noise, RepeatAnomaly
from synth_assets.declarative.columns import (
    CopyColumn,
    ExpressionColumn,
    ReferenceColumn,
    SwitchColumn,
)
from synth_assets.declarative.gates import COMMON, names_of
from synth_assets.declarative.ground_truth import name_of
from synth_assets.declarative.model import (
    Daily,
    DomainSpec,
    ExpressionCheck,
    TableSpec,
    UniqueCheck,
)
from synth_assets.declarative.problem import Place, Problem, of_sql, unknown

# Kinds of columns that may have text without saying so.
OPEN_KINDS = (CopyColumn, ExpressionColumn, SwitchColumn)
# Each doubles the rows that are computed: those of its runs, and of all repeats before it.
MOST_REPEATS = 4
WORD_KINDS = ("vocabulary", "pattern", "uuid")


def of_checks(table: TableSpec, place: Place) -> Iterator[Problem]:
    """Everything that is wrong with the checks of a table.

    Args:
        table: The table.
        place: Its place.
    """
    stored = _stored(table)
    for number, check in enumerate(table.checks):
        here = (*place, "checks", number)
        if isinstance(check, ExpressionCheck):
            yield from of_sql(table, check.sql, (*here, "sql"))
            continue
        named = check.columns if isinstance(check, UniqueCheck) else [check.column]
        if len(set(named)) < len(named):
            yield Problem(here, "the columns must differ from each other")
        for name in named:
            if name not in stored:
                yield Problem(here, unknown("stored column", name, stored))
    for name, count in Counter(names_of(table)).items():
        if count > 1:
            yield Problem(
                (*place, "checks"), f"{count} checks are called {name!r}: give them other names"
            )


def of_changes(spec: DomainSpec, name: str, place: Place) -> Iterator[Problem]:
    """Everything that is wrong with the noise and the anomalies of a table.

    Args:
        spec: The declaration.
        name: The table's name.
        place: Its place.
    """
    table = spec.tables[name]
    changes: list[tuple[str, int, Noise | Anomaly]] = [
        ("noise", number, noise) for number, noise in enumerate(table.noise)
    ]
    changes += [("anomalies", n, anomaly) for n, anomaly in enumerate(table.anomalies)]
    stored = _stored(table)
    for kind, number, change in changes:
        here = (*place, kind, number)
        if change.column not in stored:
            yield Problem((*here, "column"), unknown("stored column", change.column, stored))
            continue
        yield from _of_key(spec, name, change.column, (*here, "column"))
        if (
            kind == "noise"
            and change.kind != "missing"
            and not _may_be_text(table.columns[change.column])
        ):
            yield Problem(
                (*here, "kind"), f"{change.kind} changes texts, and {change.column} has none"
            )
    yield from _of_anomalies(table, place)


def of_ground_truths(spec: DomainSpec) -> Iterator[Problem]:
    """Ground truths with the name of another table.

    Args:
        spec: The declaration.
    """
    names = list(spec.tables)
    for name, table in spec.tables.items():
        if table.noise or table.anomalies:
            truth = name_of(name, table)
            if truth in names:
                yield Problem(
                    ("tables", name),
                    f"there is another table {truth!r}: `ground_truth` names the table of changes",
                )
            names.append(truth)


def _of_anomalies(table: TableSpec, place: Place) -> Iterator[Problem]:
    checks = [
        name for name in names_of(table) if name not in COMMON and not _of_schema(table, name)
    ]
    for number, anomaly in enumerate(table.anomalies):
        here = (*place, "anomalies", number)
        if isinstance(anomaly, ExpressionAnomaly):
            yield from of_sql(table, anomaly.sql, (*here, "sql"))
        if anomaly.days < 1 and not isinstance(table.partitioning, Daily):
            yield Problem((*here, "days"), "only a daily table has days that are struck")
        for check in anomaly.detected_by:
            if check not in checks:
                yield Problem((*here, "detected_by"), unknown("check", check, checks))
    for name, count in Counter(anomaly.name for anomaly in table.anomalies).items():
        if count > 1:
            yield Problem((*place, "anomalies"), f"{count} anomalies are called {name!r}")
    repeats = [anomaly.column for anomaly in table.anomalies if isinstance(anomaly, RepeatAnomaly)]
    for name, count in Counter(repeats).items():
        if count > MOST_REPEATS:
            message = f"{count} anomalies repeat {name}: at most {MOST_REPEATS} are possible"
            yield Problem((*place, "anomalies"), message)


def _of_schema(table: TableSpec, check: str) -> bool:
    column = table.columns.get(check.removeprefix("fk_"))
    return check.startswith("fk_") and isinstance(column, ReferenceColumn)


def _of_key(spec: DomainSpec, name: str, column: str, place: Place) -> Iterator[Problem]:
    table = spec.tables[name]
    declared = table.columns[column]
    is_key = declared.primary_key or isinstance(declared, ReferenceColumn)
    if is_key and table.blocking:
        yield Problem(
            place,
            f"changes of the key {column} fail the checks of every table: set `blocking: "
            "false` of the table, so that they warn",
        )
    for child_name, child in spec.tables.items():
        for reference, other in child.columns.items():
            if not isinstance(other, ReferenceColumn) or other.to != name:
                continue
            if (other.column or _primary(table)) == column:
                yield Problem(
                    place, f"{child_name}.{reference} refers to {column}, which must be true"
                )


def _primary(table: TableSpec) -> str | None:
    return next((n for n, column in table.columns.items() if column.primary_key), None)


def _may_be_text(column: ColumnBase) -> bool:
    if column.type is not None:
        return column.type == "text"
    kind = getattr(column, "kind", "")
    values = [*getattr(column, "values", []), getattr(column, "value", None)]
    numbered = getattr(column, "prefix", "") or getattr(column, "digits", 0)
    texts = any(isinstance(value, str) for value in values) or bool(numbered)
    return kind in WORD_KINDS or texts or isinstance(column, OPEN_KINDS)


def _stored(table: TableSpec) -> list[str]:
    return [name for name, column in table.columns.items() if not column.hidden]
