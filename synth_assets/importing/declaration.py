"""The declaration of a domain from a schema, with or without its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synth_assets.declarative.model import DomainSpec
from synth_assets.importing.decision import Context
from synth_assets.importing.found import FoundSchema
from synth_assets.importing.identifiers import identified
from synth_assets.importing.keys import with_keys, with_references
from synth_assets.importing.partitioned import partitioned
from synth_assets.importing.partitioning import Partitions
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
    asked: Mapping[str, Partitions] | None = None,
) -> Imported:
    """The domain that a schema declares.

    Args:
        found: The schema.
        name: Name of the domain.
        profiler: Reads the rows of the schema; without it, none are read.
        rows: Rows of each table; of the largest, if rows are read.
        on_table: Is called with each table whose rows are read.
        asked: How tables are to be partitioned; those that are not named are not.

    Raises:
        UserError: A table cannot be partitioned as requested.
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
    related = structures(
        schema.tables, [n for n, requested in (asked or {}).items() if requested.daily]
    )
    partitions = partitioned(asked or {}, tables, related, profiles)
    counts = row_counts(tables, related, profiles, rows)
    declarations = {
        table.name: declared(
            Context(
                table, related[table.name], profiles.get(table.name), counts, tables,
                partitions.tables[table.name],
            )
        )
        for table in schema.tables
    }  # fmt: skip
    doc = f"Imported from {found.doc}."
    specs = {table: declaration.spec for table, declaration in declarations.items()}
    spec = DomainSpec.model_validate(
        {"domain": name, "doc": doc, **partitions.fields(), "tables": specs}
    )
    return Imported(spec, schema, declarations, profiles)
