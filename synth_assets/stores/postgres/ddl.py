"""Makes and unmakes tables. Keys and indexes follow the first rows: built at once, they cost less.

A table whose checks block gets its keys and ``not null``; one whose checks only warn may break
them, so that it has indexes instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import errors, sql

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import ColumnInfo, columns_of, differences, polars_schema
from synth_assets.stores.postgres import foreign_keys
from synth_assets.stores.postgres.catalog import columns, name_of, stored_schema
from synth_assets.stores.postgres.connections import Connection
from synth_assets.stores.postgres.types import postgres_type
from synth_assets.stores.store import refuse_other_columns

LONGEST_NAME = 63
SORTING_MEMORY = "set local maintenance_work_mem to '256MB'"
SCHEMA = "select from pg_namespace where nspname = %s"
PROVENANCE = """
create table if not exists _synth.slices (
    "domain" text, "table" text, "key" text, "rows" bigint not null, "bytes" bigint not null,
    fingerprint text not null, code_version text not null, details jsonb not null,
    primary key ("domain", "table", "key")
);
comment on table _synth.slices is 'What made every slice of every table, and how large it is.'
"""


def make_schemas(db: Connection, table: Table) -> None:
    """The domain's schema and the store's own, in a transaction of their own."""
    names = (table.domain, "_synth")
    if all(db.execute(SCHEMA, [name]).fetchone() for name in names):
        return
    with db.transaction():
        lock(db, "schemas")
        for name in names:
            if db.execute(SCHEMA, [name]).fetchone() is None:
                db.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
        db.execute(PROVENANCE)


def lock(db: Connection, name: str, *, shared: bool = False) -> None:
    """Waits until the transaction is alone with the name, or with others that share it."""
    function = f"pg_advisory_xact_lock{'_shared' if shared else ''}"
    db.execute(
        sql.SQL("select {}(hashtextextended({}, 0))").format(
            sql.Identifier(function), sql.Literal(f"synth {name}")
        )
    )


def make_table(db: Connection, table: Table) -> bool:
    """Sees to it that the table has its columns; True where it is new."""
    lock(db, table.path, shared=bool(columns(db, table)))
    found = columns(db, table)
    stored = stored_schema(table, found)
    if found and differences(polars_schema(table.schema), stored) and _is_empty(db, table):
        db.execute(sql.SQL("drop table {}").format(name_of(table)))
        found = {}
    if found:
        refuse_other_columns(table, stored)
        return False
    db.execute(_create(table))
    return True


def add_keys(db: Connection, table: Table) -> None:
    """Keys, indexes, comments and statistics of a table that has its first rows."""
    db.execute(SORTING_MEMORY)
    db.execute(sql.SQL("; ").join(_keys(table)))
    db.execute(sql.SQL("; ").join(_comments(table)))
    foreign_keys.declare(db, table)
    foreign_keys.validate(db, table)
    db.execute(sql.SQL("analyze {}").format(name_of(table)))


def remove_table(db: Connection, table: Table) -> None:
    """Drops the table; where views depend on it, it stays with its columns but no rows."""
    try:
        with db.transaction():
            db.execute(sql.SQL("drop table {}").format(name_of(table)))
    except errors.DependentObjectsStillExist:
        db.execute(sql.SQL("truncate {}").format(name_of(table)))


def _is_empty(db: Connection, table: Table) -> bool:
    query = sql.SQL("select from {} limit 1").format(name_of(table))
    return db.execute(query).fetchone() is None


def _create(table: Table) -> sql.Composed:
    infos, partition_column = columns_of(table.schema), table.partitioning.partition_column
    for name in (table.domain, table.name, partition_column, *(info.name for info in infos)):
        if "\0" in name or len(name.encode()) > LONGEST_NAME:
            raise UserError(f"name {name!r} of {table.path}: PostgreSQL takes up to 63 bytes")
    # In "C" order, sorting texts that are the same costs next to nothing.
    kind = postgres_type(table.partitioning.column_type)
    axis_kind = sql.SQL(kind + (' collate "C"' if kind == "text" else ""))
    lines = [_column(info, table) for info in infos]
    lines.append(sql.SQL("{} {} not null").format(sql.Identifier(partition_column), axis_kind))
    return sql.SQL("create table {} ({})").format(name_of(table), sql.SQL(", ").join(lines))


def _column(info: ColumnInfo, table: Table) -> sql.Composed:
    kind = postgres_type(info.dtype)
    null = " not null" if table.blocking and not info.nullable else ""
    return sql.SQL("{} {}{}").format(
        sql.Identifier(info.name),
        sql.SQL(kind),
        sql.SQL(null),
    )


def _keys(table: Table) -> Iterator[sql.Composed]:
    infos = columns_of(table.schema)
    primary = [info.name for info in infos if info.primary_key]
    if primary and table.blocking:
        yield sql.SQL("alter table {} add primary key ({})").format(
            name_of(table), _listed(primary)
        )
    wanted = [
        [table.partitioning.partition_column],
        [] if table.blocking else primary,
        list(table.cluster_by),
    ]
    wanted += [[info.name] for info in infos if info.foreign_key]
    for names in dict.fromkeys(tuple(names) for names in wanted if names):
        yield sql.SQL("create index on {} ({})").format(name_of(table), _listed(names))


def _comments(table: Table) -> Iterator[sql.Composed]:
    yield sql.SQL("comment on table {} is {}").format(name_of(table), sql.Literal(table.doc))
    for info in columns_of(table.schema):
        if info.description:
            yield sql.SQL("comment on column {} is {}").format(
                sql.Identifier(table.domain, table.name, info.name), sql.Literal(info.description)
            )


def _listed(names: list[str] | tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
