"""Distinct values of keys and unique columns: how they are made, and how many there are."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from synth_assets.importing import amounts, texts
from synth_assets.importing.decision import Because, Context, Decision
from synth_assets.importing.found import NUMBERS, TIMES, FoundColumn, FoundTable, Kind
from synth_assets.importing.identifiers import needs_quotes
from synth_assets.importing.listed import MOST, listed_values, literal
from synth_assets.importing.moments import START
from synth_assets.importing.names import rule_for

# Texts of types that are text here.
PATTERNS = {
    Kind.TIME: "[01]#:[0-5]#:[0-5]#",
    Kind.JSON: r'\{"id": #########\}',
    Kind.BINARY: "[0-9a-f]{32}",
}
LETTERS = string.ascii_uppercase + string.digits
SECONDS_A_DAY, MICROSECONDS = 86_400, 1_000_000
# An address has the words of ours and the number of a row.
LEAST_OF_EMAIL = 30
# The largest step of a sequence.
MOST_STEP = 1_000_000
# More rows than any table has.
ENOUGH = 10**12
# Kinds of values of which there are enough, before those of which there may not be.
PREFERRED = (Kind.INTEGER, Kind.UUID, Kind.TEXT, Kind.OTHER)


def room(column: FoundColumn) -> int:
    """How many different values a column can have.

    Args:
        column: The column.
    """
    if values := listed_values(column):
        return len(values)
    kind = column.type.kind
    if kind is Kind.BOOLEAN:
        return 2
    if kind in NUMBERS:
        low, high = _whole_numbers(column)
        return max(high - low + 1, 1)
    if kind in PATTERNS:
        return min(texts.capacity(PATTERNS[kind]), ENOUGH)
    if kind is Kind.TEXT and (pattern := texts.declared(column)):
        return min(texts.capacity(pattern), ENOUGH)
    if kind in (Kind.TEXT, Kind.OTHER) and column.type.length:
        return min(int(len(LETTERS) ** min(column.type.length, 9)), ENOUGH)
    return ENOUGH


def key_column(table: FoundTable, taken: Sequence[str]) -> str | None:
    """The column of a primary key that has no value twice, so that the key has none.

    Args:
        table: The table.
        taken: Columns of the key that have values of other tables.
    """
    able = [name for name in table.primary_key if name not in taken]
    own = [name for name in able if name.lower() == "id" or name.lower().endswith("_id")]

    def rank(name: str) -> tuple[bool, bool, bool]:
        column = table.column(name)
        small = room(column) < ENOUGH and column.type.kind is not Kind.INTEGER
        return small, column.type.kind not in PREFERRED, name not in own

    return min(able, key=rank, default=None)


def decide(context: Context, column: FoundColumn, because: Because) -> Decision | None:
    """The generator of a column without repeats; None if there are too few values.

    Args:
        context: Its table.
        column: The column.
        because: What says that it has none.
    """
    if room(column) < context.count:
        return None
    if listed_values(column):
        return _listed(context, column, because)
    kind = column.type.kind
    if kind is Kind.UUID:
        return Decision({"kind": "uuid"}, because)
    if kind in (Kind.TEXT, Kind.OTHER):
        return _text(context, column, because)
    if kind in PATTERNS:
        return Decision({"kind": "pattern", "pattern": PATTERNS[kind], "unique": True}, because)
    declared = _numbered(column, context.count)
    start, step = declared or first_number(column)
    fields = {"kind": "sequence"} | ({"start": start} if start != 1 else {})
    note = "" if declared or not column.numbered else "its numbers are not those of the source"
    return Decision(fields | ({"step": step} if step != 1 else {}), because, note)


def numbered(column: FoundColumn, context: Context) -> str:
    """The name of a hidden column of numbers, of which a column is computed.

    Args:
        column: The column.
        context: Its table.
    """
    return beside(column, context, ("no", "number", "row_number"))


def beside(column: FoundColumn, context: Context, words: Sequence[str]) -> str:
    """The name of a hidden column beside another one, which no column of the table has.

    Args:
        column: The column.
        context: Its table.
        words: What follows the column's name, the first that makes a new one.
    """
    names = {c.name.lower() for c in context.table.columns}
    candidates = (f"{column.name[:52]}_{word}" for word in words)
    return next(name for name in candidates if name.lower() not in names)


def first_number(column: FoundColumn) -> tuple[int, int]:
    """The first number and the step of a sequence that becomes values of the column's type.

    Args:
        column: The column.
    """
    kind = column.type.kind
    if kind is Kind.DATE:
        return int(START.timestamp()) // SECONDS_A_DAY, 1
    if kind in TIMES:
        return int(START.timestamp()) * MICROSECONDS, MICROSECONDS
    if kind is Kind.BOOLEAN:
        return 0, 1
    low, high = _whole_numbers(column)
    return (1 if low <= 1 <= high else low), 1


def _numbered(column: FoundColumn, rows: int) -> tuple[int, int] | None:
    """The first number and the step that the source declares, if the rows are within the type."""
    if column.type.kind not in NUMBERS or column.numbered is None:
        return None
    start, step = column.numbered
    low, high = amounts.whole_range(column)
    is_within = low <= start and start + step * (rows - 1) <= min(high, MOST)
    return (start, step) if 1 <= step <= MOST_STEP and is_within else None


def _whole_numbers(column: FoundColumn) -> tuple[int, int]:
    """The whole numbers that a column may have, from 1 if it may."""
    first, last = amounts.whole_range(column)
    return (1 if first <= 1 <= last else min(first, last)), last


def _listed(context: Context, column: FoundColumn, because: Because) -> Decision:
    """Each listed value once: chosen by the number of the row."""
    number = numbered(column, context)
    values = listed_values(column)
    cases = [
        f"WHEN {position} THEN {literal(value)}"
        for position, value in enumerate(values[:-1], start=1)
    ]
    last = literal(values[-1])
    name = f'"{number}"' if needs_quotes(number) else number
    sql = f"CASE {name} {' '.join(cases)} ELSE {last} END" if cases else last
    return Decision(
        {"kind": "expression", "sql": sql, "unique": True},
        because,
        "each of the listed values once",
        {number: {"kind": "sequence", "hidden": True}},
    )


def _text(context: Context, column: FoundColumn, because: Because) -> Decision:
    rule = rule_for(context.table.name, column.name, column.type.kind)
    limit = column.type.length or texts.LONGEST_CHECKED
    declared = texts.declared(column)
    if declared and texts.capacity(declared) >= context.count:
        return Decision({"kind": "pattern", "pattern": declared, "unique": True}, Because.DECLARED)
    if rule is not None and rule.pii == "email" and limit >= LEAST_OF_EMAIL:
        return _email(context, column, because)
    rows, profile = context.count, context.of(column)
    if column.name in context.table.primary_key and limit >= len(str(rows)):
        return Decision(texts.key_text(column, context.table.name, profile, rows), because)
    pattern = texts.from_shape(profile) or ""
    if not pattern or texts.capacity(pattern) < rows:
        pattern = texts.distinct_pattern(column, rule, rows)
    return Decision({"kind": "pattern", "pattern": pattern, "unique": True}, because)


def _email(context: Context, column: FoundColumn, because: Because) -> Decision:
    """An address that has the key, so that no two rows share it."""
    key = context.table.primary_key
    if len(key) != 1 or key[0] == column.name:
        fields: dict[str, Any] = {"kind": "pattern", "pattern": "[a-z]{10}@example.com"}
        return Decision(fields | {"unique": True}, because)
    name = f'"{key[0]}"' if needs_quotes(key[0]) else key[0]
    sql = f"'person' || {name} || '@example.com'"
    return Decision({"kind": "expression", "sql": sql, "unique": True}, because)
