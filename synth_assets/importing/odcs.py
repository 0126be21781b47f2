"""Tables of data contracts (Open Data Contract Standard), as ``synth contract`` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard.model import (
    OpenDataContractStandard,
    Relationship,
    SchemaObject,
    SchemaProperty,
)
from pydantic import ValidationError

from synth_assets.core.errors import UserError
from synth_assets.importing.found import (
    FoundColumn,
    FoundReference,
    FoundSchema,
    FoundTable,
    FoundType,
    Kind,
)
from synth_assets.importing.types import type_of

ENDINGS = ("*.odcs.yaml", "*.odcs.yml")
LOGICAL = {
    "string": Kind.TEXT, "integer": Kind.INTEGER, "number": Kind.FLOAT, "boolean": Kind.BOOLEAN,
    "date": Kind.DATE, "timestamp": Kind.TIMESTAMP, "time": Kind.TIME, "object": Kind.JSON,
    "array": Kind.JSON,
}  # fmt: skip


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
    tables = [table for file in paths for table in _tables(file)]
    if not tables:
        raise UserError(f"{path} has no contract with a table")
    names = [(table.schema, table.name) for table in tables]
    for schema, name in names:
        if names.count((schema, name)) > 1:
            raise UserError(f"{path} has two contracts of a table {name}: give a folder of one")
    return FoundSchema(
        tuple(_with_whole_references(table, tables) for table in tables),
        f"the data contracts of {path.name}",
    )


def _tables(path: Path) -> Iterator[FoundTable]:
    try:
        contract = OpenDataContractStandard.from_string(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, TypeError, UnicodeDecodeError):
        raise UserError(f"{path} is no data contract: it is not YAML with names") from None
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{path} is no data contract: {at}: {first['msg'].lower()}") from None
    for found in contract.schema_ or []:
        yield _table(found, contract)


def _table(found: SchemaObject, contract: OpenDataContractStandard) -> FoundTable:
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
    return FoundTable(
        found.name or found.physicalName or "",
        tuple(_column(p) for p in properties),
        primary_key=tuple(p.name or "" for p in keys),
        references=tuple(references),
        doc=found.description or "",
        schema=_schema(contract),
    )


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


def _column(found: SchemaProperty) -> FoundColumn:
    options: dict[str, Any] = found.logicalTypeOptions or {}
    low, high = options.get("exclusiveMinimum"), options.get("exclusiveMaximum")
    return FoundColumn(
        found.name or "",
        _type(found),
        nullable=not (found.required or found.primaryKey),
        doc=found.description or "",
        values=tuple(str(entry.value) for entry in found.enum or []),
        low=options.get("minimum", low),
        high=options.get("maximum", high),
        low_open=low is not None,
        high_open=high is not None,
        unique=bool(found.unique),
        pattern=str(options.get("pattern") or ""),
    )


def _type(found: SchemaProperty) -> FoundType:
    """The physical type where it is one that is known, else the logical type."""
    physical = type_of(found.physicalType) if found.physicalType else None
    if physical and physical.kind is not Kind.OTHER:
        return physical
    logical = found.logicalType or "string"
    options = found.logicalTypeOptions or {}
    kind = LOGICAL.get(logical, Kind.OTHER)
    return FoundType(kind, found.physicalType or logical, length=options.get("maxLength"))


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
    return FoundReference(tuple(columns), parents[0], tuple(path[-1] for path in parts))
