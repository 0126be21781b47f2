"""A table as BigQuery is told to make it: partitions, clusters, keys, labels, descriptions."""

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
from synth_assets.stores.bigquery.names import SLICE, Place

LONGEST_DESCRIPTION = 16_384
LONGEST_LABEL, MOST_LABELS = 63, 64
MOST_CLUSTERS = 4
CLUSTERED = {"INT64", "STRING", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "NUMERIC", "BIGNUMERIC"}
# More than a table has partitions (4096 shards); BigQuery allows 10,000 partitions.
SLICES = PartitionRange(start=0, end=4096, interval=1)

Look = Callable[[Place], bigquery.Table | None]


def resource(table: Table, place: Place, look: Look) -> bigquery.Table:
    """The table to create; ``look`` finds its parents."""
    fields = all_fields(table)
    made = bigquery.Table(place.path, schema=fields)
    made.friendly_name = table.path
    made.description = table.doc[:LONGEST_DESCRIPTION]
    made.labels = labels(table)
    made.clustering_fields = clusters(table, fields) or None
    names = {field.name: field.field_type for field in fields}
    if names[table.partitioning.partition_column] == "DATE":
        made.time_partitioning = TimePartitioning(field=table.partitioning.partition_column)
    elif SLICE in names:
        made.range_partitioning = RangePartitioning(field=SLICE, range_=SLICES)
    if keys := constraints(table, place, look):
        made.table_constraints = keys
    return made


def decorator(table: Table, key: str) -> str:
    """What follows the table's name to mean a partition; nothing for a whole table."""
    fields = {field.name for field in all_fields(table)}
    if SLICE in fields:
        return f"${index_of(table.partitioning, key)}"
    return f"${key.replace('-', '')}" if table.partitioning.column_type == pl.Date else ""


def labels(table: Table) -> dict[str, str]:
    """Domain, code version and tags, in the letters that labels may have."""
    facts = {"domain": table.domain, "code_version": table.code_version, **table.tags}
    made = {_label(name).lstrip("0123456789_-"): _label(value) for name, value in facts.items()}
    return dict([item for item in made.items() if item[0]][:MOST_LABELS])


def _label(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "_", text.lower())[:LONGEST_LABEL]


def clusters(table: Table, fields: list[SchemaField]) -> list[str]:
    """The first columns of the table's clustering by which BigQuery can cluster."""
    able = {f.name for f in fields if f.field_type in CLUSTERED and f.mode != "REPEATED"}
    return [name for name in table.clustering if name in able][:MOST_CLUSTERS]


def constraints(table: Table, place: Place, look: Look) -> TableConstraints | None:
    """The keys, which BigQuery takes on trust to plan queries.

    So only those of tables whose gate stops what breaks them, and of parents that are there.
    """
    keys = [c.name for c in columns_of(table.schema) if c.primary_key]
    if not table.blocking:
        return None
    primary = PrimaryKey(columns=keys) if keys else None
    foreign = list(_foreign_keys(table, place, look))
    return TableConstraints(primary_key=primary, foreign_keys=foreign) if keys or foreign else None


def _foreign_keys(table: Table, place: Place, look: Look) -> Iterator[ForeignKey]:
    for column in columns_of(table.schema):
        if column.foreign_key is None:
            continue
        role, parent_column = column.foreign_key
        parent = place._replace(table=table.parents[role].replace(" ", "_"))
        found = look(parent)
        known = found and found.table_constraints and found.table_constraints.primary_key
        if known and known.columns == [parent_column]:
            yield ForeignKey(
                name=column.name,
                referenced_table=TableReference.from_string(parent.path),
                column_references=[ColumnReference(column.name, parent_column)],
            )
