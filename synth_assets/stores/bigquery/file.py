"""A partition as a Parquet file that BigQuery loads: written in batches, without a name.

Nothing is left of a file without a name when its writer is killed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import IO, NamedTuple

import polars as pl
import pyarrow.parquet as pq

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partitioning import index_of
from synth_assets.stores.bigquery import null_lists
from synth_assets.stores.bigquery.columns import all_fields, arrow_schema
from synth_assets.stores.bigquery.faults import UNTOUCHED
from synth_assets.stores.bigquery.names import SLICE

BATCH_ROWS = 100_000


class Staged(NamedTuple):
    """The file, its rows and its size in bytes."""

    file: IO[bytes]
    rows: int
    bytes: int


@contextmanager
def staged(table: Table, key: str, frame: pl.LazyFrame) -> Iterator[Staged]:
    """The partition's rows in a temporary file; ``UserError`` for rows it cannot hold."""
    try:
        made = _made(table, key, frame)
    except OSError as error:
        raise UserError(
            f"cannot write a temporary file in {tempfile.gettempdir()}: "
            f"{error.strerror or error}{UNTOUCHED}"
        ) from None
    with made.file:
        yield made


def _made(table: Table, key: str, frame: pl.LazyFrame) -> Staged:
    fields, columns = all_fields(table), table.schema.columns()
    schema = arrow_schema(fields)
    required = [f.name for f in fields if f.mode == "REQUIRED" and f.name in columns]
    stored = [*null_lists.written(columns), *_hidden(table, key, schema.names)]
    file, rows = tempfile.TemporaryFile(suffix=".parquet"), 0  # noqa: SIM115
    try:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
                _refuse_nulls(table, batch, required)
                made = batch.select(stored).select(schema.names)
                writer.write_table(made.to_arrow().cast(schema))
                rows += batch.height
    except BaseException:
        file.close()
        raise
    return Staged(file, rows, file.seek(0, os.SEEK_END))


def _hidden(table: Table, key: str, names: Collection[str]) -> list[pl.Expr]:
    is_day = table.partitioning.column_type == pl.Date
    hidden = [
        pl.lit(date.fromisoformat(key) if is_day else key).alias(
            table.partitioning.partition_column
        )
    ]
    if SLICE in names:
        hidden.append(pl.lit(index_of(table.partitioning, key), pl.Int64).alias(SLICE))
    return hidden


def _refuse_nulls(table: Table, batch: pl.DataFrame, required: list[str]) -> None:
    columns = table.schema.columns()
    null = [name for name in required if batch[name].null_count()]
    if null:
        raise UserError(
            f"cannot write {table.path}: column {null[0]} is null, which its schema does not "
            f"allow{UNTOUCHED}"
        )
    holes = null_lists.holes(columns)
    for name, broken in batch.select(holes).row(0, named=True).items() if holes else ():
        if broken:
            raise UserError(
                f"cannot write {table.path}: a list of {name} holds a null, for which BigQuery "
                f"has no place in lists{UNTOUCHED}"
            )
