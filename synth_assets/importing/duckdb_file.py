"""Tables of a DuckDB file: the DDL that DuckDB keeps, which ``ddl`` reads.

The file is opened read-only, and its views are not asked: they may read other files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from synth_assets.core.errors import UserError
from synth_assets.core.schema import quoted
from synth_assets.importing.ddl import tables_of
from synth_assets.importing.found import FoundSchema, Query, UnreadableError, views_left_out

TABLES = """
select schema_name, table_name, sql, comment from duckdb_tables()
where not internal and not temporary order by schema_name, table_name
"""
VIEWS = """
select view_name from duckdb_views() where not internal and not temporary
order by schema_name, view_name
"""
SEQUENCES = "select sql from duckdb_sequences() where not temporary order by sequence_oid"
MAIN = "main"
COMMENTS = """
select schema_name, table_name, column_name, comment from duckdb_columns()
where not internal and comment is not null
"""
UNIQUE_INDEXES = """
select sql from duckdb_indexes() where is_unique and sql is not null
order by schema_name, table_name, index_name
"""
# References of a table to itself, which DuckDB's DDL leaves out.
OWN_REFERENCES = """
select schema_name, table_name, constraint_column_names, referenced_column_names
from duckdb_constraints()
where constraint_type = 'FOREIGN KEY' and referenced_table = table_name and constraint_text = ''
"""


def read(path: Path) -> FoundSchema:
    """The tables of a file.

    Args:
        path: The file.

    Raises:
        UserError: The file cannot be opened, or has no table.
    """
    query = _opened(path)
    statements = [
        (sql.rstrip(";"), _comment("table", (found, table), comment))
        for found, table, sql, comment in query(TABLES)
    ]
    comments = [_comment("column", names, text) for *names, text in query(COMMENTS)]
    own = [_own_reference((schema, table), *keys) for schema, table, *keys in query(OWN_REFERENCES)]
    sequences = [sql.rstrip(";") for (sql,) in query(SEQUENCES)]
    indexes = [sql.rstrip(";") for (sql,) in query(UNIQUE_INDEXES)]
    tables_and_comments = [line for both in statements for line in both]
    lines = [*sequences, *tables_and_comments, *indexes, *comments, *own]
    ddl = "".join(f"{line};\n" for line in lines if line)
    tables, notes = tables_of(ddl, "duckdb", str(path))
    if not tables:
        raise UserError(f"{path} has no table")
    with_rows = tuple(
        replace(t, schema=t.schema or MAIN, relation=f"{quoted(t.schema or MAIN)}.{quoted(t.name)}")
        for t in tables
    )
    notes += views_left_out([name for (name,) in query(VIEWS)])
    return FoundSchema(with_rows, f"the DuckDB file {path.name}", notes, query)


def _opened(path: Path) -> Query:
    try:
        connection = duckdb.connect(
            str(path), read_only=True, config={"enable_external_access": "false"}
        )
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path} cannot be opened as a DuckDB file: {reason}") from None
    return duckdb_query(connection)


def duckdb_query(connection: duckdb.DuckDBPyConnection) -> Query:
    """Runs SQL of DuckDB.

    Args:
        connection: A connection.
    """

    def query(sql: str) -> list[tuple[Any, ...]]:
        try:
            return connection.execute(sql).fetchall()
        except duckdb.Error as error:  # whose message may quote rows
            raise UnreadableError(type(error).__name__) from None

    return query


def _comment(what: str, names: Sequence[str], text: str | None) -> str:
    """A ``comment on`` statement; nothing if there is no comment."""
    if not text:
        return ""
    escaped = text.replace("'", "''")
    return f"comment on {what} {_qualified(names)} is '{escaped}'"


def _own_reference(table: tuple[str, str], columns: Sequence[str], keys: Sequence[str]) -> str:
    named, key = (", ".join(map(quoted, names)) for names in (columns, keys))
    name = _qualified(table)
    return f"alter table {name} add foreign key ({named}) references {name} ({key})"


def _qualified(names: Sequence[str]) -> str:
    """A name of several parts, without the schema that DuckDB's DDL leaves out."""
    return ".".join(map(quoted, names[1:] if names[0] == MAIN else names))
