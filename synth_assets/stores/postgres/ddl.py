"""Creates and drops tables. Keys and indexes are created after the first rows, which is faster.

A table with blocking checks has its keys and ``not null`` constraints. The rows of a table with
warning checks may violate them, so that it has plain indexes instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import errors, sql

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.schema import ColumnInfo, columns_of, differences, polars_schema
from synth_assets.stores.postgres import foreign_keys
from synth_assets.stores.postgres.catalog import (
    MAX_NAME_BYTES,
    columns,
    qualified_name,
    stored_schema,
)
from synth_assets.stores.postgres.connections import Connection
from synth_assets.stores.postgres.types import postgres_type
from synth_assets.stores.store import refuse_other_columns

SORTING_MEMORY = "set local maintenance_work_mem to '256MB'"
SCHEMA = "select from pg_namespace where nspname = %s"
CREATE_PROVENANCE = """
create table if not exists _synth.slices (
    "domain" text, "table" text, "key" text, "rows" bigint not null, "bytes" bigint not null,
    fingerprint text not null, code_version text not null, details jsonb not null,
    primary key ("domain", "table", "key")
);
comment on table _synth.slices is 'What made every slice of every table, and how large it is.'
"""


def ensure_schemas(db: Connection, table: Table) -> None:
    """Creates the domain's schema and the store's own, if needed, in a separate transaction.

    Args:
        db: A connection.
        table: A table of the domain.

    Raises:
        UserError: A name is too long for PostgreSQL.
    """
    _refuse_names(table)
    names = (table.domain, "_synth")
    if all(db.execute(SCHEMA, [name]).fetchone() for name in names):
        return
    with db.transaction():
        lock(db, "schemas")
        for name in names:
            if db.execute(SCHEMA, [name]).fetchone() is None:
                db.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
        db.execute(CREATE_PROVENANCE)


def lock(db: Connection, name: str, *, shared: bool = False) -> None:
    """Takes an advisory lock that the transaction holds until its end; waits for it.

    Args:
        db: A connection in a transaction.
        name: Name of the lock.
        shared: Whether other transactions may hold it, too, if they also share it.
    """
    function = f"pg_advisory_xact_lock{'_shared' if shared else ''}"
    db.execute(
        sql.SQL("select {}(hashtextextended({}, 0))").format(
            sql.Identifier(function), sql.Literal(f"synth {name}")
        )
    )


def ensure_table(db: Connection, table: Table) -> bool:
    """Creates a table if needed; an empty one is replaced when its columns differ.

    Args:
        db: A connection in a transaction.
        table: The table.

    Returns:
        Whether the table is new.

    Raises:
        ChangedColumnsError: Rows are stored with other columns.
    """
    lock(db, table.path, shared=bool(columns(db, table)))
    found = columns(db, table)
    stored = stored_schema(table, found)
    if found and differences(polars_schema(table.schema), stored) and _is_empty(db, table):
        db.execute(sql.SQL("drop table {}").format(qualified_name(table)))
        found = {}
    if found:
        refuse_other_columns(table, stored)
        return False
    db.execute(_create(table))
    return True


def add_keys(db: Connection, table: Table) -> None:
    """Adds keys, indexes, comments and statistics to a table after its first rows.

    Args:
        db: A connection in a transaction.
        table: The table.
    """
    db.execute(SORTING_MEMORY)
    db.execute(sql.SQL("; ").join(_keys(table)))
    db.execute(sql.SQL("; ").join(_comments(table)))
    foreign_keys.declare(db, table)
    foreign_keys.validate(db, table)
    db.execute(sql.SQL("analyze {}").format(qualified_name(table)))


def drop_table(db: Connection, table: Table) -> None:
    """Drops a table; a table that views depend on is truncated instead.

    Args:
        db: A connection in a transaction.
        table: The table.
    """
    try:
        with db.transaction():
            db.execute(sql.SQL("drop table {}").format(qualified_name(table)))
    except errors.DependentObjectsStillExist:
        db.execute(sql.SQL("truncate {}").format(qualified_name(table)))


def _is_empty(db: Connection, table: Table) -> bool:
    query = sql.SQL("select from {} limit 1").format(qualified_name(table))
    return db.execute(query).fetchone() is None


def _refuse_names(table: Table) -> None:
    names = (table.domain, table.name, table.partitioning.partition_column)
    for name in (*names, *(info.name for info in columns_of(table.schema))):
        if "\0" in name or len(name.encode()) > MAX_NAME_BYTES:
            raise UserError(f"name {name!r} of {table.path}: PostgreSQL takes up to 63 bytes")


def _create(table: Table) -> sql.Composed:
    infos, partition_column = columns_of(table.schema), table.partitioning.partition_column
    # In "C" order, sorting equal texts is cheap.
    kind = postgres_type(table.partitioning.column_type)
    partition_type = sql.SQL(kind + (' collate "C"' if kind == "text" else ""))
    lines = [_column(info, table) for info in infos]
    lines.append(sql.SQL("{} {} not null").format(sql.Identifier(partition_column), partition_type))
    return sql.SQL("create table {} ({})").format(qualified_name(table), sql.SQL(", ").join(lines))


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
            qualified_name(table), _listed(primary)
        )
    indexes = [
        [table.partitioning.partition_column],
        [] if table.blocking else primary,
        list(table.cluster_by),
    ]
    indexes += [[info.name] for info in infos if info.foreign_key]
    for names in dict.fromkeys(tuple(names) for names in indexes if names):
        yield sql.SQL("create index on {} ({})").format(qualified_name(table), _listed(names))


def _comments(table: Table) -> Iterator[sql.Composed]:
    yield sql.SQL("comment on table {} is {}").format(qualified_name(table), sql.Literal(table.doc))
    for info in columns_of(table.schema):
        if info.description:
            yield sql.SQL("comment on column {} is {}").format(
                sql.Identifier(table.domain, table.name, info.name), sql.Literal(info.description)
            )


def _listed(names: list[str] | tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
