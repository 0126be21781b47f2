"""The query of a scan, and its rows in batches of bounded size.

All rows are copied to a temporary file before the first batch is returned. Polars may release a
scan long after it has enough rows, and a COPY that waits for it would keep its table locked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

import polars as pl
from psycopg import sql

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.stores.postgres.catalog import columns, qualified_name
from synth_assets.stores.postgres.connections import Connection, Connections
from synth_assets.stores.postgres.csv_text import decode, selected
from synth_assets.stores.postgres.types import postgres_type

BATCH_ROWS = 100_000
# A batch of wide rows ends earlier, at this many bytes of CSV.
BATCH_BYTES = 64 << 20


def in_partitions(table: Table, keys: Sequence[str]) -> sql.Composed:
    """The SQL condition that a row is in one of some partitions.

    Args:
        table: The table.
        keys: The keys of the partitions.
    """
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
    """Reads rows of a table.

    Args:
        connections: Connections to the database.
        table: The table.
        picked: Types of the requested columns by name.
        keys: The partitions to read; None for all.
        limit: The greatest number of rows; None for all.

    Yields:
        Frames with the requested columns, at least one.

    Raises:
        UserError: The temporary file cannot be written.
    """
    try:
        with tempfile.TemporaryFile() as file:
            with connections.lease() as db:
                stored = columns(db, table)
                sizes = _copy_to(file, db, _query(table, picked, keys, limit)) if stored else [0]
            file.seek(0)
            for size in sizes:
                yield decode(file.read(size), picked)
    except OSError as error:
        folder = tempfile.gettempdir()
        raise UserError(f"cannot put rows aside in {folder}: {error.strerror}") from None


def _query(
    table: Table, picked: Mapping[str, pl.DataType], keys: Sequence[str] | None, limit: int | None
) -> sql.Composed:
    partition_column = table.partitioning.partition_column
    fields = [
        selected(name, dtype, is_partition_column=name == partition_column)
        for name, dtype in picked.items()
    ]
    text = sql.SQL("select {} from {}").format(sql.SQL(", ").join(fields), qualified_name(table))
    if keys is not None:
        text += sql.SQL(" where {}").format(in_partitions(table, keys))
    if limit is not None:
        text += sql.SQL(" limit {}").format(sql.Literal(limit))
    return text


def _copy_to(file: IO[bytes], db: Connection, query: sql.Composed) -> list[int]:
    """Copies rows to the file as CSV and returns the bytes of each batch."""
    sizes, lines, count = [], bytearray(), 0
    command = sql.SQL("copy ({}) to stdout (format csv)").format(query)
    with db.cursor() as cursor, cursor.copy(command) as copy:
        for line in copy:  # each is one row
            lines += line
            count += 1
            if count == BATCH_ROWS or len(lines) >= BATCH_BYTES:
                sizes.append(file.write(lines))
                lines, count = bytearray(), 0
    sizes.append(file.write(lines))
    return sizes
