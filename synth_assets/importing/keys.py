"""Keys and references that names suggest, where a source declares none.

``orders.customer_id`` refers to ``customers`` if there is such a table with a key of the same kind
of values. All that is added here is marked as guessed; with rows at hand it is confirmed first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from synth_assets.importing.found import (
    WORDS,
    FoundColumn,
    FoundReference,
    FoundSchema,
    FoundTable,
    Kind,
)

# Words before names of tables that say how a table is used, not what it is of.
PREFIXES = ("raw_", "stg_", "src_", "dim_", "fct_", "fact_", "tbl_", "int_")
SUFFIX = re.compile(r"_(id|key|uuid|guid|code|no|number|sk|fk)$")
# Columns that refer to another row of their own table.
OWN = re.compile(r"^(parent|manager|supervisor|reports_to|previous|replaces|referred_by)(_id)?$")
KEY_KINDS = frozenset({Kind.INTEGER, Kind.TEXT, Kind.UUID, Kind.DECIMAL, Kind.OTHER})

# Whether the rows of a source agree: of a key, and of a reference.
ConfirmKey = Callable[[FoundTable, str], bool]
ConfirmReference = Callable[[FoundTable, FoundReference, Mapping[str, FoundTable]], bool]


def with_keys(schema: FoundSchema, confirm: ConfirmKey | None = None) -> FoundSchema:
    """Every table with a primary key, if it declares a unique column or a name suggests one.

    Args:
        schema: The schema.
        confirm: Whether a column of a table is unique; without it, names suffice.
    """
    return replace(schema, tables=tuple(_with_key(table, confirm) for table in schema.tables))


def with_references(schema: FoundSchema, confirm: ConfirmReference | None = None) -> FoundSchema:
    """Every table with the references that names suggest besides those it declares.

    Args:
        schema: The schema.
        confirm: Whether every value of a reference is found; without it, names suffice.
    """
    tables = {table.name: table for table in schema.tables}
    by_word = {word: table for table in schema.tables for word in _singulars(table.name)}
    found = []
    for table in schema.tables:
        guesses = [
            guess
            for guess in _guessed(table, by_word)
            if confirm is None or confirm(table, guess, tables)
        ]
        found.append(replace(table, references=(*table.references, *guesses)))
    return replace(schema, tables=tuple(found))


def with_present_parents(schema: FoundSchema) -> FoundSchema:
    """Every column that others refer to has a value in every row, so that each row can be found.

    Args:
        schema: The schema, of which each reference is to one of its tables.
    """
    named = {
        (reference.parent, column)
        for table in schema.tables
        for reference in table.references
        for column in reference.parent_columns
    }
    notes = list(schema.notes)
    tables = []
    for table in schema.tables:
        changed = {c.name for c in table.columns if c.nullable and (table.name, c.name) in named}
        notes += [
            f"column `{table.name}.{name}` has a value in every row, since others refer to it"
            for name in sorted(changed - set(table.primary_key))
        ]
        columns = (replace(c, nullable=c.nullable and c.name not in changed) for c in table.columns)
        tables.append(replace(table, columns=tuple(columns)))
    return replace(schema, tables=tuple(tables), notes=notes)


def snake(name: str) -> str:
    """A name in lower case with underscores between its words.

    Args:
        name: A name such as ``customerId``.
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _with_key(table: FoundTable, confirm: ConfirmKey | None) -> FoundTable:
    if table.primary_key:
        return table
    declared = [c.name for c in table.columns if c.unique and not c.nullable]
    if declared:
        first = next((name for name in declared if _is_key_name(table, name)), declared[0])
        return replace(table, primary_key=(first,))
    for together in table.uniques:
        if not any(table.column(name).nullable for name in together):
            return replace(table, primary_key=together)
    for column in table.columns:
        if (
            _is_key_name(table, column.name)
            and column.type.kind in KEY_KINDS
            and (confirm is None or confirm(table, column.name))
        ):
            columns = tuple(replace(c, nullable=False) if c is column else c for c in table.columns)
            return replace(table, columns=columns, primary_key=(column.name,), key_guessed=True)
    return table


def _is_key_name(table: FoundTable, name: str) -> bool:
    plain = snake(name)
    words = {f"{word}_{end}" for word in _singulars(table.name) for end in ("id", "key", "sk")}
    return plain in {"id", "uuid", "guid", "key"} | words


def _singulars(name: str) -> list[str]:
    """The words that a reference to a table may begin with, the most exact first."""
    plain = snake(name)
    prefix = next((p for p in PREFIXES if plain.startswith(p)), "")
    plain = plain.removeprefix(prefix)
    found = [plain]
    for plural, singular in (("ies", "y"), ("ses", "s"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if plain.endswith(plural) and len(plain) > len(plural) + 1:
            found.append(plain.removesuffix(plural) + singular)
    return found


def _guessed(table: FoundTable, by_word: Mapping[str, FoundTable]) -> Sequence[FoundReference]:
    taken = {name for reference in table.references for name in reference.columns}
    alone = table.primary_key if len(table.primary_key) == 1 else ()
    guesses = []
    for column in table.columns:
        if column.name in taken or column.name in alone:
            continue
        parent = _parent_of(table, column, by_word)
        if parent is not None:
            guesses.append(FoundReference((column.name,), parent.name, guessed=True))
    return guesses


def _parent_of(
    table: FoundTable, column: FoundColumn, by_word: Mapping[str, FoundTable]
) -> FoundTable | None:
    plain = snake(column.name)
    if OWN.match(plain) and _fits(column, table):
        return table
    if not SUFFIX.search(plain):
        return None
    words = SUFFIX.sub("", plain).split("_")
    # All words of the name, then without the first: billing_customer_id is of a customer.
    for start in range(len(words)):
        parent = by_word.get("_".join(words[start:]))
        if parent is not None and parent.name != table.name and _fits(column, parent):
            return parent
    return None


def _fits(column: FoundColumn, parent: FoundTable) -> bool:
    """Whether a parent has a key of one column, with values of the same kind."""
    if len(parent.primary_key) != 1:
        return False
    kinds = {column.type.kind, parent.column(parent.primary_key[0]).type.kind}
    return len(kinds) == 1 or kinds <= WORDS or Kind.OTHER in kinds
