"""Tables of Parquet and CSV files, which DuckDB reads in place.

A file is a table; in a folder, each file is a table and each folder below it is one, of all files
in it. Types come from the files; keys and references are in none of them.
"""

from __future__ import annotations

import gzip
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable
from pathlib import Path

import duckdb

from synth_assets.core.errors import UserError
from synth_assets.importing.found import FoundColumn, FoundSchema, FoundTable, Query
from synth_assets.importing.types import type_of

# Readers of DuckDB by the end of a file's name.
PARQUET = "read_parquet({files}, union_by_name = true)"
CSV = "read_csv({files}, header = true, sample_size = -1, union_by_name = true)"
READERS = {
    ".parquet": PARQUET, ".csv": CSV, ".csv.gz": CSV, ".tsv": CSV, ".tsv.gz": CSV,
}  # fmt: skip
# Bytes of a file that are looked at before DuckDB reads it: it takes any bytes for some table.
BEGIN = 1 << 20
# A first line with such a word is a row, and would be copied as names of columns.
NO_NAME = re.compile(r"\s*|[-+]?[\d.,:/ -]+|.*@.*|\S{65,}")


def read(path: Path) -> FoundSchema:
    """The tables of a file or a folder.

    Args:
        path: The file or folder.

    Raises:
        UserError: There is no file of a known kind, or one cannot be read.
    """
    groups = {table_name(path): [path]} if path.is_file() else _groups(path)
    if not groups:
        raise UserError(f"{path} has no file that ends in {', '.join(READERS)}")
    connection = duckdb.connect()
    connection.execute("set autoinstall_known_extensions = false")
    tables = tuple(
        _table(name, paths, connection.execute) for name, paths in sorted(groups.items())
    )
    return FoundSchema(tables, f"the files of {path.name}", (), _query(connection))


def ending(path: Path) -> str | None:
    """The end of a file's name that says how it is read; None if nothing reads it.

    Args:
        path: The file.
    """
    matching = (end for end in READERS if path.name.lower().endswith(end))
    return max(matching, key=len, default=None)


def table_name(path: Path) -> str:
    """The name of the table in a file or a folder.

    Args:
        path: The file or folder.
    """
    end = ending(path) or ""
    return path.name[: len(path.name) - len(end)] if end else path.name


def _groups(folder: Path) -> dict[str, list[Path]]:
    """The files of each table; folders and files that begin with ``.`` or ``_`` are none."""
    groups: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "_")):
            continue
        found = [entry] if entry.is_file() else sorted(p for p in entry.rglob("*") if p.is_file())
        readable = [path for path in found if ending(path)]
        if not readable:
            continue
        if table_name(entry) in groups:
            raise UserError(f"{folder} has two tables named {table_name(entry)}")
        groups[table_name(entry)] = readable
    return groups


def _table(name: str, paths: list[Path], execute: Callable[[str], object]) -> FoundTable:
    readers = {READERS[ending(path) or ""] for path in paths}
    if len(readers) > 1:
        raise UserError(f"the files of table {name} are of different kinds: one kind is read")
    reader = readers.pop()
    for path in paths if reader == CSV else ():
        _require_text(path)
    relation = reader.format(files=[str(path) for path in paths])
    try:
        found = duckdb_rows(execute, f"describe select * from {relation}")
    except duckdb.Error:
        # Its message quotes lines of the file, which are not shown.
        raise UserError(f"{paths[0]} cannot be read: it is not what its name says") from None
    for position, row in enumerate(found, start=1):
        if NO_NAME.fullmatch(row[0]):
            raise UserError(
                f"{paths[0]}: the first line must have the names of the columns, "
                f"and its field {position} is no name"
            )
    columns = tuple(FoundColumn(row[0], type_of(row[1], "duckdb")) for row in found)
    return FoundTable(name, columns, relation=relation)


def _require_text(path: Path) -> None:
    """Refuses a file that is empty, or that does not begin with text in UTF-8."""
    open_ = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with open_(path, "rb") as file:
            begin = file.read(BEGIN)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UserError(f"{path} cannot be read: it is not what its name says") from None
    if not begin.strip():
        raise UserError(f"{path} is empty: the first line must have the names of the columns")
    try:
        # A character may be cut at the end of what is read.
        text = getincrementaldecoder("utf-8")().decode(begin)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UserError(f"{path} is not a text in UTF-8")


def duckdb_rows(execute: Callable[[str], object], sql: str) -> list[tuple[str, ...]]:
    """The rows of a statement."""
    return execute(sql).fetchall()  # type: ignore[attr-defined,no-any-return]


def _query(connection: duckdb.DuckDBPyConnection) -> Query:
    return lambda sql: connection.execute(sql).fetchall()
