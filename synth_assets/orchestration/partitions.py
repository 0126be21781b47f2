"""Partition definitions, derived from partitionings: the same object for the same partitioning."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import dagster as dg

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Partitioning, Unpartitioned, position_of

SEPARATOR = ".."


@cache
def partitions_of(partitioning: Partitioning) -> dg.PartitionsDefinition | None:
    """Daily or static partitions with the partitioning's keys; None for a table that is not cut."""
    if isinstance(partitioning, Unpartitioned):
        return None
    if isinstance(partitioning, Daily):
        end = partitioning.end.isoformat() if partitioning.end else None
        return dg.DailyPartitionsDefinition(start_date=partitioning.start.isoformat(), end_date=end)
    return dg.StaticPartitionsDefinition(list(partitioning.keys()))


def has_partitions(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> bool:
    """Whether a run has a partition or a range of them; one of checks alone may have neither."""
    return bool(context.has_partition_key or context.has_partition_key_range)


def keys_between(partitioning: Partitioning, text: str | None) -> list[str]:
    """The keys that ``a``, ``a..b`` or nothing (all) stands for; ``UserError`` if it names none.

    A table that is not cut takes part whatever is asked for.
    """
    keys = list(partitioning.keys())
    if text is None or isinstance(partitioning, Unpartitioned):
        return keys
    first, separator, last = text.partition(SEPARATOR)
    partitioning.steps(first)
    if not separator:
        position_of(partitioning, first)
        return [first]
    partitioning.steps(last)
    start, stop = position_of(partitioning, first), position_of(partitioning, last)
    if stop < start:
        raise UserError(f"partitions {text}: {last} comes before {first}")
    return keys[start : stop + 1]


def keys_among(tables: Sequence[Table], text: str | None) -> list[str]:
    """The keys of a run over tables of a domain: of those that are cut; none if none is."""
    cut = [table.partitioning for table in tables if partitions_of(table.partitioning)]
    return keys_between(cut[0], text) if cut else []
