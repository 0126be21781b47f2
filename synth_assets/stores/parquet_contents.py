"""The contents of a Parquet file without its rows: size, footer and columns; and its damage.

The footer of a local file is read once, however often it is requested. Writing the sort order into
a footer is in ``parquet_footer``, the digest of a file in ``parquet_digest``.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from pyarrow import ArrowException, fs

from synth_assets.stores import parquet_digest

# Size, footer and columns of a file.
Contents = tuple[int, pq.FileMetaData, pl.Schema]
# What the libraries raise over a footer of other bytes.
OF_OTHER_BYTES = (
    OSError, ValueError, ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException,
)  # fmt: skip


class NotParquetError(Exception):
    """A file is no whole Parquet file."""


def contents(files: fs.FileSystem, path: str) -> Contents:
    """A file's size, footer and columns.

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


@lru_cache(maxsize=4096)
def _remembered(path: str, inode: int, changed: int, size: int) -> Contents:
    return _read(fs.LocalFileSystem(), path)


def _read(files: fs.FileSystem, path: str) -> Contents:
    with files.open_input_file(path) as file:
        size = file.size()
        _, footer = parquet_digest.footer_of(file)
    # From memory: an error is one of the bytes then, not of the disk or the object store.
    try:
        return size, pq.read_metadata(BytesIO(footer)), _schema(footer)
    except OF_OTHER_BYTES:
        raise NotParquetError("not a whole Parquet file") from None


def _schema(footer: bytes) -> pl.Schema:
    return pl.Schema(pl.read_parquet_schema(BytesIO(footer)))
