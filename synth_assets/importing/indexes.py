"""Unique indexes as every dialect could write them: what says how they are stored is left out."""

from __future__ import annotations

import re

from synth_assets.importing.parsing import NAME, PART
from synth_assets.importing.statements import Statement, parts

FLAGS = re.IGNORECASE | re.DOTALL
# The statement up to its columns; MySQL has the method before the table, PostgreSQL behind it.
HEAD = re.compile(
    r"create\s+unique\s+(?:(?:non)?clustered\s+)?index\s+(?:concurrently\s+)?"
    rf"(?:if\s+not\s+exists\s+)?(?:{PART}\s*\.\s*)*(?P<index>(?!on\s|using\s){PART})?\s*"
    rf"(?:using\s+\w+\s+)?\bon\s+(?:only\s+)?{NAME}(?:\s+using\s+\w+)?",
    FLAGS,
)
# A column, with what says how its values are compared and ordered, or of how many characters.
COLUMN = re.compile(
    rf"(?P<column>{PART})(?:\s*\(\s*\d+\s*\))?(?:\s+collate\s+{PART}(?:\s*\.\s*{PART})*)?"
    r"(?:\s+\w+_ops)?(?:\s+(?:asc|desc))?(?:\s+nulls\s+(?:first|last))?",
    FLAGS,
)
WHERE = re.compile(r"\bwhere\b\s*(?P<condition>.+)", FLAGS)
WITH_VALUE = re.compile(rf"\(*\s*(?P<column>{PART})\s+is\s+not\s+null\s*\)*", FLAGS)


def plain_unique_index(statement: Statement, dialect: str) -> str | None:
    """The statement of a unique index with its columns and its condition alone.

    Args:
        statement: The statement.
        dialect: Its dialect of SQL.

    Returns:
        The text; None if the statement is another one.
    """
    found = parts(statement, dialect) if HEAD.match(statement.text) else None
    head = found and HEAD.fullmatch(found.head)
    if not found or not head:
        return None
    elements = [
        plain["column"] if (plain := COLUMN.fullmatch(element.text)) else f"({element.text})"
        for element in found.elements
    ]
    where = WHERE.search(found.tail)
    # Null is never equal to another value: an index of those with a value is one of all rows.
    present = where and WITH_VALUE.fullmatch(where["condition"])
    is_partial = where and [present and present["column"]] != elements
    index = head["index"] or ""
    text = f"create unique index {index} on {head['name']} ({', '.join(elements)})"
    return f"{text} where true" if is_partial else text
