"""Tables of data contracts (Open Data Contract Standard), as ``synth contract`` writes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import sqlglot
from open_data_contract_standard.model import (
    OpenDataContractStandard,
    Relationship,
    SchemaObject,
    SchemaProperty,
)
from pydantic import ValidationError
from sqlglot import exp
from sqlglot.errors import SqlglotError

from synth_assets.core.errors import UserError
from synth_assets.importing.conditions import narrowed
from synth_assets.importing.found import (
    FoundColumn,
    FoundReference,
    FoundSchema,
    FoundTable,
)
from synth_assets.importing.listed import literal
from synth_assets.importing.odcs_columns import (
    conditions_of,
    contract_column,
    left_out,
    options_left_out,
    with_rule,
)
from synth_assets.importing.yaml_document import read_yaml

ENDINGS = ("*.odcs.yaml", "*.odcs.yml")
# The rules of ``synth contract`` that say something of values, as conditions of SQL.
ENGINE = "synth"
ONE_OF = re.compile(r"`(\w+)` is one of (.+)\.")
RANGE = re.compile(r"`(\w+)` is (?:at least (\S+?))?(?: and )?(?:at most (\S+?))?\.")
LATER = re.compile(r"`(\w+)` is never before `(\w+)`\.")
CONDITION = re.compile(r"For every row: (.+)\.", re.DOTALL)
UNIQUE = re.compile(r"No two rows of the table, in any partition, share (\w+(?:, \w+)*)\.")


def contracts_in(folder: Path) -> list[Path]:
    """The contracts of a folder, and of folders below it.

    Args:
        folder: The folder.
    """
    return sorted(path for end in ENDINGS for path in folder.rglob(end))


def read(path: Path) -> FoundSchema:
    """The tables of a contract, or of all contracts of a folder.

    Args:
        path: The file or folder.

    Raises:
        UserError: A file is no contract, or no contract has a table.
    """
    paths = contracts_in(path) if path.is_dir() else [path]
    notes: list[str] = []
    tables = _distinct([(_stem(file), table) for file in paths for table in _tables(file, notes)])
    if not tables:
        raise UserError(f"{path} has no contract with a table")
    names = [(table.schema, table.name) for table in tables]
    for schema, name in names:
        if names.count((schema, name)) > 1:
            raise UserError(f"{path} has two contracts of a table {name}: give a folder of one")
    keys = set(names)
    tables = [replace(table, references=_known(table, keys)) for table in tables]
    return FoundSchema(
        tuple(_with_whole_references(table, tables) for table in tables),
        f"the data contracts of {path.name}",
        notes,
    )


def _stem(file: Path) -> str:
    return file.name.split(".")[0]


def _distinct(tables: Sequence[tuple[str, FoundTable]]) -> list[FoundTable]:
    """The tables; several that are stored under one name are in schemas of their files' names."""
    counts = Counter((table.schema, table.name) for _, table in tables)
    return [
        replace(table, schema=file) if counts[table.schema, table.name] > 1 else table
        for file, table in tables
    ]


def _known(table: FoundTable, keys: Collection[tuple[str, str]]) -> tuple[FoundReference, ...]:
    """The references, of which each names the file of its parent only where that is its schema."""
    return tuple(
        r if (r.parent_schema, r.parent) in keys else replace(r, parent_schema="")
        for r in table.references
    )


def _tables(path: Path, notes: list[str]) -> Iterator[FoundTable]:
    try:
        document = read_yaml(path)
    except UserError as error:
        raise UserError(f"{error}, so no data contract") from None
    if not isinstance(document, dict):
        raise UserError(f"{path} is no data contract: it is not YAML with names")
    try:
        contract = OpenDataContractStandard.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{path} is no data contract: {at}: {first['msg'].lower()}") from None
    for found in contract.schema_ or []:
        try:
            yield _table(found, contract, notes)
        except ValueError as error:
            raise UserError(f"{path} is no data contract: {error}") from None


