"""Names that the YAML language and every store accept, for names that are not.

Tables have lower-case names that are unique in the domain: of two schemas with a table each of the
same name, both get their schema's name before them. Every name that is changed is noted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import sqlglot
from anyascii import anyascii
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres

from synth_assets.core.consistency import GATE_REPORT
from synth_assets.declarative.consistency import TAKEN
from synth_assets.declarative.sql import parsed
from synth_assets.importing.found import FoundColumn, FoundReference, FoundSchema, FoundTable
from synth_assets.importing.parsing import quiet

LONGEST = 63
# Words of SQL, of which some are also read as names; quotes do no harm.
WORDS = frozenset(word for key in Postgres.Tokenizer.KEYWORDS for word in key.split())
TableKey = tuple[str, str]


def identified(schema: FoundSchema) -> FoundSchema:
    """A schema with valid names, of which each reference is to a table of the schema.

    Args:
        schema: The schema as its source has it.
    """
    names = _table_names(schema.tables)
    notes = [f"table `{key[1]}` is `{name}` here" for key, name in names.items() if key[1] != name]
    columns = {_key(t): _column_names(t) for t in schema.tables}
    tables = []
    for table in schema.tables:
        renamed = _renamed(table, names, columns[_key(table)])
        references, dropped = _references(table, names, columns)
        tables.append(replace(renamed, references=references))
        notes += [f"column `{table.name}.{old}` is `{new}` here"
                  for old, new in columns[_key(table)].items() if old != new]  # fmt: skip
        notes += [f"column `{table.name}.{c.name}` is a bigint here: `{c.type.spelled}` has larger "
                  "numbers" for c in renamed.columns if c.type.narrowed]  # fmt: skip
        notes += dropped
    return replace(schema, tables=tuple(tables), notes=[*schema.notes, *notes])


def valid_name(text: str, *, lower: bool = False) -> str:
    """A name of letters, digits and underscores that begins with a letter.

    Args:
        text: Any name.
        lower: Whether it has to be in lower case.
    """
    plain = re.sub(r"\W+", "_", anyascii(text), flags=re.ASCII).strip("_") or "unnamed"
    plain = plain if plain[0].isalpha() else f"n_{plain}"
    return (plain.lower() if lower else plain)[:LONGEST]


@cache
def needs_quotes(name: str) -> bool:
    """Whether SQL has to quote a valid name: capital letters, words of SQL, names of functions.

    Args:
        name: The name.
    """
    if name != name.lower() or name.upper() in WORDS:
        return True
    try:
        with quiet():
            return parsed(f"{name} <= {name}").columns != (name,)
    except ValueError:
        return True


def _key(table: FoundTable) -> TableKey:
    return table.schema, table.name


def _table_names(tables: Iterable[FoundTable]) -> dict[TableKey, str]:
    keys = [_key(table) for table in tables]
    repeated = Counter(valid_name(name, lower=True) for _, name in keys)
    readable = [
        f"{schema}_{name}" if schema and repeated[valid_name(name, lower=True)] > 1 else name
        for schema, name in keys
    ]
    names = (valid_name(name, lower=True) for name in readable)
    return dict(zip(keys, _distinct(names, GATE_REPORT), strict=True))


def _column_names(table: FoundTable) -> dict[str, str]:
    names = [column.name for column in table.columns]
    return dict(zip(names, _distinct(map(valid_name, names), *TAKEN), strict=True))


def _distinct(names: Iterable[str], *reserved: str) -> list[str]:
    """Names that differ in more than case: DuckDB and BigQuery do not tell cases apart."""
    taken = set(reserved)
    found = []
    for name in names:
        number, candidate = 1, name
        while candidate.lower() in taken:
            number += 1
            candidate = f"{name[: LONGEST - 5]}_{number}"
        taken.add(candidate.lower())
        found.append(candidate)
    return found


def _renamed(
    table: FoundTable, names: Mapping[TableKey, str], columns: Mapping[str, str]
) -> FoundTable:
    return replace(
        table,
        name=names[_key(table)],
        columns=tuple(_renamed_column(column, columns) for column in table.columns),
        primary_key=tuple(columns[name] for name in table.primary_key),
        uniques=tuple(
            tuple(columns[name] for name in unique)
            for unique in table.uniques
            if set(unique) <= set(columns)
        ),
        checks=tuple(_renamed_sql(sql, columns) for sql in table.checks),
    )


def _renamed_column(column: FoundColumn, columns: Mapping[str, str]) -> FoundColumn:
    return replace(
        column,
        name=columns[column.name],
        source_name=column.name,
        formula=_renamed_sql(column.formula, columns) if column.formula else "",
    )


def _renamed_sql(sql: str, columns: Mapping[str, str]) -> str:
    """SQL with the new names; quotes only where a name needs them."""

    def rename(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        name = columns.get(node.name, node.name)
        return exp.column(exp.to_identifier(name, quoted=needs_quotes(name)))

    return sqlglot.parse_one(sql, read="postgres").transform(rename).sql(dialect="postgres")


def _references(
    table: FoundTable,
    names: Mapping[TableKey, str],
    columns: Mapping[TableKey, Mapping[str, str]],
) -> tuple[tuple[FoundReference, ...], list[str]]:
    """The references with new names, and a note for each to a table that is not in the source."""
    found: dict[tuple[str, ...], FoundReference] = {}
    dropped = []
    own = columns[_key(table)]
    for reference in table.references:
        parent = _parent(table, reference, names)
        if parent is None or not set(reference.columns) <= set(own):
            described = f"`{table.name}.{', '.join(reference.columns)}` to `{reference.parent}`"
            dropped.append(f"reference of {described} left out: there is no such table")
            continue
        of_parent = columns[parent]
        new = replace(
            reference,
            columns=tuple(own[name] for name in reference.columns),
            parent=names[parent],
            parent_columns=tuple(of_parent[n] for n in reference.parent_columns if n in of_parent),
        )
        found.setdefault(new.columns, new)
    return tuple(found.values()), dropped


def _parent(
    table: FoundTable, reference: FoundReference, names: Mapping[TableKey, str]
) -> TableKey | None:
    """The table that a reference is to: of the schema that it names, else of its own first."""
    name, schema = reference.parent, reference.parent_schema
    exact = [(schema, name), ("", name)] if schema else [(table.schema, name)]
    found = next((key for key in exact if key in names), None)
    same = [
        key
        for key in names
        if key[1].lower() == name.lower() and (not schema or key[0].lower() == schema.lower())
    ]
    return found or (same[0] if len(same) == 1 else None)
