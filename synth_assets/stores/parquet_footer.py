"""Adds the sort order of the rows to a Parquet file's footer.

Polars writes rows in the order of the primary key but cannot record that order; readers that merge
or search by the key can use it. The footer is a struct in Thrift's compact protocol. It is copied
field by field, and each row group gets ``sorting_columns``. The data pages do not change.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.Thrift import TType
from thrift.transport.TTransport import TMemoryBuffer

from synth_assets.stores.parquet_digest import TAIL

MAGIC = b"PAR1"
# Field numbers of Parquet's Thrift definition (parquet.thrift of apache/parquet-format):
# FileMetaData.row_groups, RowGroup.sorting_columns, and of SortingColumn column_idx, descending
# and nulls_first.
ROW_GROUPS, SORTING_COLUMNS = 4, 4
POSITION, DESCENDING, NULLS_FIRST = 1, 2, 3
SCALARS = {
    TType.BOOL: ("readBool", "writeBool"),
    TType.BYTE: ("readByte", "writeByte"),
    TType.I16: ("readI16", "writeI16"),
    TType.I32: ("readI32", "writeI32"),
    TType.I64: ("readI64", "writeI64"),
    TType.DOUBLE: ("readDouble", "writeDouble"),
    TType.STRING: ("readBinary", "writeBinary"),
}


def record_sort_order(file: Path, column: str) -> None:
    """Records in the footer that rows are in ascending order of a column, if they are.

    Args:
        file: A complete Parquet file on a disk; it is changed in place.
        column: Name of a column without nulls that is not nested.
    """
    with pq.ParquetFile(file) as whole:
        # A nested column is stored as several leaf columns, each of which has a position.
        names = [whole.schema.column(i).path.split(".")[0] for i in range(len(whole.schema.names))]
        values = pl.Series(values=whole.read([column]).column(column))
    if not values.is_sorted():
        return
    with file.open("r+b") as opened:
        opened.seek(-TAIL, 2)
        length = int.from_bytes(opened.read(4), "little")
        start = opened.seek(-TAIL - length, 2)
        footer = _with_order(opened.read(length), names.index(column))
        opened.seek(start)
        opened.write(footer + len(footer).to_bytes(4, "little") + MAGIC)
        opened.truncate()


def _with_order(footer: bytes, position: int) -> bytes:
    source, target = TMemoryBuffer(footer), TMemoryBuffer()
    _copy(TCompactProtocol(source), TCompactProtocol(target), TType.STRUCT, (), position)
    return bytes(target.getvalue())


def _copy(source: Any, target: Any, kind: int, path: tuple[int, ...], position: int) -> None:
    """Copies a value; ``path`` has the field numbers that lead to it."""
    if kind == TType.STRUCT:
        _copy_struct(source, target, path, position)
    elif kind == TType.LIST:
        inner, size = source.readListBegin()
        target.writeListBegin(inner, size)
        for _ in range(size):
            _copy(source, target, inner, path, position)
        source.readListEnd()
        target.writeListEnd()
    else:
        read, write = SCALARS[kind]
        getattr(target, write)(getattr(source, read)())


def _copy_struct(source: Any, target: Any, path: tuple[int, ...], position: int) -> None:
    pending = path == (ROW_GROUPS,)
    source.readStructBegin()
    target.writeStructBegin("")
    while True:
        name, kind, number = source.readFieldBegin()
        if pending and (kind == TType.STOP or number > SORTING_COLUMNS):
            _write_order(target, position)
        pending = pending and kind != TType.STOP and number < SORTING_COLUMNS
        if kind == TType.STOP:
            break
        target.writeFieldBegin(name or "", kind, number)
        _copy(source, target, kind, (*path, number), position)
        source.readFieldEnd()
        target.writeFieldEnd()
    source.readStructEnd()
    target.writeFieldStop()
    target.writeStructEnd()


def _write_order(target: Any, position: int) -> None:
    target.writeFieldBegin("", TType.LIST, SORTING_COLUMNS)
    target.writeListBegin(TType.STRUCT, 1)
    target.writeStructBegin("")
    for number, kind, value in (
        (POSITION, TType.I32, position),
        (DESCENDING, TType.BOOL, False),
        (NULLS_FIRST, TType.BOOL, False),
    ):
        target.writeFieldBegin("", kind, number)
        getattr(target, SCALARS[kind][1])(value)
        target.writeFieldEnd()
    target.writeFieldStop()
    target.writeStructEnd()
    target.writeListEnd()
    target.writeFieldEnd()
