"""Tables of a dbt project: its sources and seeds, with what their columns and tests declare.

Models are made from these by dbt, so they are not imported, unless a project has nothing else. The
tables of a manifest and those of YAML files are read by ``dbt_manifest`` and ``dbt_files``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from synth_assets.core.errors import UserError
from synth_assets.importing.conditions import narrowed
from synth_assets.importing.dbt_forms import Column
from synth_assets.importing.found import (
    FoundColumn,
    FoundReference,
    FoundSchema,
    FoundTable,
    FoundType,
)
from synth_assets.importing.names import kind_of
from synth_assets.importing.types import type_of

# ``source('billing', 'invoices')``, ``ref('invoices')`` or ``ref('package', 'invoices')``.
TARGET = re.compile(r"(ref|source)\(\s*(?:['\"]([^'\"]*)['\"]\s*,\s*)?['\"]([^'\"]+)['\"]")
# Tests of other packages, by those of dbt and dbt_utils that say the same.
SAME_TESTS = {
    "expect_column_values_to_not_be_null": "not_null",
    "expect_column_values_to_be_unique": "unique",
    "expect_column_values_to_be_in_set": "accepted_values",
    "expect_column_values_to_be_between": "accepted_range",
    "expect_compound_columns_to_be_unique": "unique_combination_of_columns",
    "unique_combination": "unique_combination_of_columns",
}
# Arguments with which a test is of some rows.
SOME_ROWS = ("row_condition", "where")


@dataclass
class DbtTest:
    """A test of a table or of one of its columns.

    Attributes:
        name: The test's name, without the package that it is of.
        arguments: Its arguments.
        column: The column that it is of.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    column: str | None = None


@dataclass
class DbtTable:
    """A source, seed or model.

    Attributes:
        name: Its name.
        kind: ``source``, ``seed`` or ``model``.
        doc: Its description.
        schema: Its source's name.
        columns: Its columns as dbt describes them.
        constraints: Its constraints, as a contract of dbt has them.
        tests: Its tests.
    """

    name: str
    kind: str
    doc: str = ""
    schema: str = ""
    columns: list[Column] = field(default_factory=list)
    constraints: Sequence[Mapping[str, Any]] = ()
    tests: list[DbtTest] = field(default_factory=list)


def schema_of(tables: Sequence[DbtTable], doc: str, where: str) -> FoundSchema:
    """The tables that are imported of a project.

    Args:
        tables: All tables of the project.
        doc: What the project is.
        where: The project, for errors.

    Raises:
        UserError: The project has no table with columns.
    """
    raw = [table for table in tables if table.kind != "model"]
    chosen = raw or list(tables)
    described = [table for table in chosen if table.columns]
    if not described:
        raise UserError(f"{where} has no source, seed or model with columns")
    notes = [
        f"{table.kind} `{table.name}` left out: no column of it is described"
        for table in chosen
        if not table.columns
    ]
    if raw and len(raw) < len(tables):
        notes.append(f"{len(tables) - len(raw)} models left out: dbt makes them")
    return FoundSchema(tuple(_found(table, notes) for table in described), doc, notes)


def target(text: str) -> tuple[str, str] | None:
    """The source and the table that ``source`` or ``ref`` names; None if a text has neither.

    Args:
        text: The text.
    """
    found = TARGET.search(text)
    if found is None:
        return None
    return (found[2] or "") if found[1] == "source" else "", found[3]


def _found(table: DbtTable, notes: list[str]) -> FoundTable:
    columns = {c.name: c for c in (_column(entry) for entry in table.columns)}
    found = FoundTable(table.name, (), doc=table.doc, schema=table.schema)
    for entry in table.columns:
        table.tests.extend(DbtTest(*_constraint(c), entry.name) for c in entry.constraints)
    table.tests.extend(DbtTest(*_constraint(c)) for c in table.constraints)
    for test in table.tests:
        applied = _applied(test, columns, found)
        columns, found = applied or (columns, found)
        if applied is None:
            where = f"{table.name}.{test.column}" if test.column else table.name
            notes.append(f"test `{test.name}` of `{where}` left out: it is not read")
    return replace(found, columns=tuple(columns.values()))


def _column(entry: Column) -> FoundColumn:
    given = entry.data_type
    kind = type_of(given) if given else FoundType(kind_of(entry.name), "")
    return FoundColumn(entry.name, kind, doc=" ".join(entry.description.split()))


