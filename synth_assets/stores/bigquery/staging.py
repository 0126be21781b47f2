"""Writes a partition to a temporary Parquet file that BigQuery loads.

The file has no name, so that nothing remains of it when its writer is killed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

import polars as pl
import pyarrow.parquet as pq

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partitioning import column_value, index_of
from synth_assets.stores.bigquery import null_lists
from synth_assets.stores.bigquery.columns import all_fields, arrow_schema
from synth_assets.stores.bigquery.errors import UNTOUCHED
from synth_assets.stores.bigquery.names import PARTITION_INDEX

BATCH_ROWS = 100_000


class StagedFile(NamedTuple):
    """A partition in a temporary file.

    Attributes:
        file: The open file.
        rows: The number of its rows.
        bytes: Its size.
    """

    file: IO[bytes]
    rows: int
    bytes: int


@contextmanager
def staged(table: Table, key: str, frame: pl.LazyFrame) -> Iterator[StagedFile]:
    """Writes a partition to a temporary file, which exists until the context ends.

    Args:
        table: The table.
        key: The partition's key.
        frame: The rows, in the columns of the table's schema.

    Raises:
        UserError: BigQuery cannot hold a row, or the file cannot be written.
    """
    try:
        staged_file = _write(table, key, frame)
    except OSError as error:
        raise UserError(
            f"cannot write a temporary file in {tempfile.gettempdir()}: "
            f"{error.strerror or error}{UNTOUCHED}"
        ) from None
    with staged_file.file:
        yield staged_file


def _write(table: Table, key: str, frame: pl.LazyFrame) -> StagedFile:
    fields, columns = all_fields(table), table.schema.columns()
    schema = arrow_schema(fields)
    required = [f.name for f in fields if f.mode == "REQUIRED" and f.name in columns]
    stored = [*null_lists.to_stored(columns), *_partition_columns(table, key, schema.names)]
    file, rows = tempfile.TemporaryFile(suffix=".parquet"), 0  # noqa: SIM115
    try:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                _refuse_nulls(table, batch, required)
                rows_to_store = batch.select(stored).select(schema.names)
                writer.write_table(rows_to_store.to_arrow().cast(schema))
                rows += batch.height
    except BaseException:
        file.close()
        raise
    return StagedFile(file, rows, file.seek(0, os.SEEK_END))


def _partition_columns(table: Table, key: str, names: Collection[str]) -> list[pl.Expr]:
    partitioning = table.partitioning
    added = [pl.lit(column_value(partitioning, key)).alias(partitioning.partition_column)]
    if PARTITION_INDEX in names:
        added.append(pl.lit(index_of(table.partitioning, key), pl.Int64).alias(PARTITION_INDEX))
    return added


def _refuse_nulls(table: Table, batch: pl.DataFrame, required: list[str]) -> None:
    columns = table.schema.columns()
    null = [name for name in required if batch[name].null_count()]
    if null:
        raise UserError(
            f"cannot write {table.path}: column {null[0]} is null, which its schema does not "
            f"allow{UNTOUCHED}"
        )
    inner = null_lists.have_nulls(columns)
    for name, has_null in batch.select(inner).row(0, named=True).items() if inner else ():
        if has_null:
            raise UserError(
                f"cannot write {table.path}: a list of {name} holds a null, for which BigQuery "
                f"has no place in lists{UNTOUCHED}"
            )
