"""The contents of a Parquet file without its rows: size, footer and columns.

A local file is read once, however often it is requested. Writing the sort order into a footer is
in ``parquet_footer``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

# How pyarrow reports a footer of other bytes: as an error of the machine, not of the file.
UNREADABLE = "deserialize thrift"
# Size, footer and columns of a file.
Contents = tuple[int, pq.FileMetaData, pl.Schema]


def contents(files: fs.FileSystem, path: str) -> Contents:
    """A file's size, footer and columns.

    Args:
        files: The file system.
        path: The file in it.

    Raises:
        OSError: The file cannot be read.
        pyarrow.ArrowInvalid: It is no Parquet file.
        polars.exceptions.PolarsError: Its schema cannot be read.
    """
    if not isinstance(files, fs.LocalFileSystem):
        return _read(files, path)
    # A file that replaces another has another inode.
    status = Path(path).stat()
    return _remembered(path, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4096)
def _remembered(path: str, inode: int, changed: int, size: int) -> Contents:
    return _read(fs.LocalFileSystem(), path)


def _read(files: fs.FileSystem, path: str) -> Contents:
    size = files.get_file_info(path).size or 0
    with files.open_input_file(path) as file:
        footer = _footer(file)
        file.seek(0)
        return size, footer, pl.Schema(pl.read_parquet_schema(file))


def _footer(file: pa.NativeFile) -> pq.FileMetaData:
    try:
        return pq.read_metadata(file)
    except OSError as error:
        if UNREADABLE in str(error):
            raise pa.ArrowInvalid(str(error)) from None
        raise