def _constraint(given: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A constraint of dbt as the test that says the same."""
    kind = str(given.get("type") or "")
    if kind == "foreign_key":
        fields, columns = _listed(given.get("to_columns")), _listed(given.get("columns"))
        return "relationships", {"to": given.get("to", ""), "fields": fields, "columns": columns}
    if kind == "check":
        return "expression_is_true", {"expression": given.get("expression", ""), "whole": True}
    return kind, {"columns": _listed(given.get("columns"))}


def _listed(value: Any) -> list[Any]:
    """What an argument names: a list, or one value; a mapping names nothing."""
    if value is None or isinstance(value, dict):
        return []
    return value if isinstance(value, list) else [value]


def _names(value: Any) -> list[str]:
    return [str(each) for each in _listed(value)]


Columns = dict[str, FoundColumn]


def _applied(
    test: DbtTest, columns: Columns, table: FoundTable
) -> tuple[Columns, FoundTable] | None:
    """The columns and the table with what a test says; None if it is not read."""
    config = test.arguments.get("config")
    settings = {**test.arguments, **(config if isinstance(config, dict) else {})}
    if any(settings.get(name) for name in SOME_ROWS):
        return None
    names = [test.column] if test.column else _names(test.arguments.get("columns"))
    of = [columns[name] for name in names if name in columns]
    match SAME_TESTS.get(test.name, test.name):
        case "not_null" if of:
            return columns | {c.name: replace(c, nullable=False) for c in of}, table
        case "unique" if len(of) == 1:
            return columns | {of[0].name: replace(of[0], unique=True)}, table
        case "primary_key" if of:
            keys = {c.name: replace(c, nullable=False) for c in of}
            return columns | keys, replace(table, primary_key=tuple(keys))
        case "unique" | "unique_combination_of_columns":
            listed = _first(test.arguments, "combination_of_columns", "column_list")
            together = tuple(_names(listed) or names)
            if len(together) > 1 and set(together) <= set(columns):
                return columns, replace(table, uniques=(*table.uniques, together))
        case "accepted_values" if of:
            values = tuple(_names(_first(test.arguments, "values", "value_set")))
            return columns | {of[0].name: replace(of[0], values=values)}, table
        case "accepted_range" if of:
            return _conditioned(_range(of[0].name, test.arguments), columns, table)
        case "expect_column_values_to_match_regex" if of and test.arguments.get("regex"):
            pattern = str(test.arguments["regex"])
            return columns | {of[0].name: replace(of[0], pattern=pattern)}, table
        case "relationships" if of:
            return columns, _referring(table, tuple(c.name for c in of), test.arguments)
        case "expression_is_true":
            return _conditioned(_expression(test), columns, table)
    return None


def _first(arguments: Mapping[str, Any], *names: str) -> Any:
    """The first of some arguments that is given."""
    return next((arguments[name] for name in names if arguments.get(name) is not None), None)


def _range(column: str, arguments: Mapping[str, Any]) -> str:
    """The condition of a range, whose ends are numbers or expressions; empty if it has none."""
    name = exp.column(exp.to_identifier(column, quoted=True)).sql()
    is_open = arguments.get("inclusive") is False or arguments.get("strictly") is True
    ends = (("min_value", ">"), ("max_value", "<"))
    return " and ".join(
        f"{name} {sign}{'' if is_open else '='} {arguments[end]}"
        for end, sign in ends
        if isinstance(arguments.get(end), int | float | str)
    )


def _referring(
    table: FoundTable, columns: tuple[str, ...], arguments: Mapping[str, Any]
) -> FoundTable:
    to = str(arguments.get("to") or "")
    schema, parent = target(to) or ("", to.split(".")[-1].strip('"`'))
    fields = _listed(arguments.get("fields")) or _listed(arguments.get("field"))
    parents = tuple(name for name in _names(fields) if name)
    return replace(
        table, references=(*table.references, FoundReference(columns, parent, parents, schema))
    )


def _expression(test: DbtTest) -> str:
    """The condition of an expression; one of a column begins with an operator."""
    text = str(test.arguments.get("expression") or "")
    return text if test.arguments.get("whole") or not test.column else f"{test.column} {text}"


def _conditioned(
    text: str, columns: Columns, table: FoundTable
) -> tuple[Columns, FoundTable] | None:
    """The columns and the table with a condition; None if it cannot be read."""
    if not text or "{{" in text or "{%" in text:
        return None  # dbt would make SQL of it
    try:
        condition = sqlglot.parse_one(text)
    except SqlglotError:
        return None
    columns, rest = narrowed(columns, condition)
    return columns, replace(table, checks=(*table.checks, *rest))


def tests_of(entry: Any, column: str | None) -> Iterator[DbtTest]:
    """The test of an entry in ``data_tests``: its name, or a mapping of its name to arguments.

    Args:
        entry: The entry.
        column: The column that has it.
    """
    if isinstance(entry, str):
        yield DbtTest(entry.split(".")[-1], {}, column)
    elif isinstance(entry, dict) and entry:
        name, given = next(iter(entry.items()))
        arguments = given if isinstance(given, dict) else {}
        nested = arguments.get("arguments")
        merged = {**arguments, **(nested if isinstance(nested, dict) else {})}
        yield DbtTest(str(name).split(".")[-1], merged, column)
