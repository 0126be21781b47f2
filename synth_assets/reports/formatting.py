"""Values as text: numbers, times, ranges and cells, and text without invisible characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

# Characters of a cell at most.
LENGTH = 120
# Control characters, and characters that reorder or hide the text around them.
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def visible(value: Any) -> Any:
    r"""Text with its control characters as escape sequences, like ``\x1b``.

    Args:
        value: Text; any other value is returned unchanged.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return INVISIBLE.sub(lambda found: found[0].encode("unicode_escape").decode(), value)


def number(value: float) -> str:
    """A number as text: integers with separators, others with four significant digits.

    Args:
        value: The number.
    """
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.4g}"


def timestamp(moment: datetime) -> str:
    """A time as text, to the minute, in UTC if its time zone is known.

    Args:
        moment: The time.
    """
    aware = moment.tzinfo is not None
    shown = moment.astimezone(UTC) if aware else moment
    return shown.strftime("%Y-%m-%d %H:%M") + (" UTC" if aware else "")


def cell_of(value: Any) -> tuple[str, str]:
    """A value of a row: its kind (``null``, ``n`` for a number, or empty) and its text.

    Args:
        value: The value.
    """
    if value is None:
        return "null", "null"
    text = value.hex() if isinstance(value, bytes) else str(value)
    kind = "n" if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return kind, text if len(text) <= LENGTH else text[:LENGTH] + "…"


def span_of(values: Sequence[float]) -> str:
    """The least and the largest value, with a remark if some values are NaN.

    Args:
        values: The values.
    """
    numbers = [value for value in values if value == value]
    ends = [number(end) for end in (min(numbers), max(numbers))] if numbers else []
    shown = " to ".join(dict.fromkeys(ends))
    if len(numbers) == len(values):
        return shown
    return f"{shown}, some nan" if shown else "nan"
