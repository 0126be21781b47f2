"""Queries of the database's catalogs: stored columns, partitions and foreign keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl
from psycopg import errors, sql

from synth_assets.core.model import Table
from synth_assets.core.schema import polars_schema
from synth_assets.stores.postgres.connections import Connection
from synth_assets.stores.postgres.types import found_type, postgres_type

# Bytes of an identifier (NAMEDATALEN - 1 of PostgreSQL).
MAX_NAME_BYTES = 63
COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod)
from pg_attribute a join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""
PROVENANCE = """
select "key", "rows", "bytes", fingerprint, code_version, details
from _synth.slices where "domain" = %s and "table" = %s order by "key"
"""
# Whether a foreign key can reference the parent's column, and the one that does so already.
FOREIGN_KEY = """
with parent as (
    select c.oid, a.attnum from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid
    where n.nspname = %(domain)s and c.relname = %(parent)s and a.attname = %(parent_column)s
), child as (
    select c.oid, a.attnum from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid
    where n.nspname = %(domain)s and c.relname = %(child)s and a.attname = %(child_column)s
)
select k.conname, k.convalidated, exists (
    select from pg_index i where i.indrelid = parent.oid and i.indkey[0] = parent.attnum
    and i.indnkeyatts = 1 and i.indisunique and i.indimmediate and i.indisvalid
    and i.indpred is null
)
from parent cross join child left join pg_constraint k
on k.contype = 'f' and k.conrelid = child.oid and k.confrelid = parent.oid
and k.conkey = array[child.attnum] and k.confkey = array[parent.attnum]
"""
REFERENCING = """
select n.nspname, c.relname, k.conname from pg_constraint k
join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class p on p.oid = k.confrelid join pg_namespace m on m.oid = p.relnamespace
where k.contype = 'f' and m.nspname = %s and p.relname = %s and k.conrelid <> k.confrelid
"""


class ForeignKey(NamedTuple):
    """The state of a foreign key.

    Attributes:
        name: Its name; None if it is not declared.
        valid: Whether all rows were validated.
        possible: Whether the parent's column is unique, so that it can be referenced.
    """

    name: str | None
    valid: bool
    possible: bool


class PartitionRecord(NamedTuple):
    """A row of ``_synth.slices``, the provenance table."""

    key: str
    rows: int
    bytes: int
    fingerprint: str
    code_version: str
    details: Mapping[str, str | int]


def qualified_name(table: Table) -> sql.Identifier:
    """A table's name in SQL.

    Args:
        table: The table.

    Returns:
        ``"domain"."table"``.
    """
    return sql.Identifier(table.domain, table.name)


def columns(db: Connection, table: Table) -> dict[str, str]:
    """The stored columns of a table.

    Args:
        db: A connection.
        table: The table.

    Returns:
        Types, as ``format_type`` spells them, by name; empty where there is no table.
    """
    if any(len(name.encode()) > MAX_NAME_BYTES for name in (table.domain, table.name)):
        return {}  # the server would cut the name off, and find another table's columns
    return dict(db.execute(COLUMNS, [table.domain, table.name]).fetchall())


def stored_schema(table: Table, found: Mapping[str, str]) -> pl.Schema:
    """The Polars types of stored columns, without the partition column.

    Args:
        table: The table, for the types of its schema.
        found: Types, as ``format_type`` spells them, by name.

    Returns:
        The schema's type for a column that is stored as ``postgres_type`` of it; else the type
        that corresponds to the stored one.
    """
    declared = polars_schema(table.schema)
    return pl.Schema(
        {
            name: declared[name]
            if name in declared and postgres_type(declared[name]) == kind
            else found_type(kind)
            for name, kind in found.items()
            if name != table.partitioning.partition_column
        }
    )


def partition_records(db: Connection, table: Table) -> list[PartitionRecord]:
    """The stored partitions of a table, in order of key.

    Args:
        db: A connection.
        table: The table.
    """
    try:
        return [PartitionRecord(*row) for row in db.execute(PROVENANCE, [table.domain, table.name])]
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return []  # nothing was ever stored in this database


def foreign_key(
    db: Connection, table: Table, column: str, parent: str, parent_column: str
) -> ForeignKey | None:
    """The state of a foreign key between tables of one domain.

    Args:
        db: A connection.
        table: The child.
        column: The child's column.
        parent: Name of the parent.
        parent_column: The parent's column.

    Returns:
        Its state; None where child or parent do not exist.
    """
    names = {
        "domain": table.domain,
        "child": table.name,
        "child_column": column,
        "parent": parent,
        "parent_column": parent_column,
    }
    row = db.execute(FOREIGN_KEY, names).fetchone()
    return None if row is None else ForeignKey(row[0], bool(row[1]), row[2])


def referencing_keys(db: Connection, table: Table) -> list[tuple[str, str, str]]:
    """Foreign keys of other tables that reference a table.

    Args:
        db: A connection.
        table: The referenced table.

    Returns:
        Schema, table and name of each.
    """
    return db.execute(REFERENCING, [table.domain, table.name]).fetchall()
