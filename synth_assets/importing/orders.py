"""Which time of a row comes before another one: by a condition of the table, or by their names."""

from __future__ import annotations

from collections.abc import Collection

from synth_assets.importing.conditions import ordered
from synth_assets.importing.found import TIMES, FoundColumn, FoundTable
from synth_assets.importing.names import stage


def earlier_column(
    table: FoundTable, column: FoundColumn, contradicted: Collection[tuple[str, str]] = ()
) -> tuple[FoundColumn, bool] | None:
    """The column of the same row that has an earlier time, and whether a condition says so.

    Args:
        table: The table.
        column: A column with a time.
        contradicted: Pairs of columns that rows do not have in the order of their names.
    """
    times = {c.name: c for c in table.columns if c.type.kind in TIMES}
    for first, second in filter(None, map(ordered, table.checks)):
        if second == column.name and first in times and not _leads_back(table, first, column.name):
            return times[first], True
    own = stage(column.name)
    if own is None:
        return None
    before = [
        (found, c)
        for c in times.values()
        if (found := stage(c.name)) is not None
        and found < own
        and (column.nullable or not c.nullable)
        and (c.name, column.name) not in contradicted
        and not _leads_back(table, c.name, column.name)
    ]
    if not before or _conditioned(table, column.name):
        return None
    return max(before, key=lambda pair: pair[0])[1], False


def _leads_back(table: FoundTable, first: str, second: str) -> bool:
    """Whether the conditions of a table order two columns the other way round, over others too."""
    pairs = [pair for pair in map(ordered, table.checks) if pair]
    reached, waiting = {second}, [second]
    while waiting:
        here = waiting.pop()
        found = {later for earlier, later in pairs if earlier == here} - reached
        reached |= found
        waiting += found
    return first in reached


def _conditioned(table: FoundTable, name: str) -> bool:
    """Whether a condition says that another column is after this one, and nothing before it."""
    pairs = [pair for pair in map(ordered, table.checks) if pair]
    return any(first == name for first, _ in pairs) and not any(s == name for _, s in pairs)
