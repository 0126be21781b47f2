"""The states of a row: what a table had of it, in order, until it had what is stored.

They are computed from the stored row alone, by expressions, so that tables of any size can be
played. The last state is the stored row. ``events`` makes change events of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from synth_assets.core.history import Version, microseconds, moment_of
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily
from synth_assets.core.schema import columns_of, polars_schema

ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"


class State(NamedTuple):
    """The columns of a state: since when, in microseconds since 1970, and the row as JSON."""

    at: str
    row: str


def key_columns(table: Table) -> list[str]:
    """The columns of the primary key; none where a table has no key.

    Args:
        table: The table.
    """
    return [info.name for info in columns_of(table.schema) if info.primary_key]


def is_timed(table: Table) -> bool:
    """Whether the rows of a table have a moment: a timestamp, or the day of their partition.

    Args:
        table: The table.
    """
    return _moment(table) is not None


def with_states(
    rows: pl.LazyFrame, table: Table, scenario: object
) -> tuple[pl.LazyFrame, list[State]]:
    """Adds the states of each row as columns.

    Args:
        rows: Rows of the table, with its partition column.
        table: The table.
        scenario: The scenario of the rows.

    Returns:
        The rows, and the columns of each state in order; the time is null for rows that were never
        so.
    """
    versions = table.history(scenario) if table.history else ()
    moments = _in_order(versions) or [_moment_or_null(table)]
    names = [State(f"__at{n}", f"__row{n}") for n, _ in enumerate(moments)]
    for name, at in zip(names, moments, strict=True):
        rows = rows.with_columns(at.alias(name.at))
    # A column at a time: as one expression, JSON would be written once for each use.
    rows = rows.with_columns(__stored=as_json(table, {}))
    reached = [pl.when(pl.col(name.at).is_not_null()).then(n) for n, name in enumerate(names)]
    last = pl.max_horizontal(reached).fill_null(0)
    for number, name in enumerate(names):
        values = versions[number].values if versions else {}
        row = as_json(table, values) if values else pl.col("__stored")
        rows = rows.with_columns(
            pl.when(last == number).then("__stored").otherwise(row).alias(name.row)
        )
    return rows, names


def as_json(table: Table, values: Mapping[str, pl.Expr], only: Sequence[str] = ()) -> pl.Expr:
    r"""A row as JSON; times are ISO 8601 in UTC, decimals texts, bytes hexadecimal after ``\x``.

    Args:
        table: The table.
        values: Columns that differ from the stored row.
        only: The columns to write; all without it.
    """
    schema = polars_schema(table.schema)
    fields = [
        _plain(values.get(name, pl.col(name)), dtype).alias(name)
        for name, dtype in schema.items()
        if not only or name in only
    ]
    return pl.struct(fields).struct.json_encode()


def _plain(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    value = value.cast(dtype)
    if isinstance(dtype, pl.Datetime):
        return microseconds(value).cast(pl.Datetime("us")).dt.strftime(ISO)
    if dtype == pl.Binary:
        return pl.lit("\\x") + value.bin.encode("hex")
    return value


def _in_order(versions: Sequence[Version]) -> list[pl.Expr]:
    """The moments of versions; none precedes the one before it, whatever the data say."""
    at: list[pl.Expr] = []
    for version in versions:
        moment = microseconds(version.at)
        if at:
            moment = pl.when(moment.is_not_null()).then(
                pl.max_horizontal(*(f"__at{n}" for n, _ in enumerate(at)), moment)
            )
        at.append(moment)
    return at


def _moment_or_null(table: Table) -> pl.Expr:
    at = _moment(table)
    return pl.lit(None, pl.Int64) if at is None else at


def _moment(table: Table) -> pl.Expr | None:
    found = moment_of(table.schema, table.event_time)
    if found is None and isinstance(table.partitioning, Daily):
        day = pl.col(table.partitioning.partition_column).str.to_date()
        return microseconds(day.cast(pl.Datetime("us")))
    return found
