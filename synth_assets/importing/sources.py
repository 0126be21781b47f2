"""Recognizes what kind of source a text names, and reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from synth_assets.core.errors import UserError
from synth_assets.importing import dbt_files, dbt_manifest, ddl, duckdb_file, files, odcs, postgres
from synth_assets.importing.found import FoundSchema, Query

POSTGRES = ("postgresql://", "postgres://")
DDL_ENDINGS = (".sql", ".ddl")
DUCKDB_ENDINGS = (".duckdb", ".ddb", ".db")
MANIFEST = "manifest.json"
KNOWN = (
    "a DDL file (.sql), a postgresql:// address, a DuckDB file (.duckdb), a dbt project or its "
    "manifest.json, Parquet or CSV files or a folder of them, or data contracts (.odcs.yaml)"
)

# Opens a PostgreSQL address: runs SQL, and the address without secrets.
OpenPostgres = Callable[[str], tuple[Query, str]]


@dataclass(frozen=True)
class Options:
    """What a source may need besides its address.

    Attributes:
        dialect: Dialect of a DDL file.
        schema: The schema, or the dbt source, to read; all by default.
    """

    dialect: str = ddl.DEFAULT_DIALECT
    schema: str | None = None


def read(source: str, options: Options, open_postgres: OpenPostgres) -> FoundSchema:
    """The tables of a source.

    Args:
        source: A path, or the address of a database.
        options: What the source may need.
        open_postgres: Opens a PostgreSQL address.

    Raises:
        UserError: There is no such source, or it cannot be read.
    """
    if source.startswith(POSTGRES):
        query, shown = open_postgres(source)
        return postgres.read(query, shown, options.schema)
    if "://" in source:
        raise UserError(f"{source.split('://')[0]}:// cannot be imported: known are {KNOWN}")
    path = Path(source).expanduser().absolute()
    if not path.exists():
        raise UserError(f"{source}: there is no such file or folder; known are {KNOWN}")
    try:
        found = _folder(path) if path.is_dir() else _file(path, options)
    except RecursionError:
        raise UserError(f"{source}: cannot be read: it is nested too deeply") from None
    except OSError as error:
        raise UserError(f"{source}: cannot be read: {error.strerror}") from None
    return _of_schema(found, options.schema)


def _file(path: Path, options: Options) -> FoundSchema:
    name = path.name.lower()
    if name.endswith(DDL_ENDINGS):
        return ddl.read(path, options.dialect)
    if name.endswith(DUCKDB_ENDINGS):
        return duckdb_file.read(path)
    if name == MANIFEST:
        return dbt_manifest.read(path)
    if name == dbt_files.PROJECT_FILE:
        return dbt_files.read(path.parent)
    if name.endswith((".yaml", ".yml")):
        return odcs.read(path)
    if files.ending(path):
        return files.read(path)
    raise UserError(f"{path.name} cannot be imported: known are {KNOWN}")


def _folder(path: Path) -> FoundSchema:
    if (path / dbt_files.PROJECT_FILE).is_file():
        return dbt_files.read(path)
    if odcs.contracts_in(path):
        return odcs.read(path)
    return files.read(path)


def _of_schema(found: FoundSchema, schema: str | None) -> FoundSchema:
    if schema is None:
        return found
    tables = tuple(table for table in found.tables if table.schema == schema)
    if not tables:
        known = ", ".join(sorted({table.schema for table in found.tables if table.schema}))
        raise UserError(f"no table of schema {schema!r}: known are {known or 'none'}")
    return replace(found, tables=tables)
