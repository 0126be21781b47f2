"""Dagster partition definitions, one object per partitioning, and the keys of a run.

Dagster is imported by the first definition: commands that only read keys start without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partition_keys import keys_between
from synth_assets.core.partitioning import Daily, Partitioning, Unpartitioned
from synth_assets.core.scenario import END_DATE, OPEN, variable_of

if TYPE_CHECKING:
    import dagster as dg


@cache
def partitions_of(partitioning: Partitioning) -> dg.PartitionsDefinition | None:
    """The partition definition with a partitioning's keys: daily or static.

    Args:
        partitioning: How a table is partitioned.

    Returns:
        The same object for equal partitionings; None for an unpartitioned table.
    """
    if isinstance(partitioning, Unpartitioned):
        return None
    import dagster as dg

    if isinstance(partitioning, Daily):
        end = partitioning.end.isoformat() if partitioning.end else None
        return dg.DailyPartitionsDefinition(start_date=partitioning.start.isoformat(), end_date=end)
    return dg.StaticPartitionsDefinition(list(partitioning.keys()))


def has_partitions(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> bool:
    """Whether a run has a partition or a range of them; a run of checks alone may have neither.

    Args:
        context: The context of the run's step.
    """
    return bool(context.has_partition_key or context.has_partition_key_range)


def keys_among(tables: Sequence[Table], text: str | None) -> list[str]:
    """The partition keys of a run over tables of a domain.

    Args:
        tables: The tables; those that are partitioned have the same partitioning.
        text: A key, a range ``a..b``, or None for all keys.

    Returns:
        The selected keys; none if no table is partitioned.

    Raises:
        UserError: The text selects no key of the partitioning, or its first day has not passed.
    """
    partitioned = [t for t in tables if not isinstance(t.partitioning, Unpartitioned)]
    if not partitioned:
        return []
    table = partitioned[0]
    if isinstance(table.partitioning, Daily) and not table.partitioning.keys():
        first = table.partitioning.start
        raise UserError(
            f"{table.domain} has no partition yet: its first is {first}, when it is over"
        )
    try:
        return keys_between(table.partitioning, text)
    except UserError as error:
        if not isinstance(table.partitioning, Daily) or table.partitioning.end is None:
            raise
        raise UserError(f"{error}; {end_of(table.domain)}") from None


def end_of(domain: str) -> str:
    """Which setting ends the days of a domain, in words.

    Args:
        domain: The domain's name.
    """
    return f"{variable_of(domain, END_DATE)} sets the end ({OPEN}: all days up to yesterday)"
