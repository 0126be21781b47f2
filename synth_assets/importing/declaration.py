"""The declaration of a domain from a schema, with or without its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from synth_assets.core.errors import UserError
from synth_assets.declarative.model import DomainSpec
from synth_assets.importing.amounts import with_scale
from synth_assets.importing.decision import Context
from synth_assets.importing.found import FoundSchema, FoundTable
from synth_assets.importing.identifiers import identified
from synth_assets.importing.keys import with_keys, with_present_parents, with_references
from synth_assets.importing.partitioned import partitioned
from synth_assets.importing.partitioning import Partitions
from synth_assets.importing.profile import ColumnProfile, TableProfile
from synth_assets.importing.profiling import Profiler
from synth_assets.importing.row_counts import row_counts
from synth_assets.importing.structure import structures
from synth_assets.importing.tables import DeclaredTable, declared
from synth_assets.importing.trial import Failure

Attempt = Callable[[DomainSpec], Sequence[Failure]]


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
    attempt: Attempt = lambda spec: [],
) -> Imported:
    """The domain that a schema declares.

    Args:
        found: The schema.
        name: Name of the domain.
        profiler: Reads the rows of the schema; without it, none are read.
        rows: Rows of each table; of the largest, if rows are read.
        on_table: Is called with each table whose rows are read.
        asked: How tables are to be partitioned; those that are not named are not.
        attempt: Makes rows of the domain, and returns what they do not fulfil.

    Raises:
        UserError: A table cannot be partitioned as requested, or its rows cannot be made.
    """
    schema = identified(found)
    schema = with_keys(schema, profiler.is_key if profiler else None)
    schema = with_references(schema, profiler.is_reference if profiler else None)
    schema = with_present_parents(schema)
    tables = {table.name: table for table in schema.tables}
    profiles: dict[str, TableProfile] = {}
    for table in schema.tables if profiler else ():
        on_table(table.name)
        assert profiler is not None
        profile = profiler.profile(table, tables)
        profiles |= {table.name: profile} if profile is not None else {}
    if profiler and not profiles:
        raise UserError("the source cannot be read: no table of it; may its tables be read?")
    if profiler:
        schema = replace(schema, notes=[*schema.notes, *profiler.notes])
    schema = _with_scales(schema, profiles)
    tables = {table.name: table for table in schema.tables}
    related = structures(
        schema.tables, [n for n, requested in (asked or {}).items() if requested.daily]
    )
    partitions = partitioned(asked or {}, tables, related, profiles)
    counts = row_counts(tables, related, profiles, rows, partitions.tables)
    contexts: dict[str, Context] = {}
    for table in schema.tables:
        contexts[table.name] = Context(
            table, related[table.name], profiles.get(table.name), counts, tables,
            partitions.tables[table.name], contexts,
        )  # fmt: skip
    head = {"domain": name, "doc": f"Imported from {found.doc}.", **partitions.fields()}
    known: set[Failure] = set()
    while True:
        declarations = {name: declared(context) for name, context in contexts.items()}
        specs = {table: declaration.spec for table, declaration in declarations.items()}
        spec = DomainSpec.model_validate({**head, "tables": specs})
        failed = set(attempt(spec))
        if not failed:
            return Imported(spec, schema, declarations, profiles)
        for failure in failed & known:
            raise UserError(
                f"table {failure.table} cannot be made: its rows do not fulfil "
                f"{_in_words(failure, tables[failure.table])}"
            )
        known |= failed
        for failure in failed:
            context = contexts[failure.table]
            contexts[failure.table] = replace(context, failed=context.failed | {failure})


def _in_words(failure: Failure, table: FoundTable) -> str:
    """What rows do not fulfil, with the columns of a key."""
    is_key = (failure.what, failure.name) == ("check", "primary_key")
    return f"{failure.name} ({', '.join(table.primary_key)})" if is_key else failure.name


def _with_scales(schema: FoundSchema, profiles: Mapping[str, TableProfile]) -> FoundSchema:
    """A schema whose decimals have as many digits after the point as their values need."""
    tables = []
    for table in schema.tables:
        profile = profiles.get(table.name, TableProfile())
        columns = (
            with_scale(column, profile.columns.get(column.name, ColumnProfile()))
            for column in table.columns
        )
        tables.append(replace(table, columns=tuple(columns)))
    return replace(schema, tables=tuple(tables))
