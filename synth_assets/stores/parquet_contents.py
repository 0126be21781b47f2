"""The contents of a Parquet file without its rows: size, footer and columns; and its damage.

The footer of a local file is read once, however often it is requested. Writing the sort order into
a footer is in ``parquet_footer``, the digest of a file in ``parquet_digest``.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow.parquet as pq
from pyarrow import ArrowException, fs

from synth_assets.stores import parquet_digest

# Files whose contents are remembered: the days of many tables for years, a kilobyte each.
MOST_FILES = 65_536
# Metadata that Arrow writes, many times as long as ours.
OF_ARROW = "ARROW:schema"
# What the libraries raise over a footer of other bytes.
OF_OTHER_BYTES = (
    OSError, ValueError, ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException,
)  # fmt: skip


class Contents(NamedTuple):
    """A file without its rows.

    Attributes:
        bytes: Size of the file.
        rows: Number of rows.
        metadata: Key-value metadata.
        schema: The columns.
    """

    bytes: int
    rows: int
    metadata: dict[str, str]
    schema: pl.Schema


class NotParquetError(Exception):
    """A file is no whole Parquet file."""


def contents(files: fs.FileSystem, path: str) -> Contents:
    """A file's size, rows, metadata and columns.

    Args:
        files: The file system.
        path: The file in it.

    Raises:
        OSError: The file cannot be read.
        NotParquetError: It is no whole Parquet file.
    """
    if not isinstance(files, fs.LocalFileSystem):
        return _read(files, path)
    # A file that replaces another has another inode.
    status = Path(path).stat()
    return _remembered(path, status.st_ino, status.st_mtime_ns, status.st_size)


def damage(files: fs.FileSystem, path: str) -> str | None:
    """What is wrong with the bytes of a file, all of which are read; None if nothing is.

    Args:
        files: The file system.
        path: The file in it.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        with files.open_input_file(path) as file:
            intact = parquet_digest.is_intact(file)
        if intact is None:
            _read(files, path)
        elif not intact:
            return "its bytes are not those that were written"
    except NotParquetError as error:
        return str(error)
    except FileNotFoundError:
        return "its file is missing"
    return None


@lru_cache(maxsize=MOST_FILES)
def _remembered(path: str, inode: int, changed: int, size: int) -> Contents:
    return _read(fs.LocalFileSystem(), path)


def _read(files: fs.FileSystem, path: str) -> Contents:
    with files.open_input_file(path) as file:
        size = file.size()
        _, footer = parquet_digest.footer_of(file)
    # From memory: an error is one of the bytes then, not of the disk or the object store.
    try:
        known = pq.read_metadata(BytesIO(footer))
        schema = _schema(tuple(pl.read_parquet_schema(BytesIO(footer)).items()))
    except OF_OTHER_BYTES:
        raise NotParquetError("not a whole Parquet file") from None
    texts = {_text(name): _text(value) for name, value in (known.metadata or {}).items()}
    texts.pop(OF_ARROW, None)
    return Contents(size, known.num_rows, texts, schema)


@lru_cache(maxsize=1_024)
def _schema(columns: tuple[tuple[str, pl.DataType], ...]) -> pl.Schema:
    """The same object for all files with the same columns."""
    return pl.Schema(columns)


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
