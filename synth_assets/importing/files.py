"""Tables of Parquet and CSV files, which DuckDB reads in place.

A file is a table; in a folder, each file is a table and each folder below it is one, of all files
in it. Folders such as ``country=CH`` are partitions of one table, which has a column ``country``.
Types come from the files; keys and references are in none of them.
"""

from __future__ import annotations

import gzip
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import Sequence
from pathlib import Path

import duckdb

from synth_assets.core.errors import UserError
from synth_assets.importing.csv_header import repeated_names, require_names
from synth_assets.importing.csv_values import with_values
from synth_assets.importing.duckdb_file import duckdb_query
from synth_assets.importing.found import (
    FoundColumn,
    FoundSchema,
    FoundTable,
    Query,
    UnreadableError,
)
from synth_assets.importing.listed import literal
from synth_assets.importing.types import type_of

# Readers of DuckDB by the end of a file's name.
PARQUET = "read_parquet({files}, union_by_name = true, hive_partitioning = {hive})"
CSV = (
    "read_csv({files}, header = true, sample_size = -1, union_by_name = true, "
    "hive_partitioning = {hive})"
)
FIRST_LINE = "read_csv({files}, header = false, all_varchar = true, hive_partitioning = {hive})"
READERS = {
    ".parquet": PARQUET, ".csv": CSV, ".csv.gz": CSV, ".tsv": CSV, ".tsv.gz": CSV,
}  # fmt: skip
# Bytes of a file that are looked at before DuckDB reads it: it takes any bytes for some table.
BEGIN = 1 << 20
# Characters with which DuckDB takes a path for a pattern of paths.
PATTERN = re.compile(r"([*?\[])")
# A folder that is a partition: a column, and the value that all rows in it have.
PARTITION = re.compile(r"(?P<column>[^=]+)=.*")


def read(path: Path) -> FoundSchema:
    """The tables of a file or a folder.

    Args:
        path: The file or folder.

    Raises:
        UserError: There is no file of a known kind, or one cannot be read.
    """
    root = path.parent if path.is_file() else path
    groups = {table_name(path): [path]} if path.is_file() else _groups(path)
    if not groups:
        raise UserError(f"{path} has no file that ends in {', '.join(READERS)}")
    query = _engine()
    found = [_table(name, paths, query, root) for name, paths in sorted(groups.items())]
    notes = [note for _, notes in found for note in notes]
    return FoundSchema(tuple(t for t, _ in found), f"the files of {path.name}", notes, query)


def columns_of_csv(path: Path) -> tuple[FoundColumn, ...]:
    """The columns of a CSV file of which the first line is known to have the names.

    Args:
        path: The file.

    Raises:
        UserError: The file cannot be read.
    """
    _require_text(path)
    return _columns(_engine(), path, _relation(CSV, [path]))


def _engine() -> Query:
    """A DuckDB that downloads nothing."""
    connection = duckdb.connect()
    connection.execute("set autoinstall_known_extensions = false")
    return duckdb_query(connection)


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
    partitions: list[Path] = []

    def add(name: str, paths: list[Path]) -> None:
        if name in groups:
            raise UserError(f"{folder} has two tables named {name}")
        groups[name] = paths

    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "_")):
            continue
        found = [entry] if entry.is_file() else sorted(p for p in entry.rglob("*") if p.is_file())
        readable = [path for path in found if ending(path)]
        is_partition = entry.is_dir() and PARTITION.fullmatch(entry.name)
        if is_partition:
            partitions += readable
        elif readable:
            add(table_name(entry), readable)
    if partitions:
        add(folder.name, partitions)
    return groups


def _partition_columns(path: Path, root: Path) -> tuple[str, ...]:
    """The columns of which the folders of a file are partitions."""
    folders = map(PARTITION.fullmatch, path.relative_to(root).parts[:-1])
    return tuple(found["column"] for found in folders if found)


def _table(name: str, paths: list[Path], query: Query, root: Path) -> tuple[FoundTable, list[str]]:
    readers = {READERS[ending(path) or ""] for path in paths}
    if len(readers) > 1:
        raise UserError(f"the files of table {name} are of different kinds: one kind is read")
    reader = readers.pop()
    partitioned_by = {_partition_columns(path, root) for path in paths}
    # DuckDB reads files together if their folders have the same columns.
    relation = _relation(reader, paths, hive=len(partitioned_by) == 1 and partitioned_by != {()})
    if reader != CSV:
        return FoundTable(name, _columns(query, paths[0], relation), relation=relation), []
    repeated: list[str] = []
    for path in paths:
        _require_text(path)
        alone = _relation(CSV, [path])
        own = _columns(query, path, alone)
        require_names(query, path, alone, own)
        repeated += repeated_names(query, _relation(FIRST_LINE, [path]), own)
    columns = _columns(query, paths[0], relation)
    table, notes = with_values(query, FoundTable(name, columns, relation=relation))
    return table, [*(f"table `{name}`: {note}" for note in dict.fromkeys(repeated)), *notes]


def _columns(query: Query, path: Path, relation: str) -> tuple[FoundColumn, ...]:
    try:
        found = query(f"describe select * from {relation}")
    except UnreadableError:
        # Its message quotes lines of the file, which are not shown.
        raise UserError(f"{path} cannot be read: it is not what its name says") from None
    return tuple(FoundColumn(row[0], type_of(row[1], "duckdb")) for row in found)


def _relation(reader: str, paths: Sequence[Path], *, hive: bool = False) -> str:
    """Files in a ``from`` clause, with the columns of their folders or without."""
    texts = (literal(PATTERN.sub(r"[\1]", str(path))) for path in paths)
    return reader.format(files=f"[{', '.join(texts)}]", hive=str(hive).lower())


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
