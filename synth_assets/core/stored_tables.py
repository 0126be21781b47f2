"""The tables that a store has for a table: the same one, a relocated one, or several."""

from __future__ import annotations

from dataclasses import replace

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Unpartitioned


def relocated(table: Table) -> Table:
    """The one table that all partitions share, in the schema of the table's location.

    Args:
        table: A table with a location.
    """
    assert table.location is not None
    prefix = table.location.prefix
    return replace(
        table,
        domain=table.location.schema,
        name=table.name.removeprefix(prefix),
        parents={role: parent.removeprefix(prefix) for role, parent in table.parents.items()},
        deps=(),
        location=None,
    )


def partition_table(table: Table, key: str) -> Table:
    """The table that holds one partition, in the schema of the table's location.

    Args:
        table: A table with a location that has one table per partition.
        key: Partition key.
    """
    assert table.location is not None
    assert table.location.suffixes is not None
    suffix = table.location.suffixes[key]
    return replace(
        table,
        domain=table.location.schema,
        name=table.name.removeprefix(table.location.prefix) + suffix,
        partitioning=Unpartitioned(),
        parents={role: parent + suffix for role, parent in table.parents.items()},
        deps=(),
        location=None,
    )


def stored_tables(table: Table) -> list[Table]:
    """The tables that a store has for this one: one, or one for each partition.

    Args:
        table: The table as it is declared.
    """
    if table.location is None:
        return [table]
    if table.location.suffixes is None:
        return [relocated(table)]
    return [partition_table(table, key) for key in table.location.suffixes]
