"""Conversions between integers and the values of columns: timestamps, money, ids."""

from __future__ import annotations

from datetime import date, datetime, time

import polars as pl

from synth_assets.randomness.fixed_width import prefixed

# Seconds.
HOUR, DAY = 3_600, 86_400
EPOCH = datetime(1970, 1, 1)


def moment(seconds: pl.Expr, zone: str | None = None) -> pl.Expr:
    """A timestamp with microseconds.

    Args:
        seconds: Seconds since 1970 (UTC), Int64.
        zone: Time zone of the type; without it the timestamp is naive.
    """
    return (seconds * 1_000_000).cast(pl.Datetime("us", zone))


def since_epoch(when: date) -> int:
    """Seconds from 1970 to a point in time.

    Args:
        when: A naive datetime, or a date, which represents the midnight at which it begins.
    """
    then = when if isinstance(when, datetime) else datetime.combine(when, time.min)
    return int((then - EPOCH).total_seconds())


def cents(amount: pl.Expr, precision: int = 10) -> pl.Expr:
    """A decimal with two places.

    Args:
        amount: Hundredths, an integer.
        precision: Digits of the decimal, those after the point included.
    """
    return (amount / 100).cast(pl.Decimal(precision, 2))


def dollars(amount: pl.Expr) -> pl.Expr:
    """A float with two places.

    Args:
        amount: Hundredths, an integer.
    """
    # Rounded: a quotient alone depends, in its last bit, on its place in the vector.
    return (amount / 100).round(2)


def hundredths(amount: pl.Expr) -> pl.Expr:
    """Whole hundredths (Int64).

    Args:
        amount: An amount with two places.
    """
    return (amount * 100).round(0).cast(pl.Int64)


def numbered(prefix: str, number: pl.Expr, base: int = 0) -> pl.Expr:
    """An id: a prefix and a number.

    Args:
        prefix: Text before the number.
        number: An integer.
        base: Added to the number.
    """
    return pl.map_batches(
        [number + base],
        lambda columns: prefixed(prefix, columns[0]),
        return_dtype=pl.String,
        is_elementwise=True,
    )
