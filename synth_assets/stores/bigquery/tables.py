"""The resource of a table to create: partitions, clusters, keys, labels, descriptions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import polars as pl
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField
from google.cloud.bigquery.table import (
    ColumnReference,
    ForeignKey,
    PartitionRange,
    PrimaryKey,
    RangePartitioning,
    TableConstraints,
    TableReference,
    TimePartitioning,
)

from synth_assets.core.model import Table
from synth_assets.core.partitioning import index_of
from synth_assets.core.schema import columns_of
from synth_assets.stores.bigquery.columns import all_fields
from synth_assets.stores.bigquery.names import PARTITION_INDEX, TableName

# Characters of a description and of a label, labels and clustering columns of a table (BigQuery's
# quotas and limits).
MAX_DESCRIPTION = 16_384
MAX_LABEL_LENGTH, MAX_LABELS = 63, 64
MAX_CLUSTERS = 4
CLUSTERED = {"INT64", "STRING", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "NUMERIC", "BIGNUMERIC"}
# A table has at most 4096 shards; BigQuery allows 10,000 partitions.
PARTITION_INDEXES = PartitionRange(start=0, end=4096, interval=1)

FindTable = Callable[[TableName], bigquery.Table | None]


def resource(table: Table, name: TableName, find: FindTable) -> bigquery.Table:
    """The resource of a table to create.

    Args:
        table: The table.
        name: Its name in BigQuery.
        find: Looks up its parents, for foreign keys.
    """
    fields = all_fields(table)
    created = bigquery.Table(name.path, schema=fields)
    created.friendly_name = table.path
    created.description = table.doc[:MAX_DESCRIPTION]
    created.labels = labels(table)
    created.clustering_fields = clusters(table, fields) or None
    names = {field.name: field.field_type for field in fields}
    if names[table.partitioning.partition_column] == "DATE":
        created.time_partitioning = TimePartitioning(field=table.partitioning.partition_column)
    elif PARTITION_INDEX in names:
        created.range_partitioning = RangePartitioning(
            field=PARTITION_INDEX, range_=PARTITION_INDEXES
        )
    if keys := constraints(table, name, find):
        created.table_constraints = keys
    return created


def decorator(table: Table, key: str) -> str:
    """The suffix of a table's name that selects a partition.

    Args:
        table: The table.
        key: The partition's key.

    Returns:
        ``$`` and the partition's id; empty for a table that is not partitioned.
    """
    fields = {field.name for field in all_fields(table)}
    if PARTITION_INDEX in fields:
        return f"${index_of(table.partitioning, key)}"
    return f"${key.replace('-', '')}" if table.partitioning.column_type == pl.Date else ""


def labels(table: Table) -> dict[str, str]:
    """Labels for domain, code version and tags, in the characters that labels allow.

    Args:
        table: The table.
    """
    facts = {"domain": table.domain, "code_version": table.code_version, **table.tags}
    labels = {_label(name).lstrip("0123456789_-"): _label(value) for name, value in facts.items()}
    return dict([item for item in labels.items() if item[0]][:MAX_LABELS])


def _label(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "_", text.lower())[:MAX_LABEL_LENGTH]


def clusters(table: Table, fields: list[SchemaField]) -> list[str]:
    """The first columns of the table's clustering that BigQuery can cluster by.

    Args:
        table: The table.
        fields: Its columns in BigQuery.
    """
    clusterable = {f.name for f in fields if f.field_type in CLUSTERED and f.mode != "REPEATED"}
    return [name for name in table.clustering if name in clusterable][:MAX_CLUSTERS]


def constraints(table: Table, name: TableName, find: FindTable) -> TableConstraints | None:
    """The primary and foreign keys, which BigQuery does not enforce but uses to plan queries.

    So only tables with blocking checks have keys, and foreign keys only reference existing parents.

    Args:
        table: The table.
        name: Its name in BigQuery.
        find: Looks up its parents.
    """
    keys = [c.name for c in columns_of(table.schema) if c.primary_key]
    if not table.blocking:
        return None
    primary = PrimaryKey(columns=keys) if keys else None
    foreign = list(_foreign_keys(table, name, find))
    return TableConstraints(primary_key=primary, foreign_keys=foreign) if keys or foreign else None


def _foreign_keys(table: Table, name: TableName, find: FindTable) -> Iterator[ForeignKey]:
    for column in columns_of(table.schema):
        if column.foreign_key is None:
            continue
        role, parent_column = column.foreign_key
        parent = name._replace(table=table.parents[role].replace(" ", "_"))
        found = find(parent)
        known = found and found.table_constraints and found.table_constraints.primary_key
        if known and known.columns == [parent_column]:
            yield ForeignKey(
                name=column.name,
                referenced_table=TableReference.from_string(parent.path),
                column_references=[ColumnReference(column.name, parent_column)],
            )
