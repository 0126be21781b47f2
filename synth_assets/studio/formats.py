"""Numbers and names as people read them: sizes, time spans, amounts, names of columns."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import polars as pl

ABBREVIATIONS = {"cpa", "roas", "cpm", "ctv", "utm", "ga4", "id"}


def label(name: str) -> str:
    """A column's name for people.

    Args:
        name: The name, with underscores.
    """
    words = [w.upper() if w in ABBREVIATIONS else w for w in name.split("_")]
    text = " ".join(words).strip()
    return text[:1].upper() + text[1:]


def size(count: float) -> str:
    """A number of bytes for people.

    Args:
        count: Bytes.
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:,.0f} {unit}" if unit == "B" else f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def duration(seconds: float) -> str:
    """A time span for people.

    Args:
        seconds: Its seconds.
    """
    whole = round(seconds)
    if whole < 60:
        return f"{max(whole, 0)} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def moment(at: datetime) -> str:
    """A moment, to the minute, in the time zone of all pages.

    Args:
        at: The moment, with its time zone.
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def compact(value: float | None) -> str:
    """A number in few characters.

    Args:
        value: The number; None for none.
    """
    if value is None:
        return "–"
    for unit, above in (("B", 1e9), ("M", 1e6), ("k", 1e4)):
        if abs(value) >= above:
            return f"{value / (1e3 if unit == 'k' else above):,.1f}{unit}"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.2f}"


def plain(value: float) -> str:
    """A number with at most six significant digits and without an exponent.

    Args:
        value: The number.
    """
    text = f"{Decimal(f'{value:.6g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def total(frame: pl.DataFrame, column: str) -> float:
    """The sum of a column.

    Args:
        frame: The rows.
        column: A column of numbers.
    """
    return float(frame[column].sum())


def money(value: float | None) -> str:
    """An amount of US dollars in few characters.

    Args:
        value: The amount; None for none.
    """
    if value is None:
        return "–"
    return f"{'-' if value < 0 else ''}${compact(abs(value))}"
