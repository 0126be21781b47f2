"""The query of a scan, and the expressions that restore the schema's types of its rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter

from synth_assets.core.model import Table
from synth_assets.core.partitioning import column_value, index_of
from synth_assets.stores.bigquery import null_lists
from synth_assets.stores.bigquery.columns import all_fields, nullable_lists
from synth_assets.stores.bigquery.names import NULL_LISTS, PARTITION_INDEX, TableName, quoted
from synth_assets.stores.bigquery.service import Parameter

# BigQuery marks its DATETIME columns with an extension type; Polars reads them as plain ones.
pl.register_extension_type("google:sqlType:datetime", as_storage=True)


def selection(
    table: Table,
    name: TableName,
    names: Collection[str],
    keys: Sequence[str] | None,
    rows: int | None,
) -> tuple[str, list[Parameter]]:
    """The query that reads rows of a table.

    Args:
        table: The table.
        name: Its name in BigQuery.
        names: The requested columns.
        keys: The partitions to read; None for all.
        rows: The greatest number of rows; None for all.

    Returns:
        The query and its parameters.
    """
    selected = list(names)
    if set(selected) & set(nullable_lists(table.schema.columns())):
        selected.append(NULL_LISTS)
    condition, parameters = _in_partitions(table, keys)
    limit = f" LIMIT {int(rows)}" if rows is not None else ""
    columns = ", ".join(map(quoted, selected))
    return f"SELECT {columns} FROM {name.sql}{condition}{limit}", parameters


def _in_partitions(table: Table, keys: Sequence[str] | None) -> tuple[str, list[Parameter]]:
    """The condition on keys, and on their range, by which BigQuery prunes partitions."""
    if keys is None:
        return "", []
    partition_column = table.partitioning.partition_column
    types = {field.name: field.field_type for field in all_fields(table)}
    values: list[Any] = [column_value(table.partitioning, key) for key in keys]
    condition = f" WHERE {quoted(partition_column)} IN UNNEST(@keys)"
    parameters: list[Parameter] = [ArrayQueryParameter("keys", types[partition_column], values)]
    part = PARTITION_INDEX if PARTITION_INDEX in types else partition_column
    if values and (part == PARTITION_INDEX or types[partition_column] == "DATE"):
        indexes = (
            [index_of(table.partitioning, k) for k in keys] if part == PARTITION_INDEX else values
        )
        condition += f" AND {quoted(part)} BETWEEN @first AND @last"
        parameters.append(ScalarQueryParameter("first", types[part], min(indexes)))
        parameters.append(ScalarQueryParameter("last", types[part], max(indexes)))
    return condition, parameters


def restoring(table: Table, requested: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """Expressions that restore the schema's types of stored columns.

    Args:
        table: The table.
        requested: Types of the requested columns by name.
    """
    columns = table.schema.columns()
    own = null_lists.from_stored(columns, [name for name in requested if name in columns])
    restored = dict(zip([name for name in requested if name in columns], own, strict=True))
    return [
        restored.get(name, pl.col(name)).cast(dtype).alias(name)
        for name, dtype in requested.items()
    ]
