"""Partition definitions, derived from slicings: the same object for the same slicing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import dagster as dg

from synth_assets.generation.errors import UserError
from synth_assets.generation.slicing import Daily, Slicing, Whole, position_of
from synth_assets.generation.table import Table

SEPARATOR = ".."


@cache
def partitions_of(slicing: Slicing) -> dg.PartitionsDefinition | None:
    """Daily or static partitions with the slicing's keys; None for a table that is not cut."""
    if isinstance(slicing, Whole):
        return None
    if isinstance(slicing, Daily):
        end = slicing.end.isoformat() if slicing.end else None
        return dg.DailyPartitionsDefinition(start_date=slicing.start.isoformat(), end_date=end)
    return dg.StaticPartitionsDefinition(list(slicing.keys()))


def has_partitions(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> bool:
    """Whether a run has a partition or a range of them; one of checks alone may have neither."""
    return context.has_partition_key or context.has_partition_key_range


def keys_between(slicing: Slicing, text: str | None) -> list[str]:
    """The keys that ``a``, ``a..b`` or nothing (all) stands for; ``UserError`` if it names none.

    A table that is not cut takes part whatever is asked for.
    """
    keys = list(slicing.keys())
    if text is None or isinstance(slicing, Whole):
        return keys
    first, separator, last = text.partition(SEPARATOR)
    slicing.steps(first)
    if not separator:
        position_of(slicing, first)
        return [first]
    slicing.steps(last)
    start, stop = position_of(slicing, first), position_of(slicing, last)
    if stop < start:
        raise UserError(f"partitions {text}: {last} comes before {first}")
    return keys[start : stop + 1]


def keys_among(tables: Sequence[Table], text: str | None) -> list[str]:
    """The keys of a run over tables of a domain: of those that are cut; none if none is."""
    cut = [table.slicing for table in tables if partitions_of(table.slicing)]
    return keys_between(cut[0], text) if cut else []
