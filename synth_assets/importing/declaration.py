"""The declaration of a domain from a schema, with or without its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synth_assets.declarative.model import DomainSpec
from synth_assets.importing.decision import Context
from synth_assets.importing.found import FoundSchema, FoundTable
from synth_assets.importing.identifiers import identified
from synth_assets.importing.keys import with_keys, with_references
from synth_assets.importing.profile import Profiler, TableProfile
from synth_assets.importing.structure import structures
from synth_assets.importing.tables import DeclaredTable, declared, row_counts


@dataclass(frozen=True)
class Imported:
    """A domain of the YAML language, and what it was made from.

    Attributes:
        spec: The domain.
        schema: The schema, with valid names, keys and references.
        tables: The tables with what was decided of them.
        profiles: The profiles of those whose rows were read.
    """

    spec: DomainSpec
    schema: FoundSchema
    tables: Mapping[str, DeclaredTable]
    profiles: Mapping[str, TableProfile]


def imported(
    found: FoundSchema,
    name: str,
    profiler: Profiler | None = None,
    rows: int | None = None,
    on_table: Callable[[str], None] = lambda name: None,
) -> Imported:
    """The domain that a schema declares.

    Args:
        found: The schema.
        name: Name of the domain.
        profiler: Reads the rows of the schema; without it, none are read.
        rows: Rows of each table; of the largest, if rows are read.
        on_table: Is called with each table whose rows are read.
    """
    schema = identified(found)
    schema = with_keys(schema, profiler.is_key if profiler else None)
    schema = with_references(schema, profiler.is_reference if profiler else None)
    tables = {table.name: table for table in schema.tables}
    profiles = {}
    for table in schema.tables if profiler else ():
        on_table(table.name)
        assert profiler is not None
        profiles[table.name] = profiler.profile(table, tables)
    declarations = _declarations(tables, profiles, rows)
    doc = f"Imported from {found.doc}."
    specs = {table: declaration.spec for table, declaration in declarations.items()}
    spec = DomainSpec.model_validate({"domain": name, "doc": doc, "tables": specs})
    return Imported(spec, schema, declarations, profiles)


def _declarations(
    tables: Mapping[str, FoundTable], profiles: Mapping[str, TableProfile], rows: int | None
) -> dict[str, DeclaredTable]:
    related = structures(list(tables.values()))
    counts = row_counts(tables, related, profiles, rows)
    return {
        name: declared(Context(table, related[name], profiles.get(name), counts, tables))
        for name, table in tables.items()
    }
