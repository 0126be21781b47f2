"""Cron expressions of five fields: whether their numbers and names are possible."""

from __future__ import annotations

import re

# A field's name, its least and its largest number, and words for numbers; l is the last day.
FIELDS = (
    ("minute", 0, 59, ""),
    ("hour", 0, 23, ""),
    ("day of the month", 1, 31, "l"),
    ("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
    ("weekday", 0, 7, "sun mon tue wed thu fri sat"),
)
WORDS = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
ITEM = re.compile(r"(\*|[0-9a-z]+)(?:-([0-9a-z]+))?(?:/([0-9]+))?")


def require_cron(text: str) -> None:
    """Refuses an expression that names no time.

    Args:
        text: The expression, of five fields or a word.

    Raises:
        ValueError: A field or the word is impossible; names what is allowed.
    """
    if text.startswith("@"):
        if text not in WORDS:
            raise ValueError(f"{text!r} is no schedule: take one of {', '.join(WORDS)}")
        return
    for field, (what, least, most, names) in zip(text.lower().split(), FIELDS, strict=True):
        known = {*map(str, range(least, most + 1)), *names.split()}
        if not all(_possible(item, known) for item in field.split(",")):
            words = f" or {names.replace(' ', ', ')}" if names else ""
            raise ValueError(f"{field!r} is no {what}: from {least} to {most}{words}")


def _possible(item: str, known: set[str]) -> bool:
    found = ITEM.fullmatch(item)
    if found is None:
        return False
    first, last, step = found.groups()
    ends = [end.lstrip("0") or "0" for end in (first, last) if end is not None]
    # A range may pass the end, such as from Friday to Monday.
    possible = last is None if first == "*" else known.issuperset(ends)
    return possible and (step is None or int(step) > 0)
