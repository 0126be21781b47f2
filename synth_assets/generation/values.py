"""Whole numbers as the values that people see: timestamps, money, ids."""

from __future__ import annotations

from datetime import datetime

import polars as pl

# Seconds.
HOUR, DAY = 3_600, 86_400
EPOCH = datetime(1970, 1, 1)


def moment(seconds: pl.Expr) -> pl.Expr:
    """A timestamp from seconds since 1970 (UTC)."""
    return (seconds * 1_000_000).cast(pl.Datetime("us"))


def since_epoch(when: datetime) -> int:
    """Seconds since 1970."""
    return int((when - EPOCH).total_seconds())


def cents(amount: pl.Expr, precision: int = 10) -> pl.Expr:
    """A decimal with two places from hundredths."""
    return (amount / 100).cast(pl.Decimal(precision, 2))


def numbered(prefix: str, number: pl.Expr, base: int = 0) -> pl.Expr:
    """An id: the prefix and a number."""
    return pl.concat_str(pl.lit(prefix), (number + base).cast(pl.String))
