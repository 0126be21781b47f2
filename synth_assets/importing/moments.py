"""Dates and times: each after the one that comes before it, in its row or in a parent's.

``orders`` says which comes first, rows how long after it; where two ranges do not overlap, each is
made by itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from synth_assets.declarative.times import DAY, MOST_DELAY
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.disclosure import is_skewed
from synth_assets.importing.found import TIMES, FoundColumn, Kind
from synth_assets.importing.names import rule_for, stage
from synth_assets.importing.orders import earlier_column
from synth_assets.importing.time_conditions import time_bounds

# What a date can be: ends of ranges are rounded, and databases know years before and after these.
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Where nothing says another range, and its length where one end is declared.
START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
MOST_AFTER_PARENT = "365d"
# The shortest and the longest delay after the time before, by what the name says.
DELAYS: tuple[tuple[str, str, str], ...] = (
    (".*(birth|born|dob).*", "6570d", "14600d"),
    (".*(death|died|deceased).*", "1d", "32850d"),
    (".*(retire|pension).*", "3650d", "14600d"),
    (".*(graduat|matur).*", "365d", "1825d"),
    (".*(valid|expir|warrant).*", "", "730d"),
    (".*(left|terminat|resign|cancel|churn|delete|deletion|archive|contract|lease).*", "", "1095d"),
    (".*(updated|modified|changed|seen|last|latest|recent).*", "", "180d"),
    (".*", "", "30d"),
)
# An exponential delay ends at five times its mean, which is so many times its median.
MEDIANS = 5 / math.log(2)
# Delays that rows show are wide if they are so many times as wide as the range of the times.
WIDER = 1.25
# Delays are in a unit of which the longest has so many at least.
PARTS = 100
UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))
Span = tuple[datetime, datetime]


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
    earlier = _earlier(context, column)
    after = _after(context, column, *earlier) if earlier is not None else None
    if after is not None:
        return after
    known = _span(context, column)
    if known is not None:
        span, because = known
        return Decision(_between(column, *span), because)
    parent = _parent_time(context, column)
    if parent is not None:
        through, than = parent
        fields = _later(column, than.name) | {
            "through": through, "most": MOST_AFTER_PARENT, "distribution": "exponential",
        }  # fmt: skip
        return Decision(fields, Because.NAME, f"after `{than.name}` of the row of `{through}`")
    return Decision(_between(column, START, END), Because.TYPE)


def _earlier(context: Context, column: FoundColumn) -> tuple[FoundColumn, bool] | None:
    contradicted = context.profile.contradicted if context.profile else ()
    return earlier_column(context.table, column, contradicted)


def _after(
    context: Context, column: FoundColumn, than: FoundColumn, declared: bool
) -> Decision | None:
    """A time after another one of its row; None if only names say so, and rows show a range."""
    profile = context.of(column)
    because = Because.DECLARED if declared else Because.NAME
    known = _span(context, column)
    own = known[0] if known else (START, END)
    is_apart = _is_apart(context, own, than)
    if profile.delays is not None and not (
        # Delays that differ by more than the times do would lead beyond their range.
        _is_wide(profile.delays, own) and (is_apart or not declared)
    ):
        return _delayed(column, than, profile.delays, declared)
    if is_apart:
        said = f"after `{than.name}`, which ends before"
        return Decision(_between(column, *own), known[1] if known else because, said)
    if profile.bounds is not None and not declared:
        return None
    return Decision(_later(column, than.name), because, f"after `{than.name}`")


def _is_apart(context: Context, own: Span, than: FoundColumn) -> bool:
    """Whether the range of another time of the row ends before one begins."""
    is_made_so = than.name in context.table.primary_key or than.unique
    if is_made_so or than.name == context.partitions.day or _earlier(context, than):
        return False
    before = _span(context, than)
    return before is not None and before[0][1] < own[0]


def _is_wide(delays: Sequence[float], own: Span) -> bool:
    return delays[-1] - delays[0] > WIDER * max((own[1] - own[0]).total_seconds(), DAY)


def _delayed(
    column: FoundColumn, than: FoundColumn, delays: Sequence[float], declared: bool
) -> Decision:
    """A time after another one, with the delays that rows show."""
    low, lower, middle, upper, high = delays
    most, fields, note = high, {}, f"after `{than.name}`, by delays that rows show"
    if is_skewed(delays):
        most = low + MEDIANS * max(middle - low, (upper - low) / 2)
        fields = {"distribution": "exponential"}
        note += "" if high <= 2 * most else "; some of them are longer"
    unit = DAY
    if column.type.kind is not Kind.DATE:
        unit = next((size for _, size in UNITS if size <= most / PARTS), 1)
    first = math.floor(low / unit) * unit
    if declared and lower > 0:  # the condition may not allow equal times
        first = max(first, unit)
    last = max(math.ceil(most / unit) * unit, first)
    note += f"; none is longer than {MOST_DELAY // DAY} days here" if last > MOST_DELAY else ""
    least, most_text = (_duration(min(end, MOST_DELAY)) for end in (first, last))
    return Decision(
        {"kind": "later", "than": than.name, "least": least, "most": most_text, **fields},
        Because.ROWS, note,
    )  # fmt: skip


def _duration(seconds: int) -> str:
    """A duration in the largest unit of which it is a whole number."""
    word, size = next((word, size) for word, size in UNITS if seconds % size == 0)
    return f"{seconds // size}{word}"


def _span(context: Context, column: FoundColumn) -> tuple[Span, Because] | None:
    """The range of a time by what rows show or its name suggests, within what is declared."""
    bounds = context.of(column).bounds
    rule = rule_for(context.table.name, column.name, column.type.kind)
    known: tuple[Span, Because] | None = None
    if bounds is not None:
        known = (moment(bounds[0]), moment(bounds[1])), Because.ROWS
    elif rule is not None and rule.fields:
        first, last = (datetime.fromisoformat(rule.fields[k]) for k in ("start", "end"))
        known = (first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)), Because.NAME
    low, high = time_bounds(context.table, column)
    if low is None and high is None:
        return known
    return _within(known[0] if known else None, low, high), (
        known[1] if known and known[1] is Because.ROWS else Because.DECLARED
    )


def _within(known: Span | None, low: datetime | None, high: datetime | None) -> Span:
    """A range within declared bounds: all of it if both are declared and nothing else is known."""
    if known is None and low is not None and high is not None:
        return low, max(low, high)
    start, end = known or (START, END)
    start, end = max(start, low or start), min(end, high or end)
    if start <= end:
        return start, end
    if low is not None and high is not None:
        return low, max(low, high)
    if low is not None:
        return low, min(low, LAST - YEAR) + YEAR
    assert high is not None
    return max(high, FIRST + YEAR) - YEAR, high


def moment(seconds: float) -> datetime:
    """The time that a bound of a profile means; the nearest one that there is.

    Args:
        seconds: Seconds since 1970.
    """
    first, last = ((end - EPOCH).total_seconds() for end in (FIRST, LAST))
    return EPOCH + timedelta(seconds=min(max(seconds, first), last))


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
    """A date or time of the day of a row, after the parent's where that is in the parent's day.

    Any other time of a parent may be after the day of the row.
    """
    if column.type.kind is Kind.DATE:
        return {"kind": "date"}
    parent = _parent_time(context, column)
    if parent is not None:
        through, than = parent
        of_parent = context.others[context.structure.references[through].parent]
        if of_parent.partitions.daily and of_parent.partitions.day == than.name:
            return {"kind": "timestamp", "through": through, "after": than.name}
    return {"kind": "timestamp"}


def _later(column: FoundColumn, than: str) -> dict[str, Any]:
    name = column.name.lower()
    least, most = next(delay for words, *delay in DELAYS if re.fullmatch(words, name))
    least = least or ("1d" if column.type.kind is Kind.DATE else "1m")
    return {"kind": "later", "than": than, "least": least, "most": most}


def _between(column: FoundColumn, start: datetime, end: datetime) -> dict[str, Any]:
    if column.type.kind is Kind.DATE:
        return {"kind": "date", "start": start.date(), "end": end.date()}
    # Whole days: the time of a range's end would be that of a single row.
    first = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    last = end.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    first = min(first, LAST.replace(tzinfo=None) - timedelta(days=1))
    return {"kind": "timestamp", "start": first, "end": max(last, first + timedelta(days=1))}
