"""Whole numbers as the values that people see: timestamps, money, ids."""

from __future__ import annotations

from datetime import date, datetime, time

import polars as pl

# Seconds.
HOUR, DAY = 3_600, 86_400
EPOCH = datetime(1970, 1, 1)


def moment(seconds: pl.Expr, zone: str | None = None) -> pl.Expr:
    """A timestamp from seconds since 1970 (UTC); ``zone`` is written into its type."""
    return (seconds * 1_000_000).cast(pl.Datetime("us", zone))


def since_epoch(when: date) -> int:
    """Seconds since 1970 up to a moment, or to the midnight at which a day begins."""
    then = when if isinstance(when, datetime) else datetime.combine(when, time.min)
    return int((then - EPOCH).total_seconds())


def cents(amount: pl.Expr, precision: int = 10) -> pl.Expr:
    """A decimal with two places from hundredths."""
    return (amount / 100).cast(pl.Decimal(precision, 2))


def dollars(amount: pl.Expr) -> pl.Expr:
    """A float with two places from hundredths."""
    # Rounded: a quotient alone depends, in its last bit, on its place in the vector.
    return (amount / 100).round(2)


def hundredths(amount: pl.Expr) -> pl.Expr:
    """Whole hundredths from an amount with two places."""
    return (amount * 100).round(0).cast(pl.Int64)


def numbered(prefix: str, number: pl.Expr, base: int = 0) -> pl.Expr:
    """An id: the prefix and a number."""
    return pl.concat_str(pl.lit(prefix), (number + base).cast(pl.String))
