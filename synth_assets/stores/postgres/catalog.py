"""What the database is found to hold: columns, partitions, foreign keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl
from psycopg import errors, sql

from synth_assets.core.model import Table
from synth_assets.core.schema import polars_schema
from synth_assets.stores.postgres.connections import Connection
from synth_assets.stores.postgres.types import found_type, postgres_type

COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod)
from pg_attribute a join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""
SLICES = """
select "key", "rows", "bytes", fingerprint, code_version, details
from _synth.slices where "domain" = %s and "table" = %s order by "key"
"""
# Can a foreign key point to this column, and is there one from that column already?
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
POINTING_HERE = """
select n.nspname, c.relname, k.conname from pg_constraint k
join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class p on p.oid = k.confrelid join pg_namespace m on m.oid = p.relnamespace
where k.contype = 'f' and m.nspname = %s and p.relname = %s and k.conrelid <> k.confrelid
"""


class ForeignKey(NamedTuple):
    """A foreign key's name, or None where there is none, and whether all rows were checked.

    ``possible`` where the parent's column is unique by itself.
    """

    name: str | None
    valid: bool
    possible: bool


class Made(NamedTuple):
    """A row of ``_synth.partitions``."""

    key: str
    rows: int
    bytes: int
    fingerprint: str
    code_version: str
    details: Mapping[str, str | int]


def name_of(table: Table) -> sql.Identifier:
    """``"domain"."table"``."""
    return sql.Identifier(table.domain, table.name)


def columns(db: Connection, table: Table) -> dict[str, str]:
    """Names and types of the stored columns, empty where there is no table."""
    return dict(db.execute(COLUMNS, [table.domain, table.name]).fetchall())


def stored_schema(table: Table, found: Mapping[str, str]) -> pl.Schema:
    """Columns without the axis; one of the type that its schema asks for is of that."""
    wanted = polars_schema(table.schema)
    return pl.Schema(
        {
            name: wanted[name]
            if name in wanted and postgres_type(wanted[name]) == kind
            else found_type(kind)
            for name, kind in found.items()
            if name != table.partitioning.partition_column
        }
    )


def slices(db: Connection, table: Table) -> list[Made]:
    """Every stored partition, in order of its key."""
    try:
        return [Made(*row) for row in db.execute(SLICES, [table.domain, table.name])]
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return []  # nothing was ever stored here


def foreign_key(
    db: Connection, table: Table, column: str, parent: str, parent_column: str
) -> ForeignKey | None:
    """The state of a foreign key; None where child or parent do not exist."""
    names = {
        "domain": table.domain,
        "child": table.name,
        "child_column": column,
        "parent": parent,
        "parent_column": parent_column,
    }
    row = db.execute(FOREIGN_KEY, names).fetchone()
    return None if row is None else ForeignKey(row[0], bool(row[1]), row[2])


def pointing_here(db: Connection, table: Table) -> list[tuple[str, str, str]]:
    """Schema, table and name of every foreign key of another table to this one."""
    return db.execute(POINTING_HERE, [table.domain, table.name]).fetchall()
