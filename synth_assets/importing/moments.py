"""Dates and times: each after the one that comes before it, in its row or in a parent's.

``names.STAGES`` says which comes first; a condition of the table, such as ``ends_at >= starts_at``,
comes before it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from synth_assets.importing.conditions import ordered
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.found import TIMES, FoundColumn, FoundTable, Kind
from synth_assets.importing.names import rule_for, stage

# What a date can be: ends of ranges are rounded, and databases know years before and after these.
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Where rows show no other range.
START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
MOST_AFTER_PARENT = "365d"
# The longest delay after the time before, by what the name says.
DELAYS: tuple[tuple[str, str], ...] = (
    (".*(valid|expir|warrant).*", "730d"),
    (".*(left|terminated|cancel|churn|deleted|archived).*", "1095d"),
    (".*(updated|modified|changed|seen).*", "180d"),
    (".*", "30d"),
)


def decide(context: Context, column: FoundColumn) -> Decision | None:
    """The generator of a date or a time.

    Args:
        context: The table.
        column: The column, of any kind.
    """
    if column.type.kind not in TIMES:
        return None
    if column.name == context.partitions.day:
        return Decision(_in_day(context, column), Because.DECLARED, "the day of its partition")
    earlier = earlier_column(context.table, column)
    if earlier is not None:
        than, declared = earlier
        because = Because.DECLARED if declared else Because.NAME
        return Decision(_later(column, than.name), because, f"after `{than.name}`")
    rule = rule_for(context.table.name, column.name, column.type.kind)
    bounds = context.of(column).bounds
    if bounds is not None:
        start, end = map(moment, bounds)
        return Decision(_between(column, start, end), Because.ROWS)
    if rule is not None and rule.fields:
        start, end = (datetime.fromisoformat(rule.fields[k]) for k in ("start", "end"))
        return Decision(_between(column, start, end), Because.NAME)
    parent = _parent_time(context, column)
    if parent is not None:
        through, than = parent
        fields = _later(column, than.name) | {
            "through": through, "most": MOST_AFTER_PARENT, "distribution": "exponential",
        }  # fmt: skip
        return Decision(fields, Because.NAME, f"after `{than.name}` of the row of `{through}`")
    return Decision(_between(column, START, END), Because.TYPE)


def moment(seconds: float) -> datetime:
    """The time that a bound of a profile means; the nearest one that there is.

    Args:
        seconds: Seconds since 1970.
    """
    first, last = ((end - EPOCH).total_seconds() for end in (FIRST, LAST))
    return EPOCH + timedelta(seconds=min(max(seconds, first), last))


def earlier_column(table: FoundTable, column: FoundColumn) -> tuple[FoundColumn, bool] | None:
    """The column of the same row that has an earlier time, and whether a condition says so.

    Args:
        table: The table.
        column: A column with a time.
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


def _parent_time(context: Context, column: FoundColumn) -> tuple[str, FoundColumn] | None:
    """A reference that is never null, and the parent's first time, if it is never null."""
    for through, reference in context.structure.references.items():
        if reference.parent == context.table.name or context.table.column(through).nullable:
            continue
        parent = context.tables[reference.parent]
        times = [
            (found, c)
            for c in parent.columns
            if c.type.kind in TIMES and not c.nullable and (found := stage(c.name)) is not None
        ]
        if times:
            return through, min(times, key=lambda pair: pair[0])[1]
    return None


def _in_day(context: Context, column: FoundColumn) -> dict[str, Any]:
    """A date or time of the day of a row, after the parent's where that is on the same day."""
    if column.type.kind is Kind.DATE:
        return {"kind": "date"}
    parent = _parent_time(context, column)
    after = {"through": parent[0], "after": parent[1].name} if parent else {}
    return {"kind": "timestamp", **after}


def _later(column: FoundColumn, than: str) -> dict[str, Any]:
    least = "1d" if column.type.kind is Kind.DATE else "1m"
    most = next(delay for words, delay in DELAYS if re.fullmatch(words, column.name.lower()))
    return {"kind": "later", "than": than, "least": least, "most": most}


def _between(column: FoundColumn, start: datetime, end: datetime) -> dict[str, Any]:
    if column.type.kind is Kind.DATE:
        return {"kind": "date", "start": start.date(), "end": end.date()}
    # Whole days: the time of a range's end would be that of a single row.
    first = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    last = end.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    first = min(first, LAST.replace(tzinfo=None) - timedelta(days=1))
    return {"kind": "timestamp", "start": first, "end": max(last, first + timedelta(days=1))}
