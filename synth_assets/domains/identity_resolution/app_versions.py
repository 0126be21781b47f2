"""Versions of the mobile app: when each was released, and which one a user has on a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream, categorical_u16
from synth_assets.randomness.values import DAY, since_epoch

# Releases are at midnight UTC.
RELEASED, EVERY_DAYS, RELEASES = datetime(2019, 1, 1), 42, 61
# Local day of the first uses: it begins after the release in every time zone.
FIRST_USES = RELEASED + timedelta(days=1)
# Releases of a major version, and of a minor one.
MAJOR, MINOR, FIRST_MAJOR = 12, 3, 3
# Share of users by the number of releases that they are behind.
BEHIND = (0.58, 0.20, 0.09, 0.05, 0.03, 0.02, 0.02, 0.01)
VERSIONS = [f"{FIRST_MAJOR + n // MAJOR}.{n % MAJOR // MINOR}.{n % MINOR}" for n in range(RELEASES)]


def version(stream: RandomStream, row: pl.Expr, first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """The version that a user has: released before the last use, not older than the first one.

    Args:
        stream: The random stream.
        row: Row number.
        first: Seconds since 1970 of the first use.
        last: Seconds since 1970 of the last use.
    """
    newest, oldest = (_released(moment) for moment in (last, first))
    behind = categorical_u16(stream.bits(row), BEHIND).cast(pl.Int64)
    at_first = (oldest - behind).clip(0)
    return gather(VERSIONS, pl.max_horizontal(newest - behind, at_first))


def released_after(version: pl.Expr, moment: pl.Expr) -> pl.Expr:
    """Whether a version was released after a moment.

    Args:
        version: The version.
        moment: The moment (naive UTC).
    """
    first = since_epoch(RELEASED)
    released = {v: first + n * EVERY_DAYS * DAY for n, v in enumerate(VERSIONS)}
    return version.replace_strict(released, return_dtype=pl.Int64) > moment.dt.epoch("s")


def _released(moment: pl.Expr) -> pl.Expr:
    """Number of the newest version at a moment."""
    number = (moment - since_epoch(RELEASED)) // (EVERY_DAYS * DAY)
    return number.clip(0, RELEASES - 1)