def _table(found: SchemaObject, contract: OpenDataContractStandard, notes: list[str]) -> FoundTable:
    own_name = found.name or found.physicalName or ""
    # The partition is where a row is stored, not a part of it.
    properties = [p for p in found.properties or [] if p.name and not _is_partition(p)]
    keys = sorted((p for p in properties if p.primaryKey), key=lambda p: p.primaryKeyPosition or 0)
    references = [
        reference
        for p in properties
        for relationship in p.relationships or []
        if (reference := _reference([p.name or ""], relationship))
    ]
    for relationship in found.relationships or []:
        own = relationship.from_
        names = own if isinstance(own, list) else [own or ""]
        reference = _reference([name.split(".")[-1] for name in names], relationship)
        references += [reference] if reference else []
    columns = {p.name or "": contract_column(own_name, p) for p in properties}
    for p in properties:
        notes += options_left_out(own_name, p)
        for rule in p.quality or []:
            applied = with_rule(columns[p.name or ""], rule)
            columns[p.name or ""] = applied or columns[p.name or ""]
            notes += [] if applied else [left_out(f"{own_name}.{p.name}", rule)]
    notes += [left_out(own_name, rule) for rule in found.quality or [] if rule.engine != ENGINE]
    rules = [r.description or "" for r in found.quality or [] if r.engine == ENGINE]
    columns, conditions = _conditioned(columns, rules)
    together = [tuple(m[1].split(", ")) for m in map(UNIQUE.fullmatch, rules) if m]
    for (name,) in (names for names in together if len(names) == 1 and names[0] in columns):
        columns[name] = replace(columns[name], unique=True)
    return FoundTable(
        own_name,
        tuple(columns.values()),
        primary_key=tuple(p.name or "" for p in keys),
        references=tuple(references),
        uniques=tuple(names for names in together if len(names) > 1 and set(names) <= set(columns)),
        checks=(*conditions, *(c for p in properties for c in conditions_of(own_name, p))),
        doc=found.description or "",
        schema=_schema(contract),
    )


def _conditioned(
    columns: dict[str, FoundColumn], rules: Sequence[str]
) -> tuple[dict[str, FoundColumn], list[str]]:
    """The columns with what rules say of each, and the conditions of several columns."""
    rest: list[str] = []
    for sql in filter(None, map(_sql, rules)):
        try:
            tree = sqlglot.parse_one(sql, read="postgres")
        except SqlglotError:
            continue
        if {column.name for column in tree.find_all(exp.Column)} <= set(columns):
            columns, more = narrowed(columns, tree)
            rest += more
    return columns, rest


def _sql(rule: str) -> str:
    """The condition of a rule; empty if it has none."""
    if found := ONE_OF.fullmatch(rule):
        return f'"{found[1]}" in ({", ".join(map(literal, found[2].split(", ")))})'
    if found := LATER.fullmatch(rule):
        return f'"{found[1]}" >= "{found[2]}"'
    if found := CONDITION.fullmatch(rule):
        return found[1]
    found = RANGE.fullmatch(rule)
    bounds = [(">=", found[2]), ("<=", found[3])] if found else []
    # Dates are quoted, as numbers may be.
    return " and ".join(
        f'"{found[1]}" {sign} {_bound(end)}' for sign, end in bounds if found and end
    )


def _bound(text: str) -> str:
    return text if re.fullmatch(r"[-+.\de]+", text) and text.count("-") < 2 else literal(text)


def _schema(contract: OpenDataContractStandard) -> str:
    """The schema that a table is in: what its name has before it, else the domain."""
    path = re.split(r"[./]", contract.name or "")
    return path[-2] if len(path) > 1 else contract.domain or ""


def _with_whole_references(table: FoundTable, tables: Sequence[FoundTable]) -> FoundTable:
    """A table with one reference of several columns where each of them refers to a key's column."""
    keys = {other.name: other.primary_key for other in tables if len(other.primary_key) > 1}
    found: list[FoundReference] = []
    for parent, key in keys.items():
        own = {
            r.parent_columns[0]: r.columns[0]
            for r in table.references
            if r.parent == parent and len(r.columns) == 1 and r.parent_columns
        }
        if set(key) <= set(own):
            found.append(FoundReference(tuple(own[name] for name in key), parent, key))
    parts = {(r.parent, name) for r in found for name in r.columns}
    rest = (r for r in table.references if (r.parent, r.columns[0]) not in parts)
    return replace(table, references=(*found, *rest))


def _is_partition(found: SchemaProperty) -> bool:
    return bool(found.partitioned) and found.description == "The partition of the row."


def _reference(columns: Sequence[str], relationship: Relationship) -> FoundReference | None:
    """The reference of ``table.column``, or of ``file#/schema/table/properties/column``."""
    to = relationship.to
    targets = to if isinstance(to, list) else [to or ""]
    parts = [
        [part for part in re.split(r"[./]", target.split("#")[-1]) if part] for target in targets
    ]
    if any(len(path) < 2 for path in parts):
        return None
    parents = [
        path[-3] if path[-2] == "properties" and len(path) > 2 else path[-2] for path in parts
    ]
    file = targets[0].partition("#")[0].split(".")[0] if "#" in targets[0] else ""
    return FoundReference(tuple(columns), parents[0], tuple(path[-1] for path in parts), file)
