"""Tables of a DuckDB file: their names, DDL and stored columns, and the provenance table."""

from __future__ import annotations

import duckdb
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of, polars_schema, quoted, sql_type

# One row per stored partition.
CREATE_PROVENANCE = """
create schema if not exists _synth;
create table if not exists _synth.slices (
    "domain" varchar, "table" varchar, "key" varchar, "rows" bigint, "bytes" bigint,
    fingerprint varchar, code_version varchar, primary key ("domain", "table", "key")
)
"""


def qualified_name(db: duckdb.DuckDBPyConnection, table: Table) -> str:
    """A table's name in SQL, with that of the file: a file may be called as a domain is.

    Args:
        db: A connection to the file.
        table: The table.

    Returns:
        ``"file"."domain"."table"``.
    """
    return f"{_schema_name(db, table)}.{quoted(table.name)}"


def _schema_name(db: duckdb.DuckDBPyConnection, table: Table) -> str:
    [file] = db.execute("select current_database()").fetchone() or [""]
    return f"{quoted(file)}.{quoted(table.domain)}"


def create_statements(db: duckdb.DuckDBPyConnection, table: Table) -> str:
    """The statements that create a table and its schema if they do not exist.

    Args:
        db: A connection to the file.
        table: The table; its partition column comes last.
    """
    columns = [f"{quoted(c.name)} {sql_type(c.dtype)}" for c in columns_of(table.schema)]
    columns.append(
        f"{quoted(table.partitioning.partition_column)} {sql_type(table.partitioning.column_type)}"
    )
    return (
        f"create schema if not exists {_schema_name(db, table)}; "
        f"create table if not exists {qualified_name(db, table)} ({', '.join(columns)})"
    )


def exists(db: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Whether the file has a table.

    Args:
        db: A connection to the file.
        schema: The table's schema.
        name: The table's name in it.
    """
    query = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    return db.execute(query, [schema, name]).fetchone() is not None


def in_partitions(table: Table) -> str:
    """The SQL condition that a row is in one of the partitions of a list of keys.

    Args:
        table: The table.

    Returns:
        A condition with one parameter, the list of keys.
    """
    keys = f"select unnest(?::varchar[])::{sql_type(table.partitioning.column_type)}"
    return f"{quoted(table.partitioning.partition_column)} in ({keys})"


def stored_keys(db: duckdb.DuckDBPyConnection, table: Table) -> list[str]:
    """The keys of the stored partitions.

    Args:
        db: A connection to the file, which must have the provenance table.
        table: The table.
    """
    query = 'select "key" from _synth.slices where "domain" = ? and "table" = ?'
    return [row[0] for row in db.execute(query, [table.domain, table.name]).fetchall()]


def stored_schema(db: duckdb.DuckDBPyConnection, table: Table) -> dict[str, pl.DataType]:
    """Names and types of the stored columns, without the partition column.

    Args:
        db: A connection to the file.
        table: A table that exists there.

    Returns:
        The schema's own type for a column stored in the database type that corresponds to it;
        else the type as Polars reads it.
    """
    found = _schema(db, f"from {qualified_name(db, table)}")
    del found[table.partitioning.partition_column]
    declared = polars_schema(table.schema)
    casts = [f"cast(null as {sql_type(t)}) as {quoted(n)}" for n, t in declared.items()]
    expected = _schema(db, f"select {', '.join(casts)}")
    return {n: declared[n] if t == expected.get(n) else t for n, t in found.items()}


def _schema(db: duckdb.DuckDBPyConnection, query: str) -> dict[str, pl.DataType]:
    empty = db.execute(f"{query} limit 0").to_arrow_table()
    return dict(pl.DataFrame(pl.from_arrow(empty)).schema)
