"""The query that a scan sends, and how its rows become the schema's again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter

from synth_assets.core.model import Table
from synth_assets.core.partitioning import index_of
from synth_assets.stores.bigquery import null_lists
from synth_assets.stores.bigquery.columns import all_fields, null_lists_of
from synth_assets.stores.bigquery.names import NULL_LISTS, SLICE, Place, quoted
from synth_assets.stores.bigquery.service import Parameter

# BigQuery marks its timestamps without a zone; to Polars they are plain ones.
pl.register_extension_type("google:sqlType:datetime", as_storage=True)


def selection(
    table: Table,
    place: Place,
    names: Collection[str],
    keys: Sequence[str] | None,
    rows: int | None,
) -> tuple[str, list[Parameter]]:
    """The query for some columns of some partitions, at most so many rows, and its parameters."""
    asked = list(names)
    if set(asked) & set(null_lists_of(table.schema.columns())):
        asked.append(NULL_LISTS)
    condition, parameters = _in_slices(table, keys)
    limit = f" LIMIT {int(rows)}" if rows is not None else ""
    columns = ", ".join(map(quoted, asked))
    return f"SELECT {columns} FROM {place.sql}{condition}{limit}", parameters


def _in_slices(table: Table, keys: Sequence[str] | None) -> tuple[str, list[Parameter]]:
    """The range of partitions, which is what BigQuery leaves out others by, and the keys."""
    if keys is None:
        return "", []
    partition_column = table.partitioning.partition_column
    types = {field.name: field.field_type for field in all_fields(table)}
    values: list[Any] = list(keys)
    if types[partition_column] == "DATE":
        values = [date.fromisoformat(key) for key in keys]
    condition = f" WHERE {quoted(partition_column)} IN UNNEST(@keys)"
    parameters: list[Parameter] = [ArrayQueryParameter("keys", types[partition_column], values)]
    part = SLICE if SLICE in types else partition_column
    if values and (part == SLICE or types[partition_column] == "DATE"):
        places = [index_of(table.partitioning, k) for k in keys] if part == SLICE else values
        condition += f" AND {quoted(part)} BETWEEN @first AND @last"
        parameters.append(ScalarQueryParameter("first", types[part], min(places)))
        parameters.append(ScalarQueryParameter("last", types[part], max(places)))
    return condition, parameters


def restoring(table: Table, wanted: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """Expressions that make stored columns those of the schema."""
    columns = table.schema.columns()
    own = null_lists.read(columns, [name for name in wanted if name in columns])
    made = dict(zip([name for name in wanted if name in columns], own, strict=True))
    return [made.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in wanted.items()]
