"""Values as text: numbers, times, ranges and cells, and text without invisible characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup, escape

# Characters of a cell at most.
LENGTH = 120
# Code in a sentence.
CODE = re.compile("`([^`]+)`")
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


def percent(share: float) -> str:
    """A share as a percentage with up to three digits.

    Args:
        share: The share, 0 to 1.
    """
    value = 100 * share
    return f"{value:.0f}%" if float(value).is_integer() or abs(value) >= 100 else f"{value:.3g}%"


def code(text: str) -> Markup:
    """A sentence as HTML, with what is in backticks as code.

    Args:
        text: The sentence, which is escaped.
    """
    # Characters that ``visible`` replaces are replaced here: it leaves HTML as it is.
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(visible(text)))))


def ago(moment: datetime, now: datetime) -> str:
    """The time between two moments, in the largest unit that fits.

    Args:
        moment: The earlier moment.
        now: The later moment.
    """
    seconds = max((now - moment) // timedelta(seconds=1), 0)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if count := seconds // length:
            return f"{count:,} {unit}{'' if count == 1 else 's'} earlier"
    return "less than a minute earlier"
