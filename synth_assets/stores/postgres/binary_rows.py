"""Encodes rows in PostgreSQL's binary format, which COPY reads in half the time of CSV.

Nested values are JSON: integers and booleans are JSON values, all others (decimals, floats, times)
are strings, since ``jsonb`` keeps neither NaN nor the number of digits. Reading is in ``csv_text``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pgpq
import polars as pl
import pyarrow as pa
from pgpq.encoders import LargeStringEncoderBuilder
from pgpq.schema import Jsonb

from synth_assets.stores.postgres.errors import UnstorableError
from synth_assets.stores.postgres.types import NESTED, in_json

# Types whose values are texts.
ENUMERATED = (pl.Enum, pl.Categorical)
TEXTS = (pl.String, *ENUMERATED)
# Bytes that are encoded at a time: the rows, their Arrow copy and the encoded ones are in memory.
MOST_BYTES = 64 << 20
# Nanoseconds of a microsecond, PostgreSQL's resolution.
NANOSECONDS = 1_000
# First and last day, in days since 1970, of the years 1 to 9,999: the text format has no others.
DAYS = (-719_162, 2_932_896)
# Parts of a day in the units of Polars' times.
IN_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000}


def typed(frame: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """The columns of a schema in its types.

    Args:
        frame: Rows with the columns; nulls, texts and nested values may have another type.
        schema: The columns and their types.

    Raises:
        UnstorableError: A column is missing, or is of a type that would have to be converted.
    """
    found = frame.collect_schema()
    for name, dtype in schema.items():
        if name not in found:
            raise UnstorableError(f"column {name} is missing")
        alike = any(isinstance(found[name], t) and isinstance(dtype, t) for t in (TEXTS, NESTED))
        if not (found[name] in (dtype, pl.Null) or alike):
            raise UnstorableError(f"column {name} is {found[name]}, the schema says {dtype}")
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def encoded(batches: Iterable[pl.DataFrame]) -> Iterator[bytes]:
    """Encodes rows for ``COPY … (format binary)``.

    Args:
        batches: Rows, all in the same columns.

    Yields:
        The header, the rows of each batch, and the end; nothing if there is no batch.

    Raises:
        UnstorableError: PostgreSQL cannot hold a value exactly.
    """
    encoder = None
    for batch in _of_bytes(batches):
        schema = batch.schema
        _refuse_nanoseconds(batch, schema)
        _refuse_years(batch, schema)
        rows = _arrow(batch, schema)
        _refuse_nul(batch, rows)
        if encoder is None:
            encoder = _encoder(rows.schema, schema)
            yield encoder.write_header()
        for part in rows.to_batches():
            yield encoder.write_batch(part)
    if encoder is not None:
        yield encoder.finish()


def _of_bytes(batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in batches that are not much larger than ``MOST_BYTES``."""
    for batch in batches:
        parts = int(batch.estimated_size()) // MOST_BYTES + 1
        yield from batch.iter_slices(-(-batch.height // parts) or 1) if parts > 1 else [batch]


def _arrow(batch: pl.DataFrame, schema: pl.Schema) -> pa.Table:
    spelled = [_as_text(n, t) for n, t in schema.items() if isinstance(t, (*ENUMERATED, *NESTED))]
    try:
        texts = batch.with_columns(spelled) if spelled else batch
    except pl.exceptions.PanicException:
        raise UnstorableError("a nested value is outside of the calendar") from None
    rows = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    for n, dtype in enumerate(schema.values()):
        if isinstance(dtype, pl.Time):
            # Polars has nanoseconds only.
            in_microseconds = rows.field(n).with_type(pa.time64("us"))
            rows = rows.set_column(n, in_microseconds, rows.column(n).cast(pa.time64("us")))
    return rows


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, ENUMERATED):
        return column.cast(pl.String)
    # Polars encodes only structs as JSON: wrap the value in one, then remove the wrapper.
    wrapped = pl.struct(value=column.cast(in_json(dtype))).struct.json_encode()
    bare = wrapped.str.strip_prefix('{"value":').str.strip_suffix("}")
    return pl.when(column.is_not_null()).then(bare).alias(name)


def _encoder(fields: pa.Schema, schema: pl.Schema) -> pgpq.ArrowToPostgresBinaryEncoder:
    encoders: dict[str, Any] = {
        field.name: LargeStringEncoderBuilder.new_with_output(field, Jsonb())
        if isinstance(schema[field.name], NESTED)
        else pgpq.ArrowToPostgresBinaryEncoder.infer_encoder(field)
        for field in fields
    }
    return pgpq.ArrowToPostgresBinaryEncoder.new_with_encoders(fields, encoders)


def _refuse_nanoseconds(batch: pl.DataFrame, schema: pl.Schema) -> None:
    for name, dtype in schema.items():
        if isinstance(dtype, pl.Time) and (batch[name].to_physical() % NANOSECONDS != 0).any():
            raise UnstorableError(f"column {name} has times finer than PostgreSQL's microseconds")


def _refuse_years(batch: pl.DataFrame, schema: pl.Schema) -> None:
    """Refuses times outside of the years 1 to 9,999, which could not be read again."""
    for name, dtype in schema.items():
        if isinstance(dtype, pl.Date | pl.Datetime):
            a_day = IN_A_DAY[dtype.time_unit] if isinstance(dtype, pl.Datetime) else 1
            first, last = DAYS[0] * a_day, (DAYS[1] + 1) * a_day - 1
            # Null is neither true nor false.
            if not batch[name].to_physical().is_between(first, last).all():
                raise UnstorableError(f"column {name} has times before the year 1 or after 9999")


def _refuse_nul(batch: pl.DataFrame, rows: pa.Table) -> None:
    """Refuses texts with a zero byte."""
    if not _may_have_nul(rows):
        return
    texts = batch.select(pl.col(*TEXTS).cast(pl.String))
    found = [s.name for s in texts if s.str.contains("\0", literal=True).any()]
    if found:
        names = ", ".join(found)
        raise UnstorableError(
            f"column {names} holds the NUL character, which PostgreSQL cannot store"
        )


def _may_have_nul(rows: pa.Table) -> bool:
    """Whether a zero byte is in the memory of texts, perhaps below nulls: a look at all at once."""
    texts = [c for c in rows.columns if pa.types.is_large_string(c.type)]
    buffers = (chunk.buffers()[2] for column in texts for chunk in column.chunks)
    return any(len(b) and not np.frombuffer(b, np.uint8).all() for b in buffers if b is not None)
