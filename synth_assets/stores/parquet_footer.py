"""What a Parquet file's footer says of the order of its rows.

Writers of the file put rows in the order of the primary key but cannot say so; readers that merge
or look up by it profit from knowing. The footer is Thrift's compact protocol: here it is copied
field by field, whatever its fields are, and each row group gets its order. The file's data stay
as they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.Thrift import TType
from thrift.transport.TTransport import TMemoryBuffer

MAGIC = b"PAR1"
# Bytes after the footer: its length, and the magic number.
TAIL = 8
# Numbers of fields in Parquet's Thrift definition: a file's row groups, a row group's order, and
# of a column in that order: its position, whether it falls, whether nulls come first.
ROW_GROUPS, ORDER = 4, 4
POSITION, FALLS, NULLS_FIRST = 1, 2, 3
SCALARS = {
    TType.BOOL: ("readBool", "writeBool"),
    TType.BYTE: ("readByte", "writeByte"),
    TType.I16: ("readI16", "writeI16"),
    TType.I32: ("readI32", "writeI32"),
    TType.I64: ("readI64", "writeI64"),
    TType.DOUBLE: ("readDouble", "writeDouble"),
    TType.STRING: ("readBinary", "writeBinary"),
}


def say_sorted(file: Path, column: str) -> None:
    """Has the footer say that rows are in ascending order of a column, if they are.

    Args:
        file: A whole Parquet file on a disk, changed in place.
        column: A column without nulls that is not nested.
    """
    with pq.ParquetFile(file) as whole:
        # What is nested is stored as several columns, each of which has a position.
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
    source, made = TMemoryBuffer(footer), TMemoryBuffer()
    _copy(TCompactProtocol(source), TCompactProtocol(made), TType.STRUCT, (), position)
    return bytes(made.getvalue())


def _copy(source: Any, made: Any, kind: int, path: tuple[int, ...], position: int) -> None:
    """Copies a value; ``path`` are the numbers of the fields it lies in."""
    if kind == TType.STRUCT:
        _copy_struct(source, made, path, position)
    elif kind == TType.LIST:
        inner, size = source.readListBegin()
        made.writeListBegin(inner, size)
        for _ in range(size):
            _copy(source, made, inner, path, position)
        source.readListEnd()
        made.writeListEnd()
    else:
        read, write = SCALARS[kind]
        getattr(made, write)(getattr(source, read)())


def _copy_struct(source: Any, made: Any, path: tuple[int, ...], position: int) -> None:
    lacking = path == (ROW_GROUPS,)
    source.readStructBegin()
    made.writeStructBegin("")
    while True:
        name, kind, number = source.readFieldBegin()
        if lacking and (kind == TType.STOP or number > ORDER):
            _write_order(made, position)
        lacking = lacking and kind != TType.STOP and number < ORDER
        if kind == TType.STOP:
            break
        made.writeFieldBegin(name or "", kind, number)
        _copy(source, made, kind, (*path, number), position)
        source.readFieldEnd()
        made.writeFieldEnd()
    source.readStructEnd()
    made.writeFieldStop()
    made.writeStructEnd()


def _write_order(made: Any, position: int) -> None:
    made.writeFieldBegin("", TType.LIST, ORDER)
    made.writeListBegin(TType.STRUCT, 1)
    made.writeStructBegin("")
    for number, kind, value in (
        (POSITION, TType.I32, position),
        (FALLS, TType.BOOL, False),
        (NULLS_FIRST, TType.BOOL, False),
    ):
        made.writeFieldBegin("", kind, number)
        getattr(made, SCALARS[kind][1])(value)
        made.writeFieldEnd()
    made.writeFieldStop()
    made.writeStructEnd()
    made.writeListEnd()
    made.writeFieldEnd()
