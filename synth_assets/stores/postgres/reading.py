"""What a scan asks the server for, and the rows it gets, in batches of bounded size.

All rows are taken to a temporary file before the first is handed on. Polars may let go of a scan
late that has given enough rows, and a COPY that waits for it would keep its table locked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

import polars as pl
from psycopg import sql

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.stores.postgres.catalog import columns, name_of
from synth_assets.stores.postgres.connections import Connection, Connections
from synth_assets.stores.postgres.text import decoded, selected
from synth_assets.stores.postgres.types import postgres_type

ROWS_AT_ONCE = 100_000
# Wide rows are parsed before there are so many of them.
BYTES_AT_ONCE = 64 << 20


def is_any(table: Table, keys: Sequence[str]) -> sql.Composed:
    """The condition that a row lies in one of the partitions."""
    kind = sql.SQL(postgres_type(table.partitioning.column_type))
    return sql.SQL("{} = any({}::{}[])").format(
        sql.Identifier(table.partitioning.partition_column), sql.Literal(list(keys)), kind
    )


def batches(
    connections: Connections,
    table: Table,
    picked: Mapping[str, pl.DataType],
    keys: Sequence[str] | None,
    limit: int | None,
) -> Iterator[pl.DataFrame]:
    """The columns of some partitions or all, at most ``limit`` rows; one frame at least."""
    try:
        with tempfile.TemporaryFile() as file:
            with connections.lease() as db:
                there = columns(db, table)
                sizes = _take(db, _query(table, picked, keys, limit), file) if there else [0]
            file.seek(0)
            for size in sizes:
                yield decoded(file.read(size), picked)
    except OSError as error:
        folder = tempfile.gettempdir()
        raise UserError(f"cannot put rows aside in {folder}: {error.strerror}") from None


def _query(
    table: Table, picked: Mapping[str, pl.DataType], keys: Sequence[str] | None, limit: int | None
) -> sql.Composed:
    partition_column = table.partitioning.partition_column
    fields = [
        selected(name, dtype, is_axis=name == partition_column) for name, dtype in picked.items()
    ]
    text = sql.SQL("select {} from {}").format(sql.SQL(", ").join(fields), name_of(table))
    if keys is not None:
        text += sql.SQL(" where {}").format(is_any(table, keys))
    if limit is not None:
        text += sql.SQL(" limit {}").format(sql.Literal(limit))
    return text


def _take(db: Connection, query: sql.Composed, file: IO[bytes]) -> list[int]:
    """Puts the rows into the file as CSV; the bytes of each batch."""
    sizes, lines, count = [], bytearray(), 0
    command = sql.SQL("copy ({}) to stdout (format csv)").format(query)
    with db.cursor() as cursor, cursor.copy(command) as copy:
        for line in copy:  # each is one row
            lines += line
            count += 1
            if count == ROWS_AT_ONCE or len(lines) >= BYTES_AT_ONCE:
                sizes.append(file.write(lines))
                lines, count = bytearray(), 0
    sizes.append(file.write(lines))
    return sizes
